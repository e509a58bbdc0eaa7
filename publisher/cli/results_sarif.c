/*
 * SARIF 2.1.0: one run, one rule for each gate, one result for each finding. The element is a
 * logical location, since no column is known.
 */
#include "generator/gate/manual.h"
#include "publisher/cli/results.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

static const char *
level(enum severity s)
{
	return s == SEVERITY_REJECT ? "error" : s == SEVERITY_WARN ? "warning" : "none";
}

static void
set(json_t *o, const char *name, json_t *value)
{
	json_object_set_new(o, name, value);
}

static json_t *
message(struct str text)
{
	json_t *o = json_object();

	set(o, "text", json_str(text));
	return o;
}

static json_t *
rule(struct arena *a, const struct gate *g)
{
	const struct gate_manual *m = gate_manual(g);
	json_t *o = json_object(), *help = json_object(), *config = json_object();

	set(o, "id", json_string(g->name));
	set(o, "shortDescription", message(str_of(g->summary)));
	set(o, "fullDescription", message(str_of(m->why)));
	set(help, "text", json_str(arena_printf(a, "%s Right: %s; wrong: %s", g->remedy, m->right,
	    m->wrong)));
	set(help, "markdown", json_str(arena_printf(a, "%s\n\n- Right: `%s`\n- Wrong: `%s`", g->remedy,
	    m->right, m->wrong)));
	set(o, "help", help);
	set(config, "level", json_string(level(g->severity)));
	if (g->severity == SEVERITY_OFF)
		set(config, "enabled", json_false());
	set(o, "defaultConfiguration", config);
	return o;
}

/* What no gate refuses, but the templates or a takedown do. Behind the gates. */
static const struct other {
	const char *id, *text;
} others[] = {
	{ "render", "the document can be shown by its vertical's templates" },
	{ "takedown", "the document has not been taken down" },
};

static json_t *
other_rule(const struct other *other)
{
	json_t *o = json_object(), *config = json_object();

	set(o, "id", json_string(other->id));
	set(o, "shortDescription", message(str_of(other->text)));
	set(config, "level", json_string("error"));
	set(o, "defaultConfiguration", config);
	return o;
}

static size_t
rule_index(const char *name)
{
	const struct gate *g = gate_find(str_of(name));

	size_t i = 0;

	if (g != NULL)
		return (size_t)(g - gates);
	while (i + 1 < LEN(others) && strcmp(others[i].id, name) != 0)
		i++;
	return gates_count + i;
}

/* A relative reference (RFC 3986): all else than its plain characters is escaped. */
static struct str
uri_of(struct arena *a, struct str path)
{
	struct buf *b = buf_in(a, 3 * path.n + 16);

	if (str_starts(path, STR("/")))
		buf_put(b, STR("file://"));
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
		    || (c != '\0' && strchr("/._-~", c) != NULL);

		if (plain)
			buf_putc(b, (char)c);
		else
			buf_printf(b, "%%%02X", c);
	}
	return buf_str(b);
}

static json_t *
location(struct arena *a, const struct batch_item *item, const struct finding *f)
{
	const struct document *d = &item->document;
	json_t *o = json_object(), *physical = json_object(), *artifact = json_object();
	json_t *region = json_object(), *logical = json_object(), *list = json_array();

	set(artifact, "uri", json_str(uri_of(a, results_file(f))));
	set(physical, "artifactLocation", artifact);
	set(region, "startLine", json_integer(f->line > 0 ? f->line : 1));
	set(physical, "region", region);
	set(o, "physicalLocation", physical);
	set(logical, "fullyQualifiedName", json_str(arena_printf(a, "%.*s/%.*s/%.*s%s%.*s",
	    STR_ARG(d->vertical), STR_ARG(d->locale), STR_ARG(d->id), f->element.n > 0 ? "#" : "",
	    STR_ARG(f->element))));
	set(logical, "kind", json_string("element"));
	json_array_append_new(list, logical);
	set(o, "logicalLocations", list);
	return o;
}

