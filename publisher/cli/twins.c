/* twins: documents of one run that are the same, or nearly so. Judged bundle by bundle, each in
 * the order of its ids: who wins depends on the documents alone. */
#include <stdlib.h>

#include "base/parallel.h"
#include "generator/gate/seen.h"
#include "publisher/cli/batch.h"

#define REST_EVERY 512 /* documents; then the memory of the stash is given back */

struct family {
	struct batch_item **item;
	size_t n;
	struct arena *keep; /* of findings */
};

struct search {
	struct batch *batch;
	struct family *family;
	size_t n;
};

static void
add_finding(struct batch_item *item, struct arena *keep, const struct finding *f)
{
	struct findings all = { .arena = keep };
	struct finding copy = *f;
	for (size_t i = 0; i < item->findings; i++)
		findings_add(&all, item->finding[i]);
	copy.element = arena_copy(keep, f->element);
	copy.text = arena_copy(keep, f->text);
	findings_add(&all, copy);
	item->finding = all.item;
	item->findings = all.n;
	item->warnings += f->severity == SEVERITY_WARN;
	item->warned_late = true;
	if (f->severity == SEVERITY_REJECT)
		item->accepted = false;
}

/* Two documents cannot have one URL, whatever the policy says about duplicates. */
static void
refuse_twin(struct batch_item *item, const struct batch_item *first, struct arena *keep)
{
	const struct document *d = &item->document;
	add_finding(item, keep, &(struct finding){ .gate = "schema", .severity = SEVERITY_REJECT,
		.where = d->raw.where, .line = item->id_line, .element = STR("id"),
		.text = arena_printf(keep, "'%.*s' is the id of %.*s as well", STR_ARG(d->id),
		    STR_ARG(first->document.raw.where)),
		.remedy = "give each document of a vertical and locale its own id" });
}

static void
compare(struct batch_item *item, struct seen *seen, struct arena *keep)
{
	struct arena *a = arena_new();
	struct findings f = { .arena = a };
	gates_compare(a, &item->document, item->policy, item->signature, seen, &f);
	for (size_t i = 0; i < f.n; i++)
		add_finding(item, keep, &f.item[i]);
	arena_free(a);
}

static bool
search_family(void *ctx, size_t i, struct err *err)
{
	const struct search *s = ctx;
	const struct family *f = &s->family[i];
	const struct gate *gate = gate_find(STR("duplicates"));
	const struct batch_item *last = NULL; /* accepted */
	struct arena *a = arena_new();
	struct seen *seen = seen_new(a);
	(void)err;
	for (size_t k = 0; k < f->n; k++) {
		struct batch_item *item = f->item[k];
		bool is_twin = last != NULL && str_eq(last->document.id, item->document.id);
		if (is_twin && policy_for(item->policy, item->document.locale)->severity[gate - gates] != SEVERITY_REJECT)
			refuse_twin(item, last, f->keep);
		else
			compare(item, seen, f->keep);
		if (item->accepted)
			last = item;
		if (k % REST_EVERY == REST_EVERY - 1)
			stash_rest(s->batch->stash);
	}
	arena_free(a);
	return true;
}

static void
free_arena(void *arena)
{
	arena_free(arena);
}

bool
batch_refuse_twins(struct batch *b, struct err *err)
{
	struct arena *a = arena_new();
	struct batch_item **item = ARENA_ARRAY(a, struct batch_item *, b->n + 1);
	struct search s = { .batch = b };
	size_t n = 0, room = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->item[i]->accepted)
			item[n++] = b->item[i];
	qsort(item, n, sizeof *item, batch_order);
	for (size_t i = 0; i < n; i++) {
		const struct document *d = &item[i]->document;
		const struct document *before = i > 0 ? &item[i - 1]->document : NULL;
		if (before == NULL || !str_eq(before->vertical, d->vertical)
		    || !str_eq(before->locale, d->locale)) {
			ARENA_GROW(a, s.family, s.n, room);
			s.family[s.n] = (struct family){ .item = &item[i], .keep = arena_new() };
			arena_defer(b->arena, free_arena, s.family[s.n++].keep);
		}
		s.family[s.n - 1].n++;
	}
	bool ok = parallel(s.n, b->jobs, search_family, &s, err);
	arena_free(a);
	stash_rest(b->stash);
	batch_count(b);
	return ok;
}
