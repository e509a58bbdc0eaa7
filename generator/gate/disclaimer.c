/* The policy may ask for a disclaimer: text at given places of the facts. */
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/language/plain.h"

/* "-----------------------" is long and says nothing. */
static bool
has_words(struct str s)
{
	UChar32 seen[5];
	size_t n = 0;
	for (int32_t i = 0; i < (int32_t)s.n && n < LEN(seen);) {
		UChar32 c;
		U8_NEXT((const uint8_t *)s.p, i, (int32_t)s.n, c);
		bool known = c < 0 || !u_isalpha(c);
		for (size_t k = 0; k < n; k++)
			known = known || seen[k] == c;
		if (!known)
			seen[n++] = c;
	}
	return n == LEN(seen);
}

void
judge_disclaimer(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct policy *p = in->policy;
	int64_t min = p->disclaimer_min;
	if (in->language->is_cjk)
		min = min * p->cjk_percent / 100;
	for (size_t i = 0; i < p->disclaimer.n; i++) {
		struct str path = p->disclaimer.item[i];
		const struct node *n = node_at(in->document->root, path);
		struct str text = n == NULL ? STR("") : str_trim(n->text);
		unsigned line = n == NULL ? 0 : n->line;
		char *element = ARENA_ARRAY(in->arena, char, path.n + 1);
		for (size_t k = 0; k < path.n; k++)
			element[k] = path.p[k] == '.' ? '/' : path.p[k];
		if (text.n == 0)
			gate_report(in, g, out, str_of(element), line,
			    "the policy asks for a disclaimer here, and there is none");
		else if (plain_length(plain_utf16(in->arena, text)) < min || !has_words(text))
			gate_report(in, g, out, str_of(element), line,
			    "'%.*s' disclaims nothing: at least %lld characters are asked for",
			    QUOTE(text), (long long)min);
	}
}
