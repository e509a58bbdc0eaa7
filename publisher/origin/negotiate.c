#include "publisher/origin/negotiate.h"

#include <strings.h>

#include "base/clock.h"

#define CODINGS_MAX 32 /* looked at in one Accept-Encoding */

static bool
is_word(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

/* A qvalue in thousandths: "1", "0.5", "0.333"; -1 if it is not one. */
static int
qvalue(struct str s)
{
	int q = 0, scale = 1000;
	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (i == 1)
			continue;
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		q += (s.p[i] - '0') * scale;
		scale /= 10;
	}
	return q > 1000 ? -1 : q;
}

/* The weight of one list member "gzip ; q=0.5" without its name; a bad one counts as 0. */
static int
weight(struct str parameters)
{
	while (parameters.p != NULL) {
		struct str one = str_trim(str_cut(parameters, ';', &parameters));
		if (one.n >= 2 && (one.p[0] == 'q' || one.p[0] == 'Q') && one.p[1] == '=') {
			int q = qvalue((struct str){ one.p + 2, one.n - 2 });
			return q < 0 ? 0 : q;
		}
	}
	return 1000;
}

/* The coding of this name; CODINGS if it is none of ours. */
static enum coding
coding_named(struct str name)
{
	if (is_word(name, "identity"))
		return CODING_NONE;
	if (is_word(name, "x-gzip")) /* RFC 9110, 8.4.1.3 */
		return CODING_GZIP;
	for (int c = CODING_NONE + 1; c < CODINGS; c++)
		if (is_word(name, coding_kinds[c].token))
			return (enum coding)c;
	return CODINGS;
}

/* Weights in thousandths; -1: not named. weight_of[CODINGS] is that of "*". */
static void
weights(struct str header, int weight_of[CODINGS + 1])
{
	for (int c = 0; c <= CODINGS; c++)
		weight_of[c] = -1;
	for (size_t i = 0; header.p != NULL && i < CODINGS_MAX; i++) {
		struct str parameters, one = str_cut(header, ',', &header);
		struct str name = str_trim(str_cut(one, ';', &parameters));
		enum coding c = coding_named(name);
		if (c != CODINGS || is_word(name, "*"))
			weight_of[c] = weight(parameters);
	}
}

enum coding
coding_preferred(struct str accept_encoding, unsigned forms, const struct coded form[CODINGS])
{
	int weight_of[CODINGS + 1], best_weight = -1;
	enum coding best = CODING_NONE;
	if ((forms & (forms - 1)) == 0) {
		while ((forms >> best & 1) == 0)
			best = (enum coding)(best + 1);
		return best;
	}
	weights(accept_encoding, weight_of);
	for (int c = CODING_NONE; c < CODINGS; c++) {
		int q = weight_of[c];
		if ((forms >> c & 1) == 0)
			continue;
		/* Section 12.5.3: identity is acceptable unless named, but nobody prefers it by silence. */
		if (q < 0)
			q = c == CODING_NONE ? 0 : weight_of[CODINGS];
		if (q <= 0 && c != CODING_NONE)
			continue;
		if (q > best_weight || (q == best_weight && form[c].size < form[best].size)) {
			best = (enum coding)c;
			best_weight = q;
		}
	}
	return best;
}

/* One entity tag at the front of *list; false at the end or where the syntax breaks. */
static bool
etag_next(struct str *list, struct str *tag)
{
	size_t i = 0;
	while (i < list->n && (list->p[i] == ' ' || list->p[i] == '\t' || list->p[i] == ','))
		i++;
	if (i + 1 < list->n && list->p[i] == 'W' && list->p[i + 1] == '/')
		i += 2;
	if (i >= list->n || list->p[i] != '"')
		return false;
	const char *end = memchr(list->p + i + 1, '"', list->n - i - 1);
	if (end == NULL)
		return false;
	*tag = (struct str){ list->p + i, (size_t)(end + 1 - (list->p + i)) };
	list->n -= (size_t)(end + 1 - list->p);
	list->p = end + 1;
	return true;
}

bool
etag_listed(struct str list, struct str etag)
{
	struct str tag;
	list = str_trim(list);
	if (str_eq(list, STR("*")))
		return true;
	while (list.n > 0 && etag_next(&list, &tag))
		if (str_eq(tag, etag))
			return true;
	return false;
}

bool
range_applies(struct str if_range, struct str etag, int64_t modified, int64_t now)
{
	int64_t date;
	if_range = str_trim(if_range);
	if (if_range.n > 0 && if_range.p[0] == '"')
		return str_eq(if_range, etag);
	return time_parse_http(if_range, &date) && date == modified && now - modified >= 60;
}

enum range_verdict
range_read(struct str range, uint64_t size, uint64_t *from, uint64_t *length)
{
	uint64_t first, last = 0;
	struct str rest, unit = str_trim(str_cut(range, '=', &rest));
	if (!is_word(unit, "bytes") || rest.p == NULL || memchr(rest.p, ',', rest.n) != NULL)
		return RANGE_NONE;
	struct str end, start = str_cut(str_trim(rest), '-', &end); /* no blanks within: 14.1.1 */
	if (end.p == NULL)
		return RANGE_NONE;
	if (start.n == 0) { /* the last so many bytes */
		if (!str_to_u64(end, &last))
			return RANGE_NONE;
		if (last == 0 || size == 0)
			return RANGE_OUTSIDE;
		*length = last < size ? last : size;
		*from = size - *length;
		return RANGE_ONE;
	}
	if (!str_to_u64(start, &first) || (end.n > 0 && (!str_to_u64(end, &last) || last < first)))
		return RANGE_NONE;
	if (first >= size)
		return RANGE_OUTSIDE;
	if (end.n == 0 || last >= size)
		last = size - 1;
	*from = first;
	*length = last - first + 1;
	return RANGE_ONE;
}
