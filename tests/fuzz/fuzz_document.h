/*
 * fuzz_document: any bytes are a document or a finding. Of what was accepted the canonical form,
 * and the tree written as JSON, are read as the same document. Run from the top of the tree.
 */
#ifndef TESTS_FUZZ_FUZZ_DOCUMENT_H
#define TESTS_FUZZ_FUZZ_DOCUMENT_H

#include <stdlib.h>

#include "generator/document/document.h"
#include "tests/fuzz/fuzz.h"

static inline bool
read_as(struct arena *a, const struct schemas *schemas, enum document_form form,
    struct str bytes, struct document *out)
{
	const struct raw raw = { STR("fuzz"), STR("fuzz"), 1, form, bytes };
	struct findings findings = { .arena = a };
	bool ok = document_read(a, schemas, &raw, out, &findings);

	if (ok == findings_reject(&findings))
		abort(); /* refused without a reason, or accepted with one */
	return ok;
}

static inline void
must_be(struct arena *a, const struct schemas *schemas, enum document_form form,
    struct str bytes, const struct document *d)
{
	struct document again;

	if (!read_as(a, schemas, form, bytes, &again)
	    || !str_eq(d->canonical, again.canonical))
		abort();
}

static inline int
fuzz_document(enum document_form form, const uint8_t *data, size_t size)
{
	static const char *const roots[] = { "." };
	static struct schemas *schemas;
	struct arena *a = arena_new();
	struct document d;
	struct err err;

	if (schemas == NULL
	    && !schemas_open(arena_new(), &(struct catalog){ roots, 1 }, &schemas, &err))
		abort();
	if (read_as(a, schemas, form, (struct str){ (const char *)data, size }, &d)) {
		struct buf *b = buf_in(a, 16 * DOCUMENT_MAX);
		must_be(a, schemas, FORM_XML, d.canonical, &d);
		node_to_json(d.root, b);
		if (b->n <= DOCUMENT_MAX)
			must_be(a, schemas, FORM_JSON, buf_str(b), &d);
	}
	arena_free(a);
	return 0;
}

#endif
