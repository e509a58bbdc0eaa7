#include "publisher/store/azblob_list.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/clock.h"

#define PARSE_FLAGS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

static const xmlNode *
child(const xmlNode *parent, const char *name)
{
	for (const xmlNode *n = parent != NULL ? parent->children : NULL; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0)
			return n;
	return NULL;
}

/* The text of a child that holds nothing else; copied, empty if there is none. */
static struct str
text_of(struct arena *a, const xmlNode *parent, const char *name)
{
	const xmlNode *n = child(parent, name);
	struct str text = STR("");
	for (const xmlNode *t = n != NULL ? n->children : NULL; t != NULL; t = t->next)
		if (t->type == XML_TEXT_NODE || t->type == XML_CDATA_SECTION_NODE)
			text = arena_printf(a, "%.*s%s", STR_ARG(text), (const char *)t->content);
	return text;
}

static bool
blob_show(const xmlNode *blob, struct str prefix, store_visit *visit, void *ctx, struct err *err)
{
	struct arena *a = arena_new();
	const xmlNode *properties = child(blob, "Properties");
	struct store_entry e = { .key = text_of(a, blob, "Name") };
	bool ok = str_to_u64(text_of(a, properties, "Content-Length"), &e.size)
	    || err_set(err, ERR_BUSY, "the listing has a blob without Content-Length");
	if (!time_parse_http(text_of(a, properties, "Last-Modified"), &e.modified))
		e.modified = 0;
	if (ok && str_starts(e.key, prefix)) {
		e.key = (struct str){ e.key.p + prefix.n, e.key.n - prefix.n };
		ok = visit(ctx, &e, err);
	}
	arena_free(a);
	return ok;
}

static struct str
encoded(struct arena *a, struct str s)
{
	struct buf *out = buf_in(a, 3 * s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
		    || c == '-' || c == '.' || c == '_' || c == '~')
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
	return buf_str(out);
}

static bool
page_show(struct arena *a, const xmlNode *root, struct str prefix, store_visit *visit, void *ctx,
    struct str *marker, struct err *err)
{
	const xmlNode *blobs = child(root, "Blobs");
	if (root == NULL || strcmp((const char *)root->name, "EnumerationResults") != 0 || blobs == NULL)
		return err_set(err, ERR_BUSY, "the answer is no listing");
	for (const xmlNode *n = blobs->children; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, "Blob") == 0
		    && !blob_show(n, prefix, visit, ctx, err))
			return false;
	struct str next = encoded(a, text_of(a, root, "NextMarker"));
	if (next.n > 0 && str_eq(next, *marker))
		return err_set(err, ERR_BUSY, "the listing does not go on");
	*marker = next;
	return true;
}

bool
azblob_list_read(struct arena *a, struct str xml, struct str prefix, store_visit *visit, void *ctx,
    struct str *marker, struct err *err)
{
	if (xml.n > INT32_MAX)
		return err_set(err, ERR_LIMIT, "a listing of %zu bytes", xml.n);
	xmlDoc *doc = xmlReadMemory(xml.p, (int)xml.n, NULL, NULL, PARSE_FLAGS);
	if (doc == NULL)
		return err_set(err, ERR_BUSY, "the answer is not well-formed XML");
	bool ok = page_show(a, xmlDocGetRootElement(doc), prefix, visit, ctx, marker, err);
	xmlFreeDoc(doc);
	return ok;
}
