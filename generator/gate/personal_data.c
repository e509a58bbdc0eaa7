/* Personal data and secrets, by their shape and, where they have one, their check digits. */
#include <pthread.h>
#include <unicode/ustring.h>

#include "generator/gate/cue.h"
#include "generator/gate/judges.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"
#include "generator/gate/seen.h"

struct shape {
	const char *what;
	/* What a text must have for a match: one of these (cue.h; NULL: anything goes), and so
	 * many digits with nothing but " ./()-" between them. */
	const char *cues;
	int32_t digits;
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
	{ "an e-mail address", "@", 0,
	    "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,6}", NULL },
	/* +1 206 555 0100, +49-30-1234567; not +1 234 567 890 grouped by thousands. */
	{ "a phone number", "+", 9,
	    "(?<![\\p{Alnum}.,])\\+[1-9]\\d{0,2}+(?![ ]\\d{3}(?:[ ]\\d{3})*(?!\\d|[ ]\\d|-))"
	    "(?:[ .()/-]{0,2}\\d){8,13}(?!\\d|[.,]\\d)", NULL },
	{ "a phone number", NULL, 10,
	    "(?<![\\p{Alnum}.,-])(?:\\(\\d{3}\\) ?|\\d{3}[-.])\\d{3}[-.]\\d{4}(?![\\d-]|[.,]\\d)", NULL },
	{ "a phone number", NULL, 10,
	    "(?<![\\p{Alnum}.,-])0\\d(?:[ .]\\d\\d){4}(?!\\d|[.,]\\d)", NULL },
	{ "a phone number", "-", 7,
	    "(?<![\\p{Alnum}.,-])0\\d{1,4}-\\d{1,4}-\\d{4}(?![\\d-]|[.,]\\d)", NULL },
	{ "a phone number", " |/", 8,
	    "(?<![\\p{Alnum}.,-])0[1-9]\\d{1,4}[ /]\\d{5,8}(?!\\d|[.,]\\d)", NULL },
	{ "a card number", NULL, 13, "(?<![\\d.,])[2-6]\\d{3}(?:[ -]?\\d){9,15}(?![\\d,.]\\d)", is_card },
	{ "a bank account (IBAN)", NULL, 2, "\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]){11,30}\\b", is_iban },
};
static const struct shape secrets[] = {
	{ "a private key", "-----BEGIN ", 0, "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY", NULL },
	{ "an API key", "sk-", 0, "\\bsk-[A-Za-z0-9_-]{20,}", NULL },
	{ "an AWS access key", "AKIA|ASIA", 0, "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b", NULL },
	{ "a GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_", 0, "\\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})", NULL },
	{ "a Slack token", "xox", 0, "\\bxox[abeprs]-[A-Za-z0-9-]{10,}", NULL },
	{ "a Google API key", "AIza", 0, "\\bAIza[0-9A-Za-z_-]{35}", NULL },
	{ "a bearer token", "eyJ", 0, "\\beyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}", NULL },
	{ "a storage key", "=", 0, "(?i)AccountKey=[A-Za-z0-9+/]{20,}|[?&]sig=[A-Za-z0-9%+/]{30,}", NULL },
	{ "a password in an address", "@", 0, "(?i)\\b[a-z][a-z0-9+]{1,12}://[^\\s/:@]{1,64}:[^\\s/@]{1,64}@", NULL },
};

/* Enough to find it, not enough to use it: findings go to logs. */
static struct str
masked(struct arena *a, const UChar *p, int32_t n)
{
	int32_t show = n < 8 ? 1 : 4;
	struct str head = plain_utf8(a, (struct plain){ p, show });
	return arena_printf(a, "%.*s...", STR_ARG(head));
}

/* Read-only once made, for the life of the program: people first, then secrets. */
static struct cues *shape_cues;
static pthread_once_t cues_once = PTHREAD_ONCE_INIT;

static void
cues_make(void)
{
	static struct arena *a;
	a = arena_new();
	shape_cues = cues_new(a);
	for (unsigned i = 0; i < LEN(people); i++)
		if (people[i].cues != NULL)
			cues_add(shape_cues, people[i].cues, i);
	for (unsigned i = 0; i < LEN(secrets); i++)
		cues_add(shape_cues, secrets[i].cues, (unsigned)LEN(people) + i);
}

/* The most digits that stand together, but for what numbers are grouped with. */
static int32_t
digits_together(struct plain s)
{
	int32_t most = 0, n = 0;
	for (int32_t i = 0; i < s.n; i++) {
		UChar c = s.p[i];
		if (c >= '0' && c <= '9')
			n++;
		else if (c != ' ' && c != '.' && c != '/' && c != '(' && c != ')' && c != '-')
			n = 0;
		most = n > most ? n : most;
	}
	return most;
}

/* "2026-11-20" and "2026-11-20T18:00:00Z", of which documents are full, fit no shape. */
static bool
is_moment(struct plain s)
{
	static const char like[] = "dddd-dd-ddTdd:dd:ddZ";
	if (s.n != 10 && s.n != sizeof like - 1)
		return false;
	for (int32_t i = 0; i < s.n; i++)
		if (like[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != (UChar)like[i])
			return false;
	return true;
}

static void
search(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct shape *shape, struct str element, unsigned line, struct plain text)
{
	UErrorCode e = U_ZERO_ERROR;
	URegularExpression *re = seen_pattern(in->seen, shape->pattern, text.p, text.n);
	while (uregex_findNext(re, &e)) {
		int32_t start = uregex_start(re, 0, &e), end = uregex_end(re, 0, &e);
		const UChar *p = text.p + start;
		if (shape->confirm != NULL && !shape->confirm(p, end - start))
			continue;
		struct str shown = masked(in->arena, p, end - start);
		gate_report(in, g, out, element, line, "%s: '%.*s'", shape->what, STR_ARG(shown));
		return;
	}
}

static void
judge_text(const struct gate_input *in, const struct gate *g, struct findings *out,
    bool is_public, struct str element, unsigned line, struct plain text)
{
	if (is_moment(text))
		return;
	uint64_t cues = cues_in(shape_cues, text);
	int32_t digits = digits_together(text);
	for (size_t i = 0; is_public && i < LEN(people); i++)
		if (digits >= people[i].digits && (people[i].cues == NULL || (cues >> i & 1) != 0))
			search(in, g, out, &people[i], element, line, text);
	for (size_t i = 0; i < LEN(secrets); i++)
		if ((cues >> (LEN(people) + i) & 1) != 0)
			search(in, g, out, &secrets[i], element, line, text);
}

/* Facts are shown, and excerpts are kept with the document. */
static bool
is_public(const struct leaf *l)
{
	return str_starts(l->path, STR("facts/")) || str_eq(l->node->name, STR("excerpt"));
}

void
judge_personal_data(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	(void)pthread_once(&cues_once, cues_make);
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		judge_text(in, g, out, true, x->element, x->line, x->forms.shape);
	}
	for (size_t i = 0; i < in->reading->links; i++) {
		const struct reading_link *l = &in->reading->link[i];
		judge_text(in, g, out, false, l->element, l->line, plain_shape(in->arena, l->href));
	}
	for (size_t i = 0; i < in->reading->leaves; i++) {
		const struct leaf *l = &in->reading->leaf[i];
		bool is_passage = str_eq(l->path, STR("title")) || str_eq(l->path, STR("summary"))
		    || str_eq(l->path, STR("short-title"))
		    || str_eq(l->path, STR("image/alt"));
		if (l->node->kind == NODE_TEXT && !is_passage)
			judge_text(in, g, out, is_public(l), l->path,
			    l->node->line, l->forms.shape);
	}
}
