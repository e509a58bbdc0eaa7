#include "generator/gate/language/memo.h"

#include <stdio.h>
#include <unicode/ucurr.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "generator/gate/grounding/gloss.h"

#define DAYS 1024 /* remembered, by the last bits of their number */
#define ZONES 64
#define NAMES 256
#define ZONE_MAX 64 /* bytes of a zone's name, with a NUL */

struct zone {
	char name[ZONE_MAX]; /* empty: a free slot */
	UCalendar *calendar; /* NULL: there is no such zone */
};
struct name {
	char code[4];
	struct plain text;
};
struct memo {
	struct arena *arena;
	struct memo_day day[DAYS];
	bool has_day[DAYS];
	struct zone zone[ZONES];
	struct name name[NAMES];
	size_t names;
};

struct memo *
memo_new(struct arena *a)
{
	struct memo *m = ARENA_NEW(a, struct memo);
	m->arena = a;
	return m;
}

const struct memo_day *
memo_day(const struct language *l, int64_t day)
{
	const double day_ms = 86400e3;
	struct memo_day *d = &l->memo->day[(uint64_t)day % DAYS];
	bool *has = &l->memo->has_day[(uint64_t)day % DAYS];
	if (*has && d->day == day)
		return d;
	*d = (struct memo_day){ .day = day };
	*has = true;
	for (size_t i = 0; i < l->calendars; i++) {
		UErrorCode e = U_ZERO_ERROR;
		ucal_setMillis(l->calendar[i], ((double)day + 0.5) * day_ms, &e);
		d->in[i].era = ucal_get(l->calendar[i], UCAL_ERA, &e);
		d->in[i].year = ucal_get(l->calendar[i], UCAL_YEAR, &e);
		d->in[i].month = ucal_get(l->calendar[i], UCAL_MONTH, &e) + 1;
		d->in[i].day = ucal_get(l->calendar[i], UCAL_DATE, &e);
		d->weekday = ucal_get(l->calendar[i], UCAL_DAY_OF_WEEK, &e);
	}
	return d;
}

static void
close_calendar(void *c)
{
	ucal_close(c);
}

static UCalendar *
open_zone(struct arena *a, struct str name)
{
	UErrorCode e = U_ZERO_ERROR;
	UChar id[ZONE_MAX], system_id[ZONE_MAX];
	UBool is_system = false;
	u_charsToUChars(name.p, id, (int32_t)name.n);
	(void)ucal_getCanonicalTimeZoneID(id, (int32_t)name.n, system_id, LEN(system_id), &is_system,
	    &e);
	if (U_FAILURE(e) || !is_system)
		return NULL;
	UCalendar *c = ucal_open(id, (int32_t)name.n, "root", UCAL_GREGORIAN, &e);
	if (U_FAILURE(e))
		return NULL;
	arena_defer(a, close_calendar, c);
	return c;
}

UCalendar *
memo_zone(struct arena *a, const struct language *l, struct str name)
{
	struct memo *m = l->memo;
	size_t i = 0;
	if (name.n == 0 || name.n >= ZONE_MAX || memchr(name.p, '\0', name.n) != NULL)
		return NULL;
	for (; i < ZONES && m->zone[i].name[0] != '\0'; i++)
		if (str_eq(str_of(m->zone[i].name), name))
			return m->zone[i].calendar;
	if (i == ZONES)
		return open_zone(a, name);
	memcpy(m->zone[i].name, name.p, name.n);
	return m->zone[i].calendar = open_zone(m->arena, name);
}

static struct plain
make_name(struct arena *a, const struct language *l, struct str code)
{
	UChar name[128], units[4] = { 0 };
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = 0;
	if (code.n == 2) {
		char region[8];
		(void)snprintf(region, sizeof region, "und_%.2s", code.p);
		n = uloc_getDisplayCountry(region, l->icu, name, LEN(name), &e);
		return U_FAILURE(e) ? (struct plain){ NULL, 0 }
		    : gloss_fold(a, plain_utf8(a, (struct plain){ name, n }));
	}
	UBool is_choice;
	u_charsToUChars(code.p, units, 3);
	bool is_currency = ucurr_isAvailable(units, -1e15, 1e15, &e);
	const UChar *text =
	    is_currency ? ucurr_getName(units, l->icu, UCURR_LONG_NAME, &is_choice, &n, &e) : NULL;
	return text == NULL || U_FAILURE(e) ? (struct plain){ NULL, 0 }
	    : gloss_fold(a, plain_utf8(a, (struct plain){ text, n }));
}

struct plain
memo_name(struct arena *a, const struct language *l, struct str code)
{
	struct memo *m = l->memo;
	if (code.n != 2 && code.n != 3)
		return (struct plain){ NULL, 0 };
	for (size_t i = 0; i < m->names; i++)
		if (str_eq(str_of(m->name[i].code), code))
			return m->name[i].text;
	if (m->names == NAMES)
		return make_name(a, l, code);
	struct name *x = &m->name[m->names++];
	memcpy(x->code, code.p, code.n);
	return x->text = make_name(m->arena, l, code);
}
