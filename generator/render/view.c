#include "generator/render/view.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "generator/document/canonical.h"

#define BOX_WIDTH 1000 /* of a drawn series, in SVG units */
#define BOX_HEIGHT 300
#define BOX_MARGIN 10 /* so that the line's own width stays inside */
#define POINTS_MAX 2000
#define TITLE_BRIEF 20 /* MSN wants more characters than these, and no more than those */
#define TITLE_LONG 150

static struct node *
add_text(struct arena *a, struct node *parent, const char *name, struct str text)
{
	return node_add(a, parent, NODE_TEXT, str_of(name), text);
}

static struct node *
add_object(struct arena *a, struct node *parent, const char *name)
{
	return node_add(a, parent, NODE_OBJECT, str_of(name), STR(""));
}

static void
add_bool(struct arena *a, struct node *parent, const char *name, bool value)
{
	(void)node_add(a, parent, NODE_BOOL, str_of(name), value ? STR("true") : STR("false"));
}

/* A member that shares its children with `src`: trees are read-only once built. */
static void
add_shared(struct arena *a, struct node *parent, struct str name, const struct node *src)
{
	struct node *n = node_add(a, parent, src->kind, name, src->text);
	n->first = src->first;
	n->last = src->last;
	n->count = src->count;
	n->line = src->line;
}

static struct str
base_path(struct arena *a, const struct view *v)
{
	return arena_printf(a, "/%.*s/%.*s/", STR_ARG(v->vertical), STR_ARG(v->locale));
}

struct str
view_asset_member(struct arena *a, struct str name)
{
	char *p = arena_alloc(a, name.n + 1, 1);
	memcpy(p, name.p, name.n);
	for (size_t i = 0; i < name.n; i++)
		if (p[i] == '.')
			p[i] = '_';
	return (struct str){ p, name.n };
}

static struct str
asset_url(struct arena *a, const struct view *v, const struct asset *asset)
{
	return arena_printf(a, "/%.*s/%.*s/%.*s", STR_ARG(v->vertical), STR_ARG(v->locale),
	    STR_ARG(asset->path));
}

void
view_prepare(struct arena *a, struct view *v)
{
	struct node *site = node_add(a, NULL, NODE_OBJECT, STR("site"), STR(""));
	struct node *assets = node_add(a, NULL, NODE_OBJECT, STR("assets"), STR(""));
	add_text(a, site, "name", v->site->name);
	add_text(a, site, "url", v->site->url);
	add_text(a, site, "publisher", v->site->publisher);
	for (size_t i = 0; i < v->surfaces->assets; i++) {
		const struct asset *asset = &v->surfaces->asset[i];
		(void)node_add(a, assets, NODE_TEXT, view_asset_member(a, asset->name),
		    asset_url(a, v, asset));
	}
	v->site_node = site;
	v->assets_node = assets;
	v->other_lang = ARENA_ARRAY(a, struct str, v->site->locales + 1);
	v->other_language = ARENA_ARRAY(a, struct str, v->site->locales + 1);
	for (size_t i = 0; i < v->site->locales; i++) {
		v->other_lang[i] = locale_bcp47_of(a, v->site->locale[i]);
		v->other_language[i] = locale_name_of(a, v->site->locale[i]);
	}
}

/* Whether its letters are about as wide as high: half as many of them fill a line. */
static bool
is_wide(struct str lang)
{
	return str_starts(lang, STR("ja")) || str_starts(lang, STR("ko"))
	    || str_starts(lang, STR("zh"));
}

