/* batch: intake, schema and gates joined, documents sorted into bundles. */
#include "publisher/cli/batch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "generator/document/intake.h"

struct vertical_policy {
	struct str vertical;
	struct policy policy;
};

/* The policy of a vertical, read once a run. NULL: there is no such vertical. */
static bool
policy_of(struct batch *b, struct str vertical, struct policy **out, struct err *err)
{
	for (size_t i = 0; i < b->policies; i++)
		if (str_eq(b->policy[i].vertical, vertical)) {
			*out = &b->policy[i].policy;
			return true;
		}
	ARENA_GROW(b->arena, b->policy, b->policies, b->policy_room);
	struct vertical_policy *p = &b->policy[b->policies];

	p->vertical = arena_copy(b->arena, vertical);
	if (!policy_open(b->arena, &b->catalog, vertical, &p->policy, err))
		return false;
	b->policies++;
	*out = &p->policy;
	return true;
}

static struct batch_item *
item_add(struct batch *b)
{
	ARENA_GROW(b->arena, b->item, b->n, b->room);
	b->item[b->n] = (struct batch_item){ 0 };
	return &b->item[b->n++];
}

static void
item_close(struct batch *b, struct batch_item *item, const struct findings *f)
{
	item->finding = f->item;
	item->findings = f->n;
	item->accepted = !findings_reject(f);
	for (size_t i = 0; i < f->n; i++)
		item->warnings += f->item[i].severity == SEVERITY_WARN;
	b->warnings += item->warnings;
	b->kept += item->accepted && item->kept;
	b->accepted += item->accepted;
	b->refused += !item->accepted;
}

/* Gates need far more room than their findings, which alone are kept. */
static void
judge(struct batch *b, struct batch_item *item, struct findings *out)
{
	struct arena *a = arena_new();
	struct findings mine = { .arena = a };

	gates_judge(a, &item->document, item->policy, b->seen, b->now, &mine);
	for (size_t i = 0; i < mine.n; i++) {
		struct finding f = mine.item[i];

		f.where = arena_copy(b->arena, f.where);
		f.element = arena_copy(b->arena, f.element);
		f.text = arena_copy(b->arena, f.text);
		findings_add(out, f);
	}
	arena_free(a);
}

bool
batch_take(struct batch *b, const struct raw *raw, bool kept, struct err *err)
{
	struct batch_item *item = item_add(b);
	struct findings f = { .arena = b->arena };

	item->kept = kept;
	item->document.raw = *raw;
	if (document_read(b->arena, b->schemas, raw, &item->document, &f)) {
		if (!policy_of(b, item->document.vertical, &item->policy, err))
			return false;
		if (!kept)
			judge(b, item, &f);
	}
	item_close(b, item, &f);
	return true;
}

static bool
take(void *ctx, const struct raw *raw, struct err *err)
{
	return batch_take(ctx, raw, false, err);
}

static void
refuse(void *ctx, const struct finding *finding)
{
	struct batch *b = ctx;
	struct batch_item *item = item_add(b);
	struct findings f = { .arena = b->arena };

	item->document.raw.where = finding->where;
	findings_add(&f, *finding);
	item_close(b, item, &f);
}

static int
by_name(const void *left, const void *right)
{
	const struct batch_item *l = *(const struct batch_item *const *)left;
	const struct batch_item *r = *(const struct batch_item *const *)right;
	int c = str_cmp(l->document.vertical, r->document.vertical);

	if (c == 0)
		c = str_cmp(l->document.locale, r->document.locale);
	if (c == 0)
		c = str_cmp(l->document.id, r->document.id);
	return c != 0 ? c : (l > r) - (l < r); /* of one name: as they came in */
}

/* An accepted item turns out to be unfit after all. */
static void
item_refuse(struct batch *b, struct batch_item *item, const struct finding *finding)
{
	struct findings f = { .arena = b->arena };

	findings_add(&f, *finding);
	b->accepted--;
	b->warnings -= item->warnings;
	item->warnings = 0;
	item_close(b, item, &f);
}

