/*
 * state: the states of a context and what moves it between them, one byte at a time. Private
 * to context*.c and url.c.
 */
#ifndef GENERATOR_TEMPLATE_STATE_H
#define GENERATOR_TEMPLATE_STATE_H

#include "generator/template/context.h"

enum state {
	IN_TEXT, /* also all of PLAIN, TEXT and JSON */
	IN_OPEN, /* behind "<" */
	IN_DECLARATION, /* behind "<!", until it is clear of what; its bytes are in `word` */
	IN_DOCTYPE,
	IN_COMMENT,
	IN_CDATA,
	IN_INSTRUCTION, /* "<?" of XML */
	IN_TAG_NAME,
	IN_END_TAG,
	IN_TAG,      /* between attributes */
	IN_TAG_GAP,  /* as IN_TAG, but white space, '/' or '>' must come first */
	IN_ATTRIBUTE,
	IN_ATTRIBUTE_GAP, /* behind an attribute's name and white space */
	IN_EQUALS,
	IN_VALUE,
	IN_UNQUOTED,
	IN_RCDATA, /* title, textarea */
	IN_RAW,    /* script, style and their kind */
	IN_DATA,   /* script that holds JSON */
	STATES
};
enum element { ELEMENT_OTHER, ELEMENT_SCRIPT, ELEMENT_STYLE, ELEMENT_TITLE, ELEMENT_TEXTAREA,
	ELEMENT_IFRAME, ELEMENT_XMP, ELEMENT_NOEMBED, ELEMENT_NOFRAMES, ELEMENT_PLAINTEXT,
	/* With no text of their own kind, but with attributes that decide what runs, or where to. */
	ELEMENT_FRAME, ELEMENT_EMBED, ELEMENT_OBJECT, ELEMENT_BASE, ELEMENT_META,
	ELEMENTS };
enum attribute { ATTRIBUTE_TEXT, ATTRIBUTE_URL, ATTRIBUTE_EVENT, ATTRIBUTE_STYLE,
	ATTRIBUTE_TYPE, ATTRIBUTE_CODE_URL, ATTRIBUTE_LIST, ATTRIBUTE_DOCUMENT,
	ATTRIBUTE_NAMESPACE, ATTRIBUTE_EQUIV };
/* Of a meta: CODE if it acts as a header (http-equiv), JSON if a value is in its content. */
enum script { SCRIPT_UNSAID, SCRIPT_CODE, SCRIPT_JSON };
enum json_part { PART_OUTSIDE, PART_STRING, PART_ESCAPE, PART_HEX };


/* One byte of HTML or XML; of JSON, also inside a script element. */
bool state_step_markup(struct context *, char, struct complaint *);
bool state_step_json(struct context *, char, struct complaint *);

/* Say why a place is refused; always false. */
static inline bool
state_refuse(struct complaint *why, const char *what, const char *remedy)
{
	*why = (struct complaint){ what, remedy };
	return false;
}

static inline char
state_lower(char b)
{
	return b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
}

/* `word` is what has been read of a name. Longer than any name that matters: it stays, but
 * equals nothing. */
static inline void
state_word_clear(struct context *c)
{
	memset(c->word, 0, sizeof c->word);
	c->n = 0;
}

static inline void
state_word_add(struct context *c, char b)
{
	if (c->n < CONTEXT_WORD - 1)
		c->word[c->n++] = state_lower(b);
	else
		c->n = CONTEXT_WORD;
}

static inline struct str
state_word(const struct context *c)
{
	return (struct str){ c->word, c->n < CONTEXT_WORD ? c->n : 0 };
}

static inline void
state_enter(struct context *c, enum state state)
{
	c->state = (uint8_t)state;
	state_word_clear(c);
}

#endif