static struct node *
add_page(struct arena *a, struct node *root, const struct view *v, struct str file)
{
	struct node *page = add_object(a, root, "page");
	struct str base = base_path(a, v);
	add_text(a, page, "url", arena_printf(a, "%.*s%.*s%.*s", STR_ARG(v->site->url),
	    STR_ARG(base), STR_ARG(file)));
	add_text(a, page, "path", arena_printf(a, "%.*s%.*s", STR_ARG(base), STR_ARG(file)));
	add_text(a, page, "base-url",
	    arena_printf(a, "%.*s%.*s", STR_ARG(v->site->url), STR_ARG(base)));
	add_text(a, page, "base-path", base);
	add_text(a, page, "vertical", v->vertical);
	add_text(a, page, "locale", v->locale);
	add_text(a, page, "lang", v->lang);
	add_text(a, page, "dir", v->dir);
	add_bool(a, page, "rtl", str_eq(v->dir, STR("rtl")));
	add_bool(a, page, "wide", is_wide(v->lang));
	add_text(a, page, "language", v->language);
	return page;
}

static bool
is_alternate(const struct view *v, struct str locale, const struct document *d)
{
	return !str_eq(locale, v->locale)
	    && (d == NULL || v->site->has == NULL || v->site->has(v->site->ctx, locale, d->id));
}

static struct str
url_in(struct arena *a, const struct view *v, struct str locale, const struct document *d)
{
	struct str id = d != NULL ? d->id : STR("index");
	return arena_printf(a, "%.*s/%.*s/%.*s/%.*s.html", STR_ARG(v->site->url),
	    STR_ARG(v->vertical), STR_ARG(locale), STR_ARG(id));
}

/* For readers whose language is not among them: English if it is, else the first. */
static struct str
default_locale(const struct view *v, const struct document *d)
{
	struct str best = v->locale;
	for (size_t i = 0; i < v->site->locales; i++) {
		struct str locale = v->site->locale[i];
		if (!is_alternate(v, locale, d))
			continue;
		bool english = str_starts(locale, STR("en")), was = str_starts(best, STR("en"));
		if (str_eq(locale, STR("en-us")) || (english && !was)
		    || (english == was && !str_eq(best, STR("en-us")) && str_cmp(locale, best) < 0))
			best = locale;
	}
	return best;
}

static void
add_alternates(struct arena *a, struct node *root, struct node *page, const struct view *v,
    const struct document *d)
{
	struct node *list = node_add(a, root, NODE_LIST, STR("alternates"), STR(""));
	for (size_t i = 0; i < v->site->locales; i++) {
		struct str locale = v->site->locale[i];
		if (!is_alternate(v, locale, d))
			continue;
		struct node *item = add_object(a, list, "");
		add_text(a, item, "lang", v->other_lang[i]);
		add_text(a, item, "language", v->other_language[i]);
		add_text(a, item, "url", url_in(a, v, locale, d));
	}
	if (list->count > 0)
		add_text(a, page, "default-url", url_in(a, v, default_locale(v, d), d));
}

struct str
view_alternates(struct arena *a, const struct view *v, const struct document *d)
{
	struct buf *out = buf_in(a, 64 * 1024);
	for (size_t i = 0; i < v->site->locales; i++) {
		if (!is_alternate(v, v->site->locale[i], d))
			continue;
		buf_put(out, v->site->locale[i]);
		buf_putc(out, ' ');
	}
	return buf_str(out);
}

/* The machine's share, as IPTC's and schema.org's vocabularies put it. */
static void
add_disclosure(struct arena *a, struct node *root, const struct document *d)
{
	struct str grade = node_text_at(d->root, "provenance.grade");
	bool assisted = str_eq(grade, STR("assisted"));
	struct node *o = add_object(a, root, "disclosure");
	add_text(a, o, "grade", grade);
	add_bool(a, o, "assisted", assisted);
	add_bool(a, o, "reviewed", node_text_at(d->root, "provenance.reviewer").n > 0);
	add_text(a, o, "digital-source-type", assisted
	    ? STR("http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia")
	    : STR("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"));
	add_text(a, o, "schema-type", assisted
	    ? STR("https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource")
	    : STR("https://schema.org/TrainedAlgorithmicMediaDigitalSource"));
}

static size_t
characters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0U) != 0x80U;
	return n;
}

