/*
 * view: the data that templates are evaluated over (docs/surfaces.md lists it): the document
 * with what a page needs around it.
 */
#ifndef GENERATOR_RENDER_VIEW_H
#define GENERATOR_RENDER_VIEW_H

#include "generator/locale/locale.h"
#include "generator/render/render.h"
#include "generator/render/surface.h"

/* What all views of one bundle share. */
struct view {
	const struct site_info *site;
	const struct surfaces *surfaces;
	struct str vertical, locale; /* "weather", "en-us" */
	struct str lang, dir, language; /* "en-US", "ltr", "English (United States)" */
	const struct node *site_node, *assets_node;
	/* Of each of site->locale: "de-DE" and "Deutsch (Deutschland)". */
	struct str *other_lang, *other_language;
};

/* "page.css" is reached as assets.page_css: a dot would separate two names. */
struct str view_asset_member(struct arena *, struct str name);
/* Fill in the nodes; the rest must be set. */
void view_prepare(struct arena *, struct view *);
/*
 * A document's view. Besides its own members: site, page, assets, alternates, disclosure,
 * updated-rfc822, title-brief, title-long and digest. With `drawn`, its facts are copied with
 *   <name>-icon, <name>-image  beside a text <name> with the value V if there is an asset
 *                              <name>-V.svg or .png: its URL
 *   series-line, series-end    beside a list `series` of numbers or of objects with `value`:
 *                              an SVG path in a box of 1000 by 300, and its last height
 */
struct node *view_document(struct arena *, const struct view *, const struct document *,
    bool drawn);
/* A bundle's view: site, page, assets, alternates, count, updated, updated-rfc822, `documents`
 * (all, newest first, without their bulk: canonical.h) and `latest` (the first RENDER_LATEST
 * or all, whole and drawn; n is also how many there are of them, at most). */
struct node *view_bundle(struct arena *, const struct view *,
    const struct document *const *newest_first, size_t n,
    const struct document *const *latest);
/* The other locales that have the document (NULL: the vertical), separated by blanks. */
struct str view_alternates(struct arena *, const struct view *, const struct document *);

#endif
