/* The gate "markup": headings in order, nothing empty, not nested too deep, pictures described. */
#include "generator/gate/judges.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"

#define DEPTH_MAX 9 /* MSN takes nesting below 10 */

static bool
may_be_empty(struct str name)
{
	return str_eq(name, STR("td")) || str_eq(name, STR("th"));
}

/* "image", "img_2034.jpg" or the file's name help nobody who cannot see the picture. */
static const char *
alt_fault(struct arena *a, struct str alt, struct str url, const struct passage *title)
{
	static const char *const ending[] = { ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".avif" };
	static const char *const nothing[] = { "image", "photo", "picture", "bild", "foto", "画像",
		"写真", "صورة", "imagen", "immagine", "图片", "placeholder", "alt" };
	struct plain text = plain_trim(plain_fold(a, alt));
	struct str folded = plain_utf8(a, text);
	size_t slash = url.n;
	while (slash > 0 && url.p[slash - 1] != '/')
		slash--;
	struct str file = plain_utf8(a, plain_fold(a, (struct str){ url.p + slash, url.n - slash }));
	for (size_t i = 0; i < LEN(ending); i++)
		if (str_ends(folded, str_of(ending[i])))
			return "it is the name of a file";
	if (file.n > 0 && str_eq(folded, file))
		return "it is the name of the file";
	for (size_t i = 0; i < LEN(nothing); i++)
		if (str_eq(folded, str_of(nothing[i])))
			return "it does not say what is in the picture";
	if (title != NULL && str_eq(folded, plain_utf8(a, plain_trim(title->forms.fold))))
		return "it repeats the title, which is read out already";
	return plain_length(text) < 2 ? "too short to say what is in the picture" : NULL;
}

static void
judge_alt(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct node *image = node_get(in->document->root, STR("image"));
	const struct passage *title = NULL;
	if (image == NULL)
		return;
	for (size_t i = 0; i < in->reading->passages; i++)
		if (in->reading->passage[i].kind == PASSAGE_TITLE)
			title = &in->reading->passage[i];
	struct str alt = node_text_at(image, "alt");
	const char *fault = alt_fault(in->arena, alt, node_text_at(image, "url"), title);
	if (fault != NULL)
		gate_report(in, g, out, STR("image/alt"), image->line, "'%.*s': %s", QUOTE(alt), fault);
}

void
judge_markup(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct reading *r = in->reading;
	bool had_h2 = false;
	if (r->broken)
		gate_report(in, g, out, STR("prose"), 0, "not well-formed");
	for (size_t i = 0; i < r->blocks; i++) {
		const struct reading_block *b = &r->block[i];
		had_h2 = had_h2 || str_eq(b->name, STR("h2"));
		if (b->depth > DEPTH_MAX)
			gate_report(in, g, out, b->element, b->line, "%u elements deep; at most %d",
			    b->depth, DEPTH_MAX);
		if (b->empty && !may_be_empty(b->name))
			gate_report(in, g, out, b->element, b->line, "an empty %.*s",
			    STR_ARG(b->name));
		if (str_eq(b->name, STR("h3")) && !had_h2)
			gate_report(in, g, out, b->element, b->line, "h3 without an h2 above it");
		if (b->depth == 1 && b->name.p[0] == 'h' && i + 1 == r->blocks)
			gate_report(in, g, out, b->element, b->line, "a heading with nothing below it");
	}
	for (size_t i = 0; i < r->links; i++)
		if (str_trim(r->link[i].text).n == 0)
			gate_report(in, g, out, r->link[i].element, r->link[i].line,
			    "a link without text to '%.*s'", QUOTE(r->link[i].href));
	judge_alt(in, g, out);
}