/* Two documents cannot have one URL, whatever the policy says about duplicates: the first stays. */
static void
refuse_twins(struct batch *b)
{
	struct batch_item **item = ARENA_ARRAY(b->arena, struct batch_item *, b->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->item[i].accepted)
			item[n++] = &b->item[i];
	qsort(item, n, sizeof(struct batch_item *), by_name);
	for (size_t i = 1, first = 0; i < n; i++) {
		const struct document *d = &item[first]->document, *twin = &item[i]->document;

		if (!str_eq(d->vertical, twin->vertical) || !str_eq(d->locale, twin->locale)
		    || !str_eq(d->id, twin->id)) {
			first = i;
			continue;
		}
		item_refuse(b, item[i], &(struct finding){ .gate = "schema",
			.severity = SEVERITY_REJECT, .where = twin->raw.where,
			.line = node_get(twin->root, STR("id"))->line, .element = STR("id"),
			.text = arena_printf(b->arena, "'%.*s' is the id of %.*s as well",
			    STR_ARG(d->id), STR_ARG(d->raw.where)),
			.remedy = "give each document of a vertical and locale its own id" });
	}
}

bool
batch_read(struct arena *a, const struct config *config, char *const *path, size_t n,
    struct batch *out, struct err *err)
{
	const struct intake intake = { .take = take, .refuse = refuse, .ctx = out };
	bool ok = true;

	if (!schemas_open(a, &out->catalog, &out->schemas, err))
		return false;
	out->arena = a;
	out->config = config;
	out->now = clock_now();
	out->seen = seen_new(a);
	for (size_t i = 0; ok && i < n; i++)
		ok = intake_read(a, path[i], &intake, err);
	if (n == 0)
		ok = intake_read(a, config->documents, &intake, err);
	if (ok)
		refuse_twins(out);
	out->inputs = out->n;
	return ok;
}

void
batch_rewind(struct batch *b)
{
	b->n = b->inputs;
	b->accepted -= b->kept;
	b->kept = 0;
}

static size_t
refused_in(const struct batch *b, struct str vertical, struct str locale)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += !b->item[i].accepted && str_eq(b->item[i].document.vertical, vertical)
		    && str_eq(b->item[i].document.locale, locale);
	return n;
}

void
batch_bundles(struct batch *b, struct batch_bundle **out, size_t *n)
{
	const struct batch_item **item = ARENA_ARRAY(b->arena, const struct batch_item *, b->n + 1);
	const struct document **document = ARENA_ARRAY(b->arena, const struct document *, b->n + 1);
	struct batch_bundle *bundle = NULL;
	size_t count = 0, room = 0, items = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->item[i].accepted)
			item[items++] = &b->item[i];
	qsort(item, items, sizeof(struct batch_item *), by_name);
	for (size_t i = 0; i < items; i++) {
		const struct document *d = document[i] = &item[i]->document;

		if (count == 0 || !str_eq(bundle[count - 1].vertical, d->vertical)
		    || !str_eq(bundle[count - 1].locale, d->locale)) {
			ARENA_GROW(b->arena, bundle, count, room);
			bundle[count++] = (struct batch_bundle){ .vertical = d->vertical,
				.locale = d->locale, .document = &document[i], .item = &item[i],
				.refused = refused_in(b, d->vertical, d->locale) };
		}
		bundle[count - 1].n++;
		bundle[count - 1].kept += item[i]->kept;
	}
	*out = bundle;
	*n = count;
}

/* One bundle being rendered among the others. */
struct rendering {
	struct batch *batch;
	const struct batch_bundle *bundle; /* all of them */
	size_t n;
	struct str vertical;
};

static int
id_cmp(const void *key, const void *item)
{
	return str_cmp(*(const struct str *)key, (*(const struct document *const *)item)->id);
}

/* hreflang links only to documents that there are. */
static bool
has_document(void *ctx, struct str locale, struct str id)
{
	const struct rendering *r = ctx;

	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->bundle[i].vertical, r->vertical)
		    && str_eq(r->bundle[i].locale, locale))
			return bsearch(&id, r->bundle[i].document, r->bundle[i].n,
			    sizeof(const struct document *), id_cmp) != NULL;
	return false;
}

/* A document that no template can show is refused like any other; a kept one must not be. */
static bool
refuse_rendering(void *ctx, const struct document *document, const struct err *why)
{
	struct batch *b = ((struct rendering *)ctx)->batch;
	struct batch_item *item = b->item;

	while (&item->document != document)
		item++;
	if (item->kept)
		return false;
	item_refuse(b, item, &(struct finding){ .gate = "render", .severity = SEVERITY_REJECT,
		.where = document->raw.where,
		.text = arena_copy(b->arena, str_of(why->text)),
		.remedy = why->code == ERR_SETUP ? "Mend the template or message; the document may be right."
		                                 : "Correct the value that the templates cannot show." });
	b->late++;
	return true;
}

