/*
 * JUnit's XML, as Jenkins, GitLab, Azure Pipelines and GitHub's reporters read it: one suite
 * for each bundle, one case for each document, one failure for each refused one.
 */
#include <stdlib.h>

#include "publisher/cli/results.h"

/* Character data or an attribute's value; what XML 1.0 cannot hold becomes U+FFFD. */
static void
put(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = str_utf8_length((struct str){ s.p + i, s.n - i });
		char c = s.p[i];
		struct str one = { s.p + i, n };

		if (n == 0 || ((unsigned char)c < 0x20 && c != '\n' && c != '\t') || c == 0x7F
		    || str_eq(one, STR("\xEF\xBF\xBE")) || str_eq(one, STR("\xEF\xBF\xBF")))
			buf_put(out, STR("\xEF\xBF\xBD"));
		else if (c == '<')
			buf_put(out, STR("&lt;"));
		else if (c == '>')
			buf_put(out, STR("&gt;"));
		else if (c == '&')
			buf_put(out, STR("&amp;"));
		else if (c == '"')
			buf_put(out, STR("&quot;"));
		else if (c == '\n')
			buf_put(out, STR("&#10;"));
		else
			buf_put(out, one);
		i += n > 0 ? n : 1;
	}
}

static void
attribute(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, " %s=\"", name);
	put(out, value);
	buf_putc(out, '"');
}

static void
put_finding(struct buf *out, struct arena *a, const struct finding *f)
{
	put(out, arena_printf(a, "%.*s:%u: %s: %.*s%s%.*s (%s)", STR_ARG(results_file(f)), f->line,
	    f->gate, STR_ARG(f->element), f->element.n > 0 ? ": " : "", STR_ARG(f->text),
	    f->remedy != NULL ? f->remedy : ""));
	buf_putc(out, '\n');
}

/* The findings of one severity, each on a line, within one element. */
static void
put_findings(struct buf *out, struct arena *a, const struct batch_item *item,
    enum severity severity, const char *element)
{
	const struct finding *first = NULL;

	for (size_t i = 0; i < item->findings; i++) {
		const struct finding *f = &item->finding[i];

		if (f->severity != severity)
			continue;
		if (first == NULL && severity == SEVERITY_REJECT) {
			buf_printf(out, "      <%s", element);
			attribute(out, "type", str_of(f->gate));
			attribute(out, "message", arena_printf(a, "%s: %.*s", f->gate, STR_ARG(f->text)));
			buf_putc(out, '>');
		} else if (first == NULL) {
			buf_printf(out, "      <%s>", element);
		}
		first = f;
		put_finding(out, a, f);
	}
	if (first != NULL)
		buf_printf(out, "</%s>\n", element);
}

static struct str
suite_of(struct arena *a, const struct document *d)
{
	return d->vertical.n == 0 || d->locale.n == 0 ? STR("unknown")
	    : arena_printf(a, "%.*s.%.*s", STR_ARG(d->vertical), STR_ARG(d->locale));
}

static void
put_case(struct buf *out, const struct batch_item *item)
{
	const struct document *d = &item->document;
	struct arena *a = arena_new();
	struct str file = d->raw.where;

	if (item->findings > 0)
		file = results_file(&item->finding[0]);
	buf_put(out, STR("    <testcase"));
	attribute(out, "classname", suite_of(a, d));
	attribute(out, "name", d->id.n > 0 ? d->id : d->raw.where);
	attribute(out, "file", file);
	buf_put(out, STR(" time=\"0\""));
	if (item->findings == 0) {
		buf_put(out, STR("/>\n"));
	} else {
		buf_put(out, STR(">\n"));
		put_findings(out, a, item, SEVERITY_REJECT, "failure");
		put_findings(out, a, item, SEVERITY_WARN, "system-out");
		buf_put(out, STR("    </testcase>\n"));
	}
	arena_free(a);
}

/* Refused ones first. If there are too many documents, those without findings are only counted. */
static int
by_suite(const void *left, const void *right)
{
	const struct batch_item *l = *(const struct batch_item *const *)left;
	const struct batch_item *r = *(const struct batch_item *const *)right;
	int c = str_cmp(l->document.vertical, r->document.vertical);

	if (c == 0)
		c = str_cmp(l->document.locale, r->document.locale);
	if (c == 0)
		c = (int)l->accepted - (int)r->accepted;
	if (c == 0)
		c = str_cmp(l->document.id, r->document.id);
	return c != 0 ? c : str_cmp(l->document.raw.where, r->document.raw.where);
}

static bool
is_same_suite(const struct document *a, const struct document *b)
{
	return str_eq(a->vertical, b->vertical) && str_eq(a->locale, b->locale);
}

static void
put_suite(struct buf *out, struct arena *a, const struct batch_item *const *item, size_t n,
    bool all, size_t *left)
{
	size_t refused = 0, listed = 0;

	while (refused < n && !item[refused]->accepted)
		refused++;
	buf_put(out, STR("  <testsuite"));
	attribute(out, "name", suite_of(a, &item[0]->document));
	buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n", n,
	    refused);
	for (size_t i = 0; i < n && *left > 0; i++) {
		if (!all && item[i]->findings == 0)
			continue;
		put_case(out, item[i]);
		listed++;
		(*left)--;
	}
	if (listed < n)
		buf_printf(out, "    <system-out>%zu more documents are left out here, %zu of them "
		    "refused</system-out>\n", n - listed, refused > listed ? refused - listed : 0);
	buf_put(out, STR("  </testsuite>\n"));
}

void
results_junit(const struct batch *b, size_t limit, struct buf *out)
{
	struct arena *a = arena_new();
	const struct batch_item **item = ARENA_ARRAY(a, const struct batch_item *, b->inputs + 1);
	size_t n = b->inputs < b->n ? b->inputs : b->n, left = limit, refused = 0;

	for (size_t i = 0; i < n; i++) {
		item[i] = b->item[i];
		refused += !item[i]->accepted;
	}
	qsort(item, n, sizeof *item, by_suite);
	buf_put(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
	buf_printf(out, "<testsuites name=\"edgepress gates\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
	    "skipped=\"0\" time=\"0\">\n", n, refused);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && is_same_suite(&item[i]->document, &item[end]->document);)
			end++;
		put_suite(out, a, item + i, end - i, n <= limit, &left);
	}
	buf_put(out, STR("</testsuites>\n"));
	arena_free(a);
}
