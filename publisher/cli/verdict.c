#include "publisher/cli/verdict.h"

#include "generator/document/canonical.h"
#include "generator/gate/seen.h"

#define BULK_MAX (8 * DOCUMENT_MAX)

/* Followed by the signature (if has_signature), the names, the title, then the findings. */
struct head {
	struct digest digest, schema, policy;
	int64_t updated, expires, from, until; /* from, until: when it holds */
	struct stash_ref bulk;   /* canonical form, outline, provenance */
	uint64_t bulk_checksum;  /* of outline and provenance: the canonical form has its digest */
	uint32_t canonical, outline, provenance; /* bytes of the bulk */
	uint32_t vertical, locale, id, title;    /* bytes of the texts */
	uint32_t id_line, findings;
	uint8_t is_document, accepted, has_signature, is_known;
};
struct head_finding {
	uint32_t severity, line, gate, element, text, remedy; /* the last four: bytes */
};

static struct digest
key_of(const struct batch *b, const char *kind, const void *bytes, size_t n)
{
	char text[128];
	size_t used = 0, kind_n = strlen(kind);
	memcpy(text, b->program.b, sizeof b->program.b);
	used += sizeof b->program.b;
	memcpy(text + used, kind, kind_n);
	used += kind_n;
	memcpy(text + used, bytes, n);
	return digest_of((struct str){ text, used + n });
}

struct digest
verdict_key(const struct batch *b, const struct raw *raw)
{
	struct digest d = digest_of(raw->bytes);
	return key_of(b, raw->form == FORM_JSON ? "json" : "xml", d.b, sizeof d.b);
}

struct digest
verdict_kept_key(const struct batch *b, const struct digest *canonical)
{
	return key_of(b, "kept", canonical->b, sizeof canonical->b);
}

/* A string of canonical JSON: only these two are escaped. */
static void
put_quoted(struct buf *out, struct str s)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, s.p[i]);
	}
	buf_putc(out, '"');
}

/* Canonical JSON knows integers only. */
static bool
is_integer(struct str s)
{
	return s.n <= 15 && !str_starts(s, STR("-")) && memchr(s.p, '.', s.n) == NULL;
}

/* Members of a document's objects are in the order of their names already. What was read at a
 * source is long, and stands in the document. */
static void
put_canonical(struct buf *out, const struct node *n)
{
	bool is_object = n->kind == NODE_OBJECT;
	if (n->kind == NODE_BOOL || (n->kind == NODE_NUMBER && is_integer(n->text))) {
		buf_put(out, n->text);
		return;
	}
	if (!is_object && n->kind != NODE_LIST) {
		put_quoted(out, n->text);
		return;
	}
	const char *comma = "";
	buf_putc(out, is_object ? '{' : '[');
	for (const struct node *c = n->first; c != NULL; c = c->next) {
		if (is_object && str_eq(c->name, STR("excerpt")))
			continue;
		buf_put(out, str_of(comma));
		comma = ",";
		if (is_object) {
			put_quoted(out, c->name);
			buf_putc(out, ':');
		}
		put_canonical(out, c);
	}
	buf_putc(out, is_object ? '}' : ']');
}

static void
put_member(struct buf *out, const char *name, const struct node *value)
{
	if (value == NULL)
		return;
	buf_printf(out, ",\"%s\":", name);
	put_canonical(out, value);
}

/* "scores":{"judge":{"by":"model sha256","score":87}}: whole numbers, as canonical JSON wants. */
static void
put_scores(struct buf *out, const struct findings *f)
{
	for (size_t i = 0; i < f->scores; i++) {
		buf_put(out, i == 0 ? STR("\"scores\":{") : STR(","));
		buf_printf(out, "\"%s\":{\"by\":", f->score[i].gate);
		put_quoted(out, f->score[i].by);
		buf_printf(out, ",\"score\":%lld}", (long long)f->score[i].value);
	}
	if (f->scores > 0)
		buf_put(out, STR("},"));
}

/* Who made the document out of what, and that it was judged. */
static void
put_provenance(struct buf *out, const struct judged *j)
{
	char policy[DIGEST_HEX + 1];
	digest_hex(&j->vertical->policy.digest, policy);
	buf_printf(out, "{\"gates\":{\"policy\":\"%s\",", policy);
	put_scores(out, j->findings);
	buf_put(out, STR("\"verdict\":\"passed\",\"warnings\":["));
	for (size_t i = 0; i < j->findings->n; i++)
		buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", j->findings->item[i].gate);
	buf_put(out, STR("]}"));
	put_member(out, "made", node_get(j->document->root, STR("provenance")));
	put_member(out, "sources", node_get(j->document->root, STR("sources")));
	buf_putc(out, '}');
}

