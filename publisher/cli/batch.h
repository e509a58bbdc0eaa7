/*
 * batch: the documents of one run: read, judged by schema and gates, sorted into bundles.
 * What failed is set aside with its findings and never goes further.
 */
#ifndef PUBLISHER_CLI_BATCH_H
#define PUBLISHER_CLI_BATCH_H

#include "generator/gate/gate.h"
#include "generator/render/render.h"
#include "publisher/cli/cli.h"
#include "publisher/config/config.h"

struct batch_item {
	struct document document; /* of a refused one: whatever could be read of its name */
	struct policy *policy;    /* NULL if its vertical is unknown */
	bool accepted;
	bool kept;                /* not from the input: the live version of a refused one */
	unsigned warnings;
	struct finding *finding;
	size_t findings;
};

struct batch {
	struct arena *arena;
	const struct config *config;
	struct catalog catalog;
	struct schemas *schemas;
	struct batch_item *item; /* in input order */
	size_t n, room;
	size_t inputs;           /* the first of them; the rest are kept */
	size_t accepted, refused, warnings; /* accepted includes kept */
	size_t kept;
	size_t late;             /* refused by the last batch_render */
	struct vertical_policy *policy;
	size_t policies, policy_room;
	struct seen *seen;
	int64_t now;
};

/* Compile the schemas of out->catalog, then read and judge every path (the site's documents folder if
 * n == 0). An error is a broken installation or a missing path, never a bad document. */
bool batch_read(struct arena *, const struct config *, char *const *path, size_t n,
    struct batch *out, struct err *);
/* Judge one more raw document; kept ones are only parsed, gates have seen them before. */
bool batch_take(struct batch *, const struct raw *, bool kept, struct err *);
/* Forget what was kept: the input alone, as batch_read left it. */
void batch_rewind(struct batch *);

/* The documents of one bundle, accepted only. */
struct batch_bundle {
	struct str vertical, locale;
	const struct document **document; /* sorted by id */
	const struct batch_item **item;   /* likewise */
	size_t n, kept, refused;          /* kept: of n; refused: named this bundle and failed */
};
/* Sorted by vertical, then locale. */
void batch_bundles(struct batch *, struct batch_bundle **out, size_t *n);
/* Render every bundle; out[] runs parallel to bundles. A document that the templates cannot show
 * is refused under the name "render": if b->late is not 0 afterwards, what was rendered lacks
 * them, and bundles have to be sorted and rendered again. */
bool batch_render(struct batch *, const struct batch_bundle *, size_t n,
    struct rendered **out, struct err *);

/* Findings for people on standard error ("file:line: …"), warnings too if asked. */
void batch_report(const struct batch *, bool warnings);
/* { "accepted": n, "refused": n, "warnings": n, "documents": [ { where, document, accepted,
 * findings } … with findings only ] } */
json_t *batch_json(const struct batch *);

#endif
