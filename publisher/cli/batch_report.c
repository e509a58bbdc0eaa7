/* batch_report: what gates found, for people and for machines. */
#include <stdio.h>

#include "publisher/cli/batch.h"

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

/* Nobody reads more, and a log of 100,000 lines hides the first one, which matters. */
#define PRINTED_MAX 1000
#define LISTED_MAX 5000

void
batch_report(const struct batch *b, bool warnings)
{
	size_t limit = b->limit > 0 ? b->limit : PRINTED_MAX, n = 0;

	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->item[i]->findings; j++)
			if ((warnings || b->item[i]->finding[j].severity == SEVERITY_REJECT)
			    && n++ < limit)
				print_finding(&b->item[i]->finding[j]);
	if (n > limit)
		(void)fprintf(stderr, "... and %zu more findings; mend these, and check again\n",
		    n - limit);
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
	size_t limit = b->limit > 0 ? b->limit : LISTED_MAX, n = 0;

	json_object_set_new(root, "accepted", json_integer((json_int_t)b->accepted));
	json_object_set_new(root, "refused", json_integer((json_int_t)b->refused));
	json_object_set_new(root, "warnings", json_integer((json_int_t)b->warnings));
	for (size_t i = 0; i < b->n; i++) {
		const struct batch_item *item = b->item[i];
		const struct document *d = &item->document;

		if (item->findings == 0 || n++ >= limit)
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
	if (n > limit)
		json_object_set_new(root, "omitted", json_integer((json_int_t)(n - limit)));
	return root;
}
