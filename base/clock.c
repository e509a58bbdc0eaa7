#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define YEAR_0 (-INT64_C(62167219200))   /* 0000-01-01T00:00:00Z */
#define YEAR_9999 INT64_C(253402300799)  /* 9999-12-31T23:59:59Z */
#define DAY_S 86400

int64_t
clock_now(void)
{
	uint64_t pinned;
	if (str_to_u64(str_of(getenv("SOURCE_DATE_EPOCH")), &pinned))
		return (int64_t)pinned;
	return (int64_t)time(NULL);
}

int64_t
clock_monotonic_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
clock_sleep_ms(int64_t ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };
	while (ms > 0 && nanosleep(&left, &left) != 0)
		;
}

/* Take n digits off the front of *s. */
static bool
digits(struct str *s, size_t n, int *out)
{
	uint64_t value;
	if (s->n < n || !str_to_u64((struct str){ s->p, n }, &value))
		return false;
	*out = (int)value;
	s->p += n;
	s->n -= n;
	return true;
}

static bool
one_of(struct str *s, const char *set)
{
	if (s->n == 0 || s->p[0] == '\0' || strchr(set, s->p[0]) == NULL)
		return false;
	s->p++;
	s->n--;
	return true;
}

static bool
hms(struct str *s, struct tm *t)
{
	return digits(s, 2, &t->tm_hour) && one_of(s, ":") && digits(s, 2, &t->tm_min)
	    && one_of(s, ":") && digits(s, 2, &t->tm_sec);
}

/* A leap second (:60) is read as the second after :59. */
static bool
civil(const struct tm *given, int64_t *out)
{
	struct tm day = {
		.tm_year = given->tm_year, .tm_mon = given->tm_mon, .tm_mday = given->tm_mday,
	};
	if (given->tm_hour > 23 || given->tm_min > 59 || given->tm_sec > 60)
		return false;
	int64_t midnight = (int64_t)timegm(&day); /* normalises the 31st of June away */
	if (day.tm_mday != given->tm_mday || day.tm_mon != given->tm_mon)
		return false;
	*out = midnight + given->tm_hour * 3600 + given->tm_min * 60 + given->tm_sec;
	return true;
}

