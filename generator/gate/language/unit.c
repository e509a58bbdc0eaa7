/* unit: what prose measures in, by dimension, with factors to one base for each. */
#include "generator/gate/language/language.h"

/* Bases: degrees Celsius, km/h, mm, hPa, per cent, degrees of arc, seconds. Money has no
 * base: amounts in different currencies never match. */
const struct unit units_known[] = {
	{ "celsius", TEMPERATURE, 1, 0 },
	{ "fahrenheit", TEMPERATURE, 5.0 / 9, -160.0 / 9 },
	{ "kelvin", TEMPERATURE, 1, -273.15 },
	{ "km/h", SPEED, 1, 0 },
	{ "mph", SPEED, 1.609344, 0 },
	{ "m/s", SPEED, 3.6, 0 },
	{ "knot", SPEED, 1.852, 0 },
	{ "mm", LENGTH, 1, 0 },
	{ "cm", LENGTH, 10, 0 },
	{ "m", LENGTH, 1000, 0 },
	{ "km", LENGTH, 1e6, 0 },
	{ "inch", LENGTH, 25.4, 0 },
	{ "foot", LENGTH, 304.8, 0 },
	{ "mile", LENGTH, 1609344, 0 },
	{ "hpa", PRESSURE, 1, 0 },
	{ "inhg", PRESSURE, 33.863886, 0 },
	{ "mmhg", PRESSURE, 1.333224, 0 },
	{ "percent", SHARE, 1, 0 },
	{ "basis-point", SHARE, 0.01, 0 },
	{ "permille", SHARE, 0.1, 0 },
	/* Of a rate that is itself a share; a change in per cent is something else. */
	{ "percentage-point", POINTS, 1, 0 },
	{ "USD", MONEY, 1, 0 },
	{ "EUR", MONEY, 1, 0 },
	{ "GBP", MONEY, 1, 0 },
	{ "JPY", MONEY, 1, 0 },
	{ "CHF", MONEY, 1, 0 },
	{ "CNY", MONEY, 1, 0 },
	{ "SAR", MONEY, 1, 0 },
	{ "AED", MONEY, 1, 0 },
	{ "INR", MONEY, 1, 0 },
	{ "KRW", MONEY, 1, 0 },
	{ "BRL", MONEY, 1, 0 },
	{ "RUB", MONEY, 1, 0 },
	{ "MXN", MONEY, 1, 0 },
	{ "ARS", MONEY, 1, 0 },
	{ "CAD", MONEY, 1, 0 },
	{ "AUD", MONEY, 1, 0 },
	{ "TRY", MONEY, 1, 0 },
	{ "SEK", MONEY, 1, 0 },
	{ "PLN", MONEY, 1, 0 },
	{ "degree", ANGLE, 1, 0 },
	{ "second", SPAN, 1, 0 },
	{ "minute", SPAN, 60, 0 },
	{ "hour", SPAN, 3600, 0 },
	{ "day", SPAN, 86400, 0 },
	{ "week", SPAN, 604800, 0 },
	{ "month", SPAN, 2629746, 0 },
	{ "year", SPAN, 31556952, 0 },
};
const size_t units_known_count = LEN(units_known);

int
unit_index(struct str name)
{
	for (size_t i = 0; i < LEN(units_known); i++)
		if (str_eq(name, str_of(units_known[i].name)))
			return (int)i;
	return -1;
}