/* What RSS and its readers ask for beyond the document's own members. */
static void
add_feed(struct arena *a, struct node *root, const struct document *d)
{
	const size_t title = characters(node_text_at(d->root, "title"));
	char when[30];
	time_http(d->updated, when);
	add_text(a, root, "updated-rfc822", arena_copy(a, str_of(when)));
	add_bool(a, root, "title-brief", title <= TITLE_BRIEF);
	add_bool(a, root, "title-long", title > TITLE_LONG);
}

/* The number of a series' item, or false. */
static bool
point_of(const struct node *item, double *out)
{
	char text[64];
	const struct node *value = item->kind == NODE_OBJECT ? node_get(item, STR("value")) : item;
	if (value == NULL || !text_is_number(value->text) || value->text.n >= sizeof text)
		return false;
	memcpy(text, value->text.p, value->text.n);
	text[value->text.n] = '\0';
	*out = strtod(text, NULL);
	return isfinite(*out);
}

static bool
range_of(const struct node *list, double *low, double *high)
{
	double value;
	*low = INFINITY;
	*high = -INFINITY;
	for (const struct node *item = list->first; item != NULL; item = item->next) {
		if (!point_of(item, &value))
			return false;
		*low = value < *low ? value : *low;
		*high = value > *high ? value : *high;
	}
	return list->count >= 2 && list->count <= POINTS_MAX;
}

/* Whole numbers only, so that every machine draws the same bytes. */
static void
add_series(struct arena *a, struct node *parent, const struct node *list)
{
	double low, high, value = 0;
	long y = 0;
	size_t i = 0;
	if (!range_of(list, &low, &high))
		return;
	struct buf *line = buf_in(a, (POINTS_MAX + 1) * 16);
	for (const struct node *item = list->first; item != NULL; item = item->next, i++) {
		(void)point_of(item, &value);
		double share = high > low ? (value - low) / (high - low) : 0.5;
		y = (long)(BOX_HEIGHT - BOX_MARGIN - share * (BOX_HEIGHT - 2 * BOX_MARGIN) + 0.5);
		buf_printf(line, "%c%zu %ld", i == 0 ? 'M' : 'L',
		    i * BOX_WIDTH / (list->count - 1), y);
	}
	add_text(a, parent, "series-line", buf_str(line));
	add_text(a, parent, "series-end", arena_printf(a, "%ld", y));
}

static void
add_picture(struct arena *a, const struct view *v, struct node *parent, const struct node *of,
    const char *ending, const char *suffix)
{
	const size_t n = of->name.n + 1 + of->text.n + strlen(ending);
	size_t longest = 0;
	for (size_t i = 0; i < v->surfaces->assets; i++)
		if (v->surfaces->asset[i].name.n > longest)
			longest = v->surfaces->asset[i].name.n;
	if (n > longest)
		return;
	struct str file =
	    arena_printf(a, "%.*s-%.*s%s", STR_ARG(of->name), STR_ARG(of->text), ending);
	const struct asset *asset = surfaces_asset(v->surfaces, file);
	if (asset == NULL)
		return;
	struct str name = arena_printf(a, "%.*s%s", STR_ARG(of->name), suffix);
	(void)node_add(a, parent, NODE_TEXT, name, asset_url(a, v, asset));
}

struct names {
	struct str *item;
	size_t n, room;
};

/* Once each; a schema has few names, however long its lists. */
static void
names_add(struct arena *a, struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->item[i], name))
			return;
	ARENA_GROW(a, names->item, names->n, names->room);
	names->item[names->n++] = name;
}

/* Every item of the list that is an object gets the member, without a value, if it lacks it. */
static void
give_member(struct arena *a, struct node *list, struct str name)
{
	for (struct node *item = list->first; item != NULL; item = item->next)
		if (item->kind == NODE_OBJECT && node_get(item, name) == NULL)
			(void)node_add(a, item, NODE_NULL, name, STR(""));
}

/*
 * What a list's item lacks must not be found outside of it, as Mustache's context stack would:
 * a period without `low` has none, whatever the whole forecast has, and a goal without `note`
 * has none although the first goal, which {{#goals.0}} puts on the stack, has one. So items get
 * all names that their siblings have and those of single values around the list; objects around
 * it (a place, with its time zone) stay visible.
 */
