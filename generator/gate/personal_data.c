/* Personal data and secrets, by their shape and, where they have one, their check digits. */
#include <unicode/ustring.h>

#include "generator/gate/judges.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"
#include "generator/gate/seen.h"

struct shape {
	const char *what;
	const char *pattern;
	bool (*confirm)(const UChar *, int32_t n); /* NULL: the shape says it all */
};

/* Luhn, ISO/IEC 7812-1. */
static bool
is_card(const UChar *p, int32_t n)
{
	int digits = 0, sum = 0;
	for (int32_t i = n; i-- > 0;) {
		if (p[i] < '0' || p[i] > '9')
			continue;
		int d = p[i] - '0';
		if (digits++ % 2 == 1)
			d = 2 * d > 9 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return digits >= 13 && digits <= 19 && sum % 10 == 0;
}

/* Mod 97, ISO 13616: country and check digits go to the end, letters count 10 to 35. */
static bool
is_iban(const UChar *p, int32_t n)
{
	UChar c[40];
	int32_t m = 0;
	for (int32_t i = 0; i < n && m < (int32_t)LEN(c); i++)
		if (p[i] != ' ')
			c[m++] = p[i];
	if (m < 15 || m > 34)
		return false;
	unsigned rest = 0;
	for (int32_t i = 0; i < m; i++) {
		UChar x = c[(i + 4) % m];
		rest = x <= '9' ? (rest * 10 + x - '0') % 97 : (rest * 100 + x - 'A' + 10u) % 97;
	}
	return rest == 1;
}

static const struct shape people[] = {
	{ "an e-mail address",
	    "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,6}", NULL },
	/* +1 206 555 0100, +49-30-1234567; not +1 234 567 890 grouped by thousands. */
	{ "a phone number",
	    "(?<![\\p{Alnum}.,])\\+[1-9]\\d{0,2}+(?![ ]\\d{3}(?:[ ]\\d{3})*(?!\\d|[ ]\\d|-))"
	    "(?:[ .()/-]{0,2}\\d){8,13}(?!\\d|[.,]\\d)", NULL },
	{ "a phone number", "(?<![\\p{Alnum}.,-])(?:\\(\\d{3}\\) ?|\\d{3}[-.])\\d{3}[-.]\\d{4}(?![\\d-]|[.,]\\d)",
	    NULL },
	{ "a phone number", "(?<![\\p{Alnum}.,-])0\\d(?:[ .]\\d\\d){4}(?!\\d|[.,]\\d)", NULL },
	{ "a phone number", "(?<![\\p{Alnum}.,-])0\\d{1,4}-\\d{1,4}-\\d{4}(?![\\d-]|[.,]\\d)", NULL },
	{ "a phone number", "(?<![\\p{Alnum}.,-])0[1-9]\\d{1,4}[ /]\\d{5,8}(?!\\d|[.,]\\d)", NULL },
	{ "a card number", "(?<![\\d.,])[2-6]\\d{3}(?:[ -]?\\d){9,15}(?![\\d,.]\\d)", is_card },
	{ "a bank account (IBAN)", "\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]){11,30}\\b", is_iban },
};
static const struct shape secrets[] = {
	{ "a private key", "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY", NULL },
	{ "an API key", "\\bsk-[A-Za-z0-9_-]{20,}", NULL },
	{ "an AWS access key", "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b", NULL },
	{ "a GitHub token", "\\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})", NULL },
	{ "a Slack token", "\\bxox[abeprs]-[A-Za-z0-9-]{10,}", NULL },
	{ "a Google API key", "\\bAIza[0-9A-Za-z_-]{35}", NULL },
	{ "a bearer token", "\\beyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}", NULL },
	{ "a storage key", "(?i)AccountKey=[A-Za-z0-9+/]{20,}|[?&]sig=[A-Za-z0-9%+/]{30,}", NULL },
	{ "a password in an address", "(?i)\\b[a-z][a-z0-9+]{1,12}://[^\\s/:@]{1,64}:[^\\s/@]{1,64}@", NULL },
};

/* Enough to find it, not enough to use it: findings go to logs. */
static struct str
masked(struct arena *a, const UChar *p, int32_t n)
{
	int32_t show = n < 8 ? 1 : 4;
	struct str head = plain_utf8(a, (struct plain){ p, show });
	return arena_printf(a, "%.*s...", STR_ARG(head));
}

static void
search(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct shape *shapes, size_t n, struct str element, unsigned line, struct plain text)
{
	for (size_t i = 0; i < n; i++) {
		UErrorCode e = U_ZERO_ERROR;
		URegularExpression *re = seen_pattern(in->seen, shapes[i].pattern, text.p, text.n);
		while (uregex_findNext(re, &e)) {
			int32_t start = uregex_start(re, 0, &e), end = uregex_end(re, 0, &e);
			const UChar *p = text.p + start;
			if (shapes[i].confirm != NULL && !shapes[i].confirm(p, end - start))
				continue;
			struct str shown = masked(in->arena, p, end - start);
			gate_report(in, g, out, element, line, "%s: '%.*s'", shapes[i].what,
			    STR_ARG(shown));
			break;
		}
	}
}

void
judge_personal_data(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct leaf *leaf;
	size_t n;
	struct arena *a = in->arena;
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		struct plain text = plain_shape(a, x->text);
		search(in, g, out, people, LEN(people), x->element, x->line, text);
		search(in, g, out, secrets, LEN(secrets), x->element, x->line, text);
	}
	for (size_t i = 0; i < in->reading->links; i++) {
		const struct reading_link *l = &in->reading->link[i];
		search(in, g, out, secrets, LEN(secrets), l->element, l->line, plain_shape(a, l->href));
	}
	leaves_make(a, in->document->root, STR(""), &leaf, &n);
	for (size_t i = 0; i < n; i++) {
		struct str path = leaf[i].path;
		bool in_facts = str_starts(path, STR("facts/"));
		if (leaf[i].node->kind != NODE_TEXT || str_eq(path, STR("title"))
		    || str_eq(path, STR("summary")) || str_eq(path, STR("image/alt")))
			continue;
		struct plain text = plain_shape(a, leaf[i].node->text);
		if (in_facts)
			search(in, g, out, people, LEN(people), path, leaf[i].node->line, text);
		search(in, g, out, secrets, LEN(secrets), path, leaf[i].node->line, text);
	}
}
