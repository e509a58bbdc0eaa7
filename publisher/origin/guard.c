#include "publisher/origin/guard.h"

#include <strings.h>

/* Letters, digits and what stands in `other`. */
static bool
is_made_of(struct str s, const char *other)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')
		    && (c == '\0' || strchr(other, c) == NULL))
			return false;
	}
	return true;
}

static bool
is_token(struct str s)
{
	return s.n > 0 && is_made_of(s, "!#$%&'*+-.^_`|~"); /* RFC 9110, 5.6.2 */
}

/* RFC 9110, 5.5: no control characters but the tab. */
static bool
is_field_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* uri-host [ ":" port ], RFC 9110, 7.2: what RFC 3986, 3.2.2 lets a host hold, or nothing. */
static bool
is_host(struct str s)
{
	return is_made_of(s, "-._~!$&'()*+,;=%:[]");
}

/* 00-<32 hex>-<16 hex>-<2 hex>, not all zeros: W3C Trace Context, section 3.2. */
static bool
is_traceparent(struct str s)
{
	static const char shape[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
	static const char zeros[] = "00000000000000000000000000000000";
	if (s.n != sizeof shape - 1 || str_starts(s, STR("ff")))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool hex = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f');
		if (shape[i] == '-' ? s.p[i] != '-' : !hex)
			return false;
	}
	return memcmp(s.p + 3, zeros, 32) != 0 && memcmp(s.p + 36, zeros, 16) != 0;
}

/* Fields that are lists mean the same in one line or several: RFC 9110, 5.3. */
static void
append(struct arena *a, struct str *to, struct str value)
{
	*to = to->n == 0 ? value
	    : arena_printf(a, "%.*s, %.*s", STR_ARG(*to), STR_ARG(value));
}

static void
take(struct arena *a, struct head *h, struct str name, struct str value)
{
	const struct {
		const char *name;
		struct str *field;
		bool list;
	} wanted[] = {
		{ "accept-encoding", &h->request.accept_encoding, true },
		{ "if-none-match", &h->request.if_none_match, true },
		{ "if-modified-since", &h->request.if_modified_since, false },
		{ "if-range", &h->request.if_range, false },
		{ "range", &h->request.range, false },
		{ "webhook-id", &h->webhook_id, false },
		{ "webhook-timestamp", &h->webhook_timestamp, false },
		{ "webhook-signature", &h->webhook_signature, false },
		{ "traceparent", &h->traceparent, false },
	};
	for (size_t i = 0; i < LEN(wanted); i++) {
		if (name.n != strlen(wanted[i].name)
		    || strncasecmp(name.p, wanted[i].name, name.n) != 0)
			continue;
		if (wanted[i].list)
			append(a, wanted[i].field, arena_copy(a, value));
		else if (wanted[i].field->n == 0)
			*wanted[i].field = arena_copy(a, value);
	}
}

static bool
is(struct str name, const char *lower)
{
	return name.n == strlen(lower) && strncasecmp(name.p, lower, name.n) == 0;
}

void
guard_field(struct arena *a, struct head *h, struct str name, struct str value)
{
	if (h->verdict != GUARD_FINE)
		return;
	if (++h->fields > GUARD_FIELDS_MAX)
		h->verdict = GUARD_FIELDS;
	else if (!is_token(name) || !is_field_value(value))
		h->verdict = GUARD_NAME;
	else if (is(name, "transfer-encoding"))
		h->verdict = GUARD_TRANSFER;
	else if (is(name, "host"))
		h->verdict = ++h->hosts > 1 || !is_host(value) ? GUARD_HOST : GUARD_FINE;
	else if (is(name, "content-length"))
		h->verdict = ++h->lengths > 1 || !str_to_u64(value, &h->length) ? GUARD_LENGTH
		                                                                : GUARD_FINE;
	else
		take(a, h, name, value);
	if (h->traceparent.n > 0 && !is_traceparent(h->traceparent))
		h->traceparent = (struct str){ 0 };
}

enum guard_verdict
guard_judge(const struct head *h, enum method method, bool http_1_1, uint64_t body_max)
{
	if (h->verdict != GUARD_FINE)
		return h->verdict;
	if (http_1_1 && h->hosts != 1)
		return GUARD_HOST;
	if (method != METHOD_POST)
		return h->length > 0 ? GUARD_LENGTH : GUARD_FINE;
	if (h->lengths == 0)
		return GUARD_NO_LENGTH;
	return h->length > body_max ? GUARD_TOO_LARGE : GUARD_FINE;
}

void
guard_answer(struct arena *a, enum guard_verdict verdict, struct answer *out)
{
	if (verdict == GUARD_TOO_LARGE)
		answer_problem(a, 413, "Content Too Large", "A webhook body has at most 65536 bytes.",
		    0, out);
	else if (verdict == GUARD_NO_LENGTH)
		answer_problem(a, 411, "Length Required", "Send Content-Length.", 0, out);
	else
		answer_problem(a, 400, "Bad Request", "The request head is ambiguous or malformed.", 0,
		    out);
	out->close = true;
}

const char *
guard_name(enum guard_verdict verdict)
{
	static const char *const names[] = {
		[GUARD_FINE] = "fine", [GUARD_NAME] = "field_name", [GUARD_FIELDS] = "too_many_fields",
		[GUARD_HOST] = "host", [GUARD_LENGTH] = "content_length",
		[GUARD_TRANSFER] = "transfer_encoding", [GUARD_TOO_LARGE] = "too_large",
		[GUARD_NO_LENGTH] = "no_length",
	};
	return names[verdict];
}