/* Locales in which this run has the vertical. */
static void
locales_of(const struct rendering *r, struct site_info *site)
{
	site->locale = ARENA_ARRAY(r->batch->arena, struct str, r->n + 1);
	site->locales = 0;
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->bundle[i].vertical, r->vertical))
			site->locale[site->locales++] = r->bundle[i].locale;
}

bool
batch_render(struct batch *b, const struct batch_bundle *bundle, size_t n,
    struct rendered **out, struct err *err)
{
	struct rendering rendering = { .batch = b, .bundle = bundle, .n = n };
	struct site_info site = { .name = b->config->name, .url = b->config->url,
		.publisher = b->config->publisher, .has = has_document,
		.refuse = refuse_rendering, .ctx = &rendering };
	struct rendered *r = *out = ARENA_ARRAY(b->arena, struct rendered, n + 1);

	b->late = 0;
	for (size_t i = 0; i < n; i++) {
		rendering.vertical = bundle[i].vertical;
		locales_of(&rendering, &site);
		if (!render_bundle(b->arena, &b->catalog, b->schemas, &site, bundle[i].vertical,
		    bundle[i].locale, bundle[i].document, bundle[i].n, &r[i], err))
			return false;
	}
	return true;
}

/* One document of a stream: its `where` is "file:line" already. */
static bool
names_line(struct str where)
{
	size_t n = where.n;

	while (n > 0 && where.p[n - 1] >= '0' && where.p[n - 1] <= '9')
		n--;
	return n < where.n && n > 0 && where.p[n - 1] == ':';
}

static void
print_finding(const struct finding *f)
{
	(void)fprintf(stderr, "%.*s", STR_ARG(f->where));
	if (f->line > 0 && !names_line(f->where))
		(void)fprintf(stderr, ":%u", f->line);
	(void)fprintf(stderr, ": %s: %s", f->severity == SEVERITY_WARN ? "warning" : "refused", f->gate);
	if (f->element.n > 0)
		(void)fprintf(stderr, ": %.*s", STR_ARG(f->element));
	(void)fprintf(stderr, ": %.*s", STR_ARG(f->text));
	if (f->remedy != NULL)
		(void)fprintf(stderr, " (%s)", f->remedy);
	(void)fputc('\n', stderr);
}

void
batch_report(const struct batch *b, bool warnings)
{
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->item[i].findings; j++)
			if (warnings || b->item[i].finding[j].severity == SEVERITY_REJECT)
				print_finding(&b->item[i].finding[j]);
}

static json_t *
finding_json(const struct finding *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "gate", json_string(f->gate));
	json_object_set_new(o, "severity",
	    json_string(f->severity == SEVERITY_WARN ? "warn" : "reject"));
	json_object_set_new(o, "line", json_integer(f->line));
	json_object_set_new(o, "element", json_str(f->element));
	json_object_set_new(o, "text", json_str(f->text));
	json_object_set_new(o, "remedy", json_string(f->remedy ? f->remedy : ""));
	return o;
}

json_t *
batch_json(const struct batch *b)
{
	json_t *root = json_new_object(b->arena), *list = json_array();

	json_object_set_new(root, "accepted", json_integer((json_int_t)b->accepted));
	json_object_set_new(root, "refused", json_integer((json_int_t)b->refused));
	json_object_set_new(root, "warnings", json_integer((json_int_t)b->warnings));
	for (size_t i = 0; i < b->n; i++) {
		const struct batch_item *item = &b->item[i];
		const struct document *d = &item->document;

		if (item->findings == 0)
			continue;
		json_t *o = json_object(), *findings = json_array();

		json_object_set_new(o, "where", json_str(d->raw.where));
		json_object_set_new(o, "document", json_str(arena_printf(b->arena, "%.*s/%.*s/%.*s",
		    STR_ARG(d->vertical), STR_ARG(d->locale), STR_ARG(d->id))));
		json_object_set_new(o, "accepted", json_boolean(item->accepted));
		for (size_t j = 0; j < item->findings; j++)
			json_array_append_new(findings, finding_json(&item->finding[j]));
		json_object_set_new(o, "findings", findings);
		json_array_append_new(list, o);
	}
	json_object_set_new(root, "documents", list);
	return root;
}