static void
wall_items(struct arena *a, const struct node *around, struct node *list)
{
	struct names names = { 0 };
	for (const struct node *m = around->first; m != NULL; m = m->next)
		if (m->kind != NODE_OBJECT && m->kind != NODE_LIST)
			names_add(a, &names, m->name);
	for (const struct node *item = list->first; item != NULL; item = item->next)
		if (item->kind == NODE_OBJECT)
			for (const struct node *m = item->first; m != NULL; m = m->next)
				names_add(a, &names, m->name);
	for (size_t i = 0; i < names.n; i++)
		give_member(a, list, names.item[i]);
}

/* A deep copy, with what can be drawn from it beside it. */
static void
copy_drawn(struct arena *a, const struct view *v, struct node *to, const struct node *from)
{
	for (const struct node *c = from->first; c != NULL; c = c->next) {
		struct node *n = node_add(a, to, c->kind, c->name, c->text);
		n->line = c->line;
		copy_drawn(a, v, n, c);
		if (c->kind == NODE_LIST && from->kind == NODE_OBJECT)
			wall_items(a, from, n);
	}
	if (from->kind != NODE_OBJECT)
		return;
	for (const struct node *c = from->first; c != NULL; c = c->next) {
		if (c->kind == NODE_TEXT && c->text.n <= ID_MAX) {
			add_picture(a, v, to, c, ".svg", "-icon");
			add_picture(a, v, to, c, ".png", "-image");
		} else if (c->kind == NODE_LIST && str_eq(c->name, STR("series"))) {
			add_series(a, to, c);
		}
	}
}

/* The document's members and what stands around them; drawn, or without their bulk. */
static void
fill_document(struct arena *a, const struct view *v, const struct document *d, bool drawn,
    struct node *root)
{
	for (const struct node *m = d->root->first; m != NULL; m = m->next) {
		if (!drawn && canonical_is_bulk(m->name))
			continue;
		if (str_eq(m->name, STR("facts")))
			copy_drawn(a, v, node_add(a, root, m->kind, m->name, m->text), m);
		else
			add_shared(a, root, m->name, m);
	}
	struct node *page = add_page(a, root, v, arena_printf(a, "%.*s.html", STR_ARG(d->id)));
	add_alternates(a, root, page, v, d);
	add_disclosure(a, root, d);
	add_feed(a, root, d);
	add_text(a, root, "digest", digest_str(a, &d->digest));
}

static void
add_surroundings(struct arena *a, const struct view *v, struct node *root)
{
	add_shared(a, root, STR("site"), v->site_node);
	add_shared(a, root, STR("assets"), v->assets_node);
}

struct node *
view_document(struct arena *a, const struct view *v, const struct document *d, bool drawn)
{
	struct node *root = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));
	fill_document(a, v, d, drawn, root);
	add_surroundings(a, v, root);
	return root;
}

struct node *
view_bundle(struct arena *a, const struct view *v, const struct document *const *newest_first,
    size_t n, const struct document *const *latest_documents)
{
	struct node *root = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));
	struct node *all = node_add(a, root, NODE_LIST, STR("documents"), STR(""));
	struct node *latest = node_add(a, root, NODE_LIST, STR("latest"), STR(""));
	for (size_t i = 0; i < n; i++) {
		fill_document(a, v, newest_first[i], false, add_object(a, all, ""));
		if (i < RENDER_LATEST)
			fill_document(a, v, latest_documents[i], true, add_object(a, latest, ""));
	}
	(void)node_add(a, root, NODE_NUMBER, STR("count"), arena_printf(a, "%zu", n));
	if (n > 0) {
		char when[30];
		time_http(newest_first[0]->updated, when);
		add_text(a, root, "updated", time_rfc3339(a, newest_first[0]->updated));
		add_text(a, root, "updated-rfc822", arena_copy(a, str_of(when)));
	}
	struct node *page = add_page(a, root, v, STR("index.html"));
	add_alternates(a, root, page, v, NULL);
	add_surroundings(a, v, root);
	return root;
}
