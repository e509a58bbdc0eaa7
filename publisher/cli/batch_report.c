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

void
batch_report(const struct batch *b, bool warnings)
{
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->item[i]->findings; j++)
			if (warnings || b->item[i]->finding[j].severity == SEVERITY_REJECT)
				print_finding(&b->item[i]->finding[j]);
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
		const struct batch_item *item = b->item[i];
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
