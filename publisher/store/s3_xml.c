#include "publisher/store/s3_xml.h"

#include <libxml/parser.h>
#include <limits.h>
#include <sodium.h>

#define FLAGS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA)

static void
doc_close(void *doc)
{
	xmlFreeDoc(doc);
}

const xmlNode *
s3_xml_next(const xmlNode *at, const char *name)
{
	while (at != NULL
	    && (at->type != XML_ELEMENT_NODE || !str_eq(str_of((const char *)at->name), str_of(name))))
		at = at->next;
	return at;
}

bool
s3_xml_read(struct arena *a, struct str text, const char *root, const xmlNode **out,
    struct err *err)
{
	if (text.n == 0 || text.n > INT_MAX || memmem(text.p, text.n, "<!", 2) != NULL)
		return err_set(err, ERR_BUSY, "no %s in XML", root);
	xmlDoc *doc = xmlReadMemory(text.p, (int)text.n, NULL, NULL, FLAGS);
	if (doc == NULL)
		return err_set(err, ERR_BUSY, "no well-formed XML");
	arena_defer(a, doc_close, doc);
	*out = s3_xml_next(xmlDocGetRootElement(doc), root);
	return *out != NULL || err_set(err, ERR_BUSY, "no %s in XML", root);
}

const xmlNode *
s3_xml_child(const xmlNode *parent, const char *name)
{
	return parent != NULL ? s3_xml_next(parent->children, name) : NULL;
}

static void
wipe_text(void *text)
{
	sodium_memzero(text, strlen(text));
	xmlFree(text);
}

struct str
s3_xml_text(struct arena *a, const xmlNode *parent, const char *name)
{
	const xmlNode *n = s3_xml_child(parent, name);
	char *text = n != NULL ? (char *)xmlNodeGetContent(n) : NULL;
	if (text == NULL)
		return STR("");
	arena_defer(a, wipe_text, text);
	return str_of(text);
}