/* Which gates ask what time it is. */
static bool
is_timely(const struct finding *f)
{
	return strcmp(f->gate, "freshness") == 0 || strcmp(f->gate, "sources") == 0
	    || strcmp(f->gate, "disclosure") == 0;
}

/* What the network said against a document may be different the next time it is asked. */
static bool
is_passing(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct gate *g = gate_find(str_of(f->item[i].gate));
		if (g != NULL && g->is_remote)
			return true;
	}
	return false;
}

/* What passed stays right until the document expires or grows too old; what those gates found
 * says what time it was, so it is judged again. */
static void
set_span(struct head *h, const struct batch *b, const struct judged *j)
{
	h->from = INT64_MIN;
	h->until = INT64_MAX;
	if (!j->is_document || j->kept)
		return;
	const struct document *d = j->document;
	int64_t max_age_s = policy_for(&j->vertical->policy, d->locale)->max_age_s;
	h->from = b->now;
	h->until = d->expires - 1;
	if (d->updated + max_age_s < h->until)
		h->until = d->updated + max_age_s;
	for (size_t i = 0; i < j->findings->n; i++)
		if (is_timely(&j->findings->item[i]))
			h->until = b->now;
	if (h->until < b->now) /* the policy does not mind */
		h->until = b->now;
}

static bool
put_bulk(struct batch *b, const struct judged *j, struct head *h, struct err *err)
{
	const struct document *d = j->document;
	struct buf bulk;
	struct str copy;
	buf_init(&bulk, BULK_MAX);
	buf_put(&bulk, d->canonical);
	h->canonical = (uint32_t)bulk.n;
	canonical_outline(d, &bulk);
	h->outline = (uint32_t)bulk.n - h->canonical;
	put_provenance(&bulk, j);
	h->provenance = (uint32_t)bulk.n - h->canonical - h->outline;
	h->bulk_checksum = stash_checksum((struct str){ bulk.p + h->canonical, bulk.n - h->canonical });
	bool ok = buf_ok(&bulk, err) && stash_put(b->stash, buf_str(&bulk), &h->bulk, &copy, err);
	buf_release(&bulk);
	return ok;
}

static void
put_finding(struct buf *out, const struct finding *f, unsigned first_line)
{
	struct str gate = str_of(f->gate), remedy = str_of(f->remedy != NULL ? f->remedy : "");
	const struct head_finding h = { (uint32_t)f->severity,
		f->line >= first_line ? f->line - first_line + 1 : 0, (uint32_t)gate.n,
		(uint32_t)f->element.n, (uint32_t)f->text.n, (uint32_t)remedy.n };
	buf_put(out, (struct str){ (const char *)&h, sizeof h });
	buf_put(out, gate);
	buf_put(out, f->element);
	buf_put(out, f->text);
	buf_put(out, remedy);
}

bool
verdict_write(struct batch *b, const struct judged *j, const struct digest *key, struct str *out,
    struct err *err)
{
	const struct document *d = j->document;
	struct head h = { .digest = d->digest, .updated = d->updated, .expires = d->expires,
		.vertical = (uint32_t)d->vertical.n, .locale = (uint32_t)d->locale.n,
		.id = (uint32_t)d->id.n, .title = (uint32_t)d->title.n,
		.findings = (uint32_t)j->findings->n, .is_document = j->is_document,
		.accepted = j->is_document && !findings_reject(j->findings),
		.has_signature = j->signature != NULL, .is_known = j->vertical != NULL };
	struct stash_ref ref;
	struct buf head;
	if (j->vertical != NULL) {
		h.schema = *j->vertical->schema;
		h.policy = j->vertical->policy.digest;
	}
	set_span(&h, b, j);
	if (j->is_document) {
		h.id_line = node_get(d->root, STR("id"))->line - d->raw.line + 1;
		if (!put_bulk(b, j, &h, err))
			return false;
	}
	buf_init(&head, DOCUMENT_MAX);
	buf_put(&head, (struct str){ (const char *)&h, sizeof h });
	if (h.has_signature)
		buf_put(&head, (struct str){ (const char *)j->signature, sizeof *j->signature });
	buf_put(&head, d->vertical);
	buf_put(&head, d->locale);
	buf_put(&head, d->id);
	buf_put(&head, d->title);
	for (size_t i = 0; i < j->findings->n; i++)
		put_finding(&head, &j->findings->item[i], d->raw.line);
	bool ok = buf_ok(&head, err) && stash_put(b->stash, buf_str(&head), &ref, out, err);
	buf_release(&head);
	if (ok && !j->kept && !is_passing(j->findings))
		stash_name(b->stash, key, ref);
	if (ok && h.accepted) {
		struct digest kept = verdict_kept_key(b, &h.digest);
		stash_name(b->stash, &kept, ref);
	}
	return ok;
}