/* The same finding in the next run, whatever line it has moved to. */
static json_t *
fingerprint(struct arena *a, const struct batch_item *item, const struct finding *f)
{
	const struct document *d = &item->document;
	json_t *o = json_object();
	struct digest digest = digest_of(arena_printf(a, "%s\n%.*s/%.*s/%.*s\n%.*s\n%.*s", f->gate,
	    STR_ARG(d->vertical), STR_ARG(d->locale), STR_ARG(d->id), STR_ARG(f->element),
	    STR_ARG(f->text)));

	set(o, "edgepress/v1", json_str(digest_str(a, &digest)));
	return o;
}

static json_t *
result(struct arena *a, const struct batch_item *item, const struct finding *f)
{
	json_t *o = json_object(), *locations = json_array(), *extra = json_object();
	const char *remedy = f->remedy != NULL ? f->remedy : "";

	set(o, "ruleId", json_string(f->gate));
	set(o, "ruleIndex", json_integer((json_int_t)rule_index(f->gate)));
	set(o, "level", json_string(level(f->severity)));
	set(o, "message", message(arena_printf(a, "%.*s%s%.*s%s%s", STR_ARG(f->element),
	    f->element.n > 0 ? ": " : "", STR_ARG(f->text), *remedy ? ". " : "", remedy)));
	json_array_append_new(locations, location(a, item, f));
	set(o, "locations", locations);
	set(o, "partialFingerprints", fingerprint(a, item, f));
	set(extra, "element", json_str(f->element));
	set(extra, "remedy", json_string(remedy));
	set(o, "properties", extra);
	return o;
}

static json_t *
results_of(const struct batch *b, struct arena *a, size_t limit, size_t *omitted)
{
	json_t *list = json_array();

	*omitted = 0;
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->item[i]->findings; k++) {
			if (json_array_size(list) < limit)
				json_array_append_new(list, result(a, b->item[i], &b->item[i]->finding[k]));
			else
				(*omitted)++;
		}
	return list;
}

static json_t *
invocation(struct arena *a, size_t omitted)
{
	json_t *list = json_array(), *o = json_object(), *notes = json_array(), *note;

	set(o, "executionSuccessful", json_true());
	if (omitted > 0) {
		note = json_object();
		set(note, "level", json_string("warning"));
		set(note, "message", message(arena_printf(a, "%zu more findings are left out here; mend "
		    "these, and check again", omitted)));
		json_array_append_new(notes, note);
		set(o, "toolExecutionNotifications", notes);
	} else {
		json_decref(notes);
	}
	json_array_append_new(list, o);
	return list;
}

json_t *
results_sarif(const struct batch *b, size_t limit)
{
	json_t *root = json_new_object(b->arena), *runs = json_array(), *run = json_object();
	json_t *tool = json_object(), *driver = json_object(), *rules = json_array();
	json_t *extra = json_object();
	size_t omitted;

	for (size_t i = 0; i < gates_count; i++)
		json_array_append_new(rules, rule(b->arena, &gates[i]));
	for (size_t i = 0; i < LEN(others); i++)
		json_array_append_new(rules, other_rule(&others[i]));
	set(driver, "name", json_string("edgepress"));
	set(driver, "version", json_string(EDGEPRESS_VERSION));
	set(driver, "rules", rules);
	set(tool, "driver", driver);
	set(run, "tool", tool);
	set(run, "columnKind", json_string("unicodeCodePoints"));
	set(run, "results", results_of(b, b->arena, limit, &omitted));
	set(run, "invocations", invocation(b->arena, omitted));
	set(extra, "documents", json_integer((json_int_t)b->n));
	set(extra, "accepted", json_integer((json_int_t)b->accepted));
	set(extra, "refused", json_integer((json_int_t)b->refused));
	set(extra, "warnings", json_integer((json_int_t)b->warnings));
	set(run, "properties", extra);
	json_array_append_new(runs, run);
	set(root, "$schema", json_string(SCHEMA));
	set(root, "version", json_string("2.1.0"));
	set(root, "runs", runs);
	return root;
}