static bool
offset(struct str *s, int *out_s)
{
	int hours, minutes;
	*out_s = 0;
	if (one_of(s, "Zz"))
		return true;
	int sign = s->n > 0 && s->p[0] == '-' ? -1 : 1;
	if (!one_of(s, "+-") || !digits(s, 2, &hours) || !one_of(s, ":")
	    || !digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*out_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool
fraction(struct str *s)
{
	if (!one_of(s, "."))
		return true;
	if (!one_of(s, "0123456789"))
		return false;
	while (one_of(s, "0123456789"))
		;
	return true;
}

bool
time_parse(struct str text, int64_t *out, struct err *err)
{
	struct str s = text;
	struct tm t = { 0 };
	int offset_s;
	int64_t local;
	bool ok = digits(&s, 4, &t.tm_year) && one_of(&s, "-") && digits(&s, 2, &t.tm_mon)
	    && one_of(&s, "-") && digits(&s, 2, &t.tm_mday) && one_of(&s, "Tt")
	    && hms(&s, &t) && fraction(&s) && offset(&s, &offset_s) && s.n == 0;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	if (!ok || !civil(&t, &local))
		return err_set(err, ERR_INPUT, "'%.*s' is not a time like 2026-11-20T18:00:00Z",
		    (int)(text.n < 40 ? text.n : 40), text.p ? text.p : "");
	*out = local - offset_s;
	return true;
}

static struct tm
broken_down(int64_t when)
{
	time_t bounded = when < YEAR_0 ? YEAR_0 : when > YEAR_9999 ? YEAR_9999 : when;
	struct tm t = { 0 };
	(void)gmtime_r(&bounded, &t);
	return t;
}

struct str
time_rfc3339(struct arena *a, int64_t when)
{
	struct tm t = broken_down(when);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900, t.tm_mon + 1,
	    t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
	"Sep", "Oct", "Nov", "Dec" };

void
time_http(int64_t when, char out[30])
{
	struct tm t = broken_down(when);
	(void)snprintf(out, 30, "%.3s, %02u %s %04u %02u:%02u:%02u GMT", days[t.tm_wday],
	    (unsigned)t.tm_mday % 100, months[t.tm_mon], (unsigned)(t.tm_year + 1900) % 10000,
	    (unsigned)t.tm_hour % 100, (unsigned)t.tm_min % 100, (unsigned)t.tm_sec % 100);
}

/* Take one of the names, or its first three letters, off the front of *s. */
static bool
name(struct str *s, const char *const names[], size_t n, bool whole, int *out)
{
	for (size_t i = 0; i < n; i++) {
		struct str wanted = { names[i], whole ? strlen(names[i]) : 3 };
		if (str_starts(*s, wanted)) {
			s->p += wanted.n;
			s->n -= wanted.n;
			*out = (int)i;
			return true;
		}
	}
	return false;
}

static bool
literal(struct str *s, struct str wanted)
{
	if (!str_starts(*s, wanted))
		return false;
	s->p += wanted.n;
	s->n -= wanted.n;
	return true;
}

static bool
parse_imf_fixdate(struct str s, int64_t *out) /* Sun, 06 Nov 1994 08:49:37 GMT */
{
	struct tm t = { 0 };
	bool ok = name(&s, days, LEN(days), false, &t.tm_wday) && literal(&s, STR(", "))
	    && digits(&s, 2, &t.tm_mday) && one_of(&s, " ")
	    && name(&s, months, LEN(months), false, &t.tm_mon) && one_of(&s, " ")
	    && digits(&s, 4, &t.tm_year) && one_of(&s, " ") && hms(&s, &t)
	    && str_eq(s, STR(" GMT"));
	t.tm_year -= 1900;
	return ok && civil(&t, out);
}

static bool
parse_rfc850(struct str s, int64_t *out) /* Sunday, 06-Nov-94 08:49:37 GMT */
{
	struct tm t = { 0 };
	bool ok = name(&s, days, LEN(days), true, &t.tm_wday) && literal(&s, STR(", "))
	    && digits(&s, 2, &t.tm_mday) && one_of(&s, "-")
	    && name(&s, months, LEN(months), false, &t.tm_mon) && one_of(&s, "-")
	    && digits(&s, 2, &t.tm_year) && one_of(&s, " ") && hms(&s, &t)
	    && str_eq(s, STR(" GMT"));
	if (!ok)
		return false;
	/* more than 50 years ahead means the past century: RFC 9110, section 5.6.7 */
	struct tm now = broken_down(clock_now());
	t.tm_year += now.tm_year / 100 * 100;
	if (t.tm_year > now.tm_year + 50)
		t.tm_year -= 100;
	return civil(&t, out);
}

static bool
parse_asctime(struct str s, int64_t *out) /* Sun Nov  6 08:49:37 1994 */
{
	struct tm t = { 0 };
	bool ok = name(&s, days, LEN(days), false, &t.tm_wday) && one_of(&s, " ")
	    && name(&s, months, LEN(months), false, &t.tm_mon) && one_of(&s, " ")
	    && (literal(&s, STR(" ")) ? digits(&s, 1, &t.tm_mday) : digits(&s, 2, &t.tm_mday))
	    && one_of(&s, " ") && hms(&s, &t) && one_of(&s, " ") && digits(&s, 4, &t.tm_year)
	    && s.n == 0;
	t.tm_year -= 1900;
	return ok && civil(&t, out);
}

bool
time_parse_http(struct str text, int64_t *out)
{
	return parse_imf_fixdate(text, out) || parse_rfc850(text, out) || parse_asctime(text, out);
}

bool
duration_parse(struct str text, int64_t *out_s, struct err *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY_S }, { 'y', 365 * DAY_S } };
	const int64_t most_s = INT64_C(100) * 365 * DAY_S;
	uint64_t count;
	for (size_t i = 0; i < LEN(units); i++)
		if (text.n > 1 && text.p[text.n - 1] == units[i].unit
		    && str_to_u64((struct str){ text.p, text.n - 1 }, &count)
		    && (int64_t)count <= most_s / units[i].seconds) {
			*out_s = (int64_t)count * units[i].seconds;
			return true;
		}
	return err_set(err, ERR_INPUT, "'%.*s' is not a duration like 90s, 15m, 12h, 30d or 2y",
	    (int)(text.n < 40 ? text.n : 40), text.p ? text.p : "");
}