/* The next n bytes of `rest`; empty at its end. */
static struct str
cut(struct str *rest, size_t n)
{
	if (n > rest->n)
		n = rest->n;
	struct str s = { rest->p, n };
	rest->p += n;
	rest->n -= n;
	return s;
}

static void
read_findings(struct batch_worker *w, struct str rest, size_t n, const struct raw *raw,
    struct batch_item *out)
{
	struct findings all = { .arena = w->keep };
	for (size_t i = 0; i < n; i++) {
		struct head_finding h = { 0 };
		struct str head = cut(&rest, sizeof h);
		memcpy(&h, head.p, head.n);
		struct str gate = cut(&rest, h.gate), element = cut(&rest, h.element),
		           text = cut(&rest, h.text), remedy = cut(&rest, h.remedy);
		const struct gate *known = gate_find(gate);
		findings_add(&all, (struct finding){
			.gate = known != NULL ? known->name : arena_copy(w->keep, gate).p,
			.severity = (enum severity)h.severity, .where = out->document.raw.where,
			.line = h.line > 0 ? raw->line + h.line - 1 : 0,
			.element = arena_copy(w->keep, element), .text = arena_copy(w->keep, text),
			.remedy = remedy.n > 0 ? arena_copy(w->keep, remedy).p : NULL });
	}
	out->finding = all.item;
	out->findings = all.n;
}

static bool
holds(const struct batch *b, const struct head *h, const struct batch_vertical *v, bool kept)
{
	if (!kept && (b->now < h->from || b->now > h->until))
		return false;
	if (v == NULL || !h->is_known)
		return v == NULL && !h->is_known;
	return digest_eq(&h->schema, v->schema)
	    && (kept || digest_eq(&h->policy, &v->policy.digest));
}

/* Texts that many items share, and those that are worth a copy of their own. */
static void
read_names(struct batch_worker *w, const struct head *h, struct str *rest, struct document *d)
{
	struct str vertical = cut(rest, h->vertical);
	const struct batch_vertical *v = batch_vertical(w->batch, vertical);
	d->vertical = v != NULL ? v->name : arena_copy(w->keep, vertical);
	struct str locale = cut(rest, h->locale);
	if (w->locale.p == NULL || !str_eq(locale, w->locale))
		w->locale = arena_copy(w->keep, locale);
	d->locale = w->locale;
	d->id = arena_copy(w->keep, cut(rest, h->id));
	d->title = arena_copy(w->keep, cut(rest, h->title));
}

static bool
read_bulk(const struct batch *b, const struct head *h, struct batch_item *out)
{
	struct str bulk;
	if (!stash_get(b->stash, h->bulk, &bulk)
	    || bulk.n != (size_t)h->canonical + h->outline + h->provenance)
		return false;
	out->document.canonical = cut(&bulk, h->canonical);
	out->outline = cut(&bulk, h->outline);
	out->provenance = cut(&bulk, h->provenance);
	out->bulk_checksum = h->bulk_checksum;
	return true;
}

bool
verdict_read(struct batch_worker *w, struct str bytes, bool kept, const struct raw *raw,
    struct batch_item *out)
{
	struct head h;
	struct str rest = bytes;
	if (rest.n < sizeof h)
		return false;
	memcpy(&h, cut(&rest, sizeof h).p, sizeof h);
	struct str signature = cut(&rest, h.has_signature ? sizeof(struct signature) : 0);
	const struct batch_vertical *v =
	    batch_vertical(w->batch, (struct str){ rest.p, h.vertical < rest.n ? h.vertical : 0 });
	*out = (struct batch_item){ .kept = kept, .policy = v != NULL ? &v->policy : NULL };
	if (!holds(w->batch, &h, v, kept) || (h.is_document && !read_bulk(w->batch, &h, out)))
		return false;
	struct document *d = &out->document;
	d->raw = *raw;
	d->raw.where = raw->where.p == raw->path.p ? raw->where : arena_copy(w->keep, raw->where);
	d->raw.bytes = (struct str){ 0 };
	d->digest = h.digest;
	d->updated = h.updated;
	d->expires = h.expires;
	read_names(w, &h, &rest, d);
	if (h.has_signature && !kept)
		out->signature = (const struct signature *)(const void *)signature.p;
	if (!kept || !h.accepted)
		read_findings(w, rest, h.findings, raw, out);
	out->id_line = raw->line + h.id_line - 1;
	out->accepted = h.accepted;
	for (size_t i = 0; i < out->findings; i++)
		out->warnings += out->finding[i].severity == SEVERITY_WARN;
	return true;
}
