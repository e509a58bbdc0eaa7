/* The gate grounding: what facts bear out passes in each locale, what they do not is refused. */
#include "tests/unit/lib/gate_case.h"

static const char facts_weather[] =
    "{\"kind\":\"forecast\",\"condition\":\"rain\",\"high\":12.4,\"low\":-3,\"temperature\":21.3,"
    "\"precipitation\":8.5,\"precipitation-chance\":80,\"humidity\":67,\"pressure\":1013.2,"
    "\"wind\":{\"speed\":24,\"gust\":48,\"direction\":\"SW\"},"
    "\"place\":{\"name\":\"Seattle\",\"country\":\"US\",\"zone\":\"America/Los_Angeles\"},"
    "\"period\":{\"start\":\"2026-11-20T18:00:00Z\",\"end\":\"2026-11-22T08:00:00Z\"},"
    "\"periods\":[{\"name\":\"Tonight\",\"start\":\"2026-11-20T18:00:00Z\",\"condition\":\"rain\","
    "\"low\":7},{\"name\":\"Saturday\",\"start\":\"2026-11-21T14:00:00Z\",\"condition\":\"cloudy\","
    "\"high\":14}]}";

static const char facts_finance[] =
    "{\"instrument\":{\"name\":\"S&P 500\",\"symbol\":\"^GSPC\",\"kind\":\"index\",\"currency\":\"USD\"},"
    "\"period\":{\"start\":\"2024-09-30\",\"end\":\"2024-09-30\"},\"value\":5762.48,"
    "\"previous\":5738.17,\"change\":24.31,\"change-percent\":-0.42,\"year-change-percent\":34.4,"
    "\"high\":1234567.8,\"direction\":\"up\","
    "\"disclaimer\":\"This text is for information only and is no investment advice.\"}";

static const char facts_sports[] =
    "{\"kind\":\"result\",\"status\":\"finished\",\"competition\":{\"name\":\"Bundesliga\","
    "\"season\":\"2025/26\",\"round\":\"Matchday 12\"},\"venue\":{\"name\":\"Veltins-Arena\","
    "\"zone\":\"Europe/Berlin\"},"
    "\"kickoff\":\"2026-11-20T18:45:00Z\",\"home\":{\"name\":\"Schalke 04\",\"score\":2},"
    "\"away\":{\"name\":\"1. FC K\u00f6ln\",\"score\":1},\"half-time\":{\"home\":1,\"away\":0},"
    "\"winner\":\"home\",\"attendance\":61213,"
    "\"goals\":[{\"player\":\"Moussa Sylla\",\"minute\":23,\"side\":\"home\"},"
    "{\"player\":\"Kenan Karaman\",\"minute\":90,\"added\":4,\"side\":\"home\"}]}";

static const char policy_all[] =
    "[gates]\nlength = off\nlocale = off\nduplicates = off\n"
    "[grounding]\nchanges = change change-percent year-change-percent\nallow = 45\n"
    "[units]\ntemperature = celsius\nhigh = celsius\nlow = celsius\nprecipitation = mm\n"
    "precipitation-chance = percent\nhumidity = percent\npressure = hpa\nspeed = km/h\n"
    "gust = km/h\n";
static const char policy_finance[] =
    "[gates]\nlength = off\nlocale = off\nduplicates = off\n"
    "[grounding]\nchanges = change change-percent year-change-percent\n"
    "[units]\nchange-percent = percent\nyear-change-percent = percent\n";

struct claim {
	const char *locale, *text;
	const char *says; /* NULL: nothing to reject */
};

/* Every claim in a document of its own, so that a failure names the claim. */
static void
judge_claims(void **state, const char *vertical, const char *facts, const char *policy,
    const struct claim *claim, size_t n)
{
	struct gate_case c = case_open(*state, case_weather, policy);
	json_t *f;
	struct err err = { 0 };
	size_t failures = 0;
	assert_true(json_parse(c.a, str_of(facts), &f, &err));
	case_text(&c, "vertical", vertical);
	case_set(&c, "facts", json_incref(f));
	case_text(&c, "title", "A headline");
	case_text(&c, "summary", "A summary.");
	for (size_t i = 0; i < n; i++) {
		case_text(&c, "locale", claim[i].locale);
		case_text(&c, "prose", arena_printf(c.a, "<p>%s</p>", claim[i].text).p);
		struct findings found = case_judge(&c);
		struct str said = STR("");
		for (size_t k = found.n; k-- > 0;)
			if (found.item[k].severity == SEVERITY_REJECT)
				said = found.item[k].text;
		bool ok = claim[i].says == NULL ? said.n == 0
		    : said.n > 0 && memmem(said.p, said.n, claim[i].says, strlen(claim[i].says)) != NULL;
		if (!ok) {
			print_error("%s: %s\n  expected %s\n", claim[i].locale, claim[i].text,
			    claim[i].says == NULL ? "nothing" : claim[i].says);
			case_print(&found);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

#define CLAIMS(state, vertical, facts, policy, ...)                                       \
	do {                                                                              \
		static const struct claim claims_[] = { __VA_ARGS__ };                     \
		judge_claims(state, vertical, facts, policy, claims_, LEN(claims_));       \
	} while (0)

static void
numbers_of_the_facts_pass_in_the_spelling_of_each_locale(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "A high of 12.4 °C and 8.5 mm of rain, 80% likely, at 1,013.2 hPa.", NULL },
	    { "de-de", "Maximal 12,4 °C, 8,5 mm Regen, zu 80 % sicher, bei 1.013,2 hPa.", NULL },
	    { "fr-fr", "Maximum de 12,4 °C, 8,5 mm de pluie, 80\u202f% de risque, 1\u202f013,2 hPa.", NULL },
	    { "ja-jp", "最高気温は12.4度、雨量は8.5ミリ、降水確率は80％、気圧は1013.2ヘクトパスカル。", NULL },
	    { "ar-sa", "العظمى ١٢٫٤ درجة مئوية، والأمطار ٨٫٥ ملم، بنسبة ٨٠٪، والضغط ١٬٠١٣٫٢ هكتوباسكال.", NULL },
	    { "ar-sa", "العظمى 12.4 درجة مئوية والرطوبة 67%.", NULL },
	    { "ja-jp", "最高気温は１２．４度。", NULL },
	    { "es-es", "Máxima de 12,4 °C y 8,5 mm de lluvia.", NULL });
}

static void
numbers_that_the_facts_do_not_have_are_refused(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "A high of 12.5 °C.", "'12.5 °C' is not among the facts; nearest: facts/high = 12.4" },
	    { "de-de", "Maximal 12,6 °C.", "12,6 °C" },
	    { "fr-fr", "Maximum de 19 °C.", "19 °C" },
	    { "ja-jp", "最高気温は19度。", "19度" },
	    { "ar-sa", "العظمى ١٩ درجة مئوية.", "١٩ درجة مئوية" },
	    { "de-de", "Luftdruck 1.013,9 hPa.", "1.013,9 hPa" },
	    { "en-us", "Humidity of 76%.", "76%" },
	    { "en-us", "Gusts of 48.4 km/h.", "48.4 km/h" });
}

static void
rounding_passes_at_the_precision_of_the_text(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "It is 21 °C, the high is 12 °C.", NULL },
	    { "en-us", "It is 22 °C.", "22 °C" },
	    { "en-us", "Pressure of about 1,010 hPa.", NULL },
	    { "en-us", "Pressure of 1,010 hPa.", "1,010 hPa" },
	    { "de-de", "Luftdruck von rund 1.010 hPa.", NULL },
	    { "fr-fr", "Une pression d'environ 1010 hPa.", NULL },
	    { "ja-jp", "気圧は約1010ヘクトパスカル。", NULL },
	    { "ar-sa", "الضغط حوالي ١٠١٠ هكتوباسكال.", NULL },
	    { "en-us", "Over 1,010 hPa, nearly 1,020 hPa, more than 1,000 hPa.", NULL },
	    { "en-us", "Over 1,020 hPa.", "1,020 hPa" },
	    { "de-de", "Mehr als 1.010 hPa, fast 1.020 hPa.", NULL },
	    { "de-de", "Fast 1.010 hPa.", "1.010 hPa" },
	    { "en-us", "A high in the mid-50s.", NULL },
	    { "en-us", "A high in the mid-60s.", "60" });
}

static void
units_are_converted_and_never_mixed_up(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "It is 70 °F, with gusts of 30 mph and 0.33 inches of rain.", NULL },
	    { "en-us", "It is 70 degrees Fahrenheit at 29.92 inches of mercury.", NULL },
	    { "en-us", "It is 75 °F.", "75 °F" },
	    { "en-us", "It is 21 °F.", "21 °F" },
	    { "en-us", "Gusts of 48 mph.", "48 mph" },
	    { "en-us", "Humidity of 48%.", "not the unit of facts/wind/gust" },
	    { "en-us", "Winds of 24 to 48 km/h.", NULL },
	    { "en-us", "Winds of 15 to 30 mph.", NULL },
	    { "en-us", "Winds of 24–48 km/h.", NULL },
	    { "en-us", "Winds of 24–49 km/h.", "49 km/h" },
	    { "de-de", "Böen mit 48 Kilometern pro Stunde.", NULL },
	    { "fr-fr", "Des rafales à 48 kilomètres par heure.", NULL },
	    { "ja-jp", "最大瞬間風速は時速48キロ。", NULL },
	    { "ja-jp", "最大瞬間風速は時速49キロ。", "時速49" },
	    { "ar-sa", "هبات تبلغ ٤٨ كيلومترا في الساعة.", NULL },
	    { "ar-sa", "هبات تبلغ ٤٩ كيلومترا في الساعة.", "٤٩" });
}

static void
a_sign_must_be_told(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "A low of -3 °C.", NULL },
	    { "en-us", "A low of \u22123 °C.", NULL },
	    { "en-us", "A low of minus 3 °C.", NULL },
	    { "en-us", "It will be 3 degrees below zero.", NULL },
	    { "en-us", "A low of 3 °C.", "below zero" },
	    { "de-de", "Am Morgen minus 3 Grad.", NULL },
	    { "de-de", "Am Morgen 3 Grad.", "below zero" },
	    { "fr-fr", "Au matin, moins 3 degrés.", NULL },
	    { "fr-fr", "Au moins 3 °C.", "below zero" },
	    { "ja-jp", "最低気温は氷点下3度。", NULL },
	    { "ja-jp", "最低気温は3度。", "below zero" },
	    { "ar-sa", "الصغرى ٣ درجات مئوية تحت الصفر.", NULL },
	    { "ar-sa", "بين ٣- و١٢٫٤ درجة مئوية.", NULL },
	    { "ar-sa", "الصغرى ٣ درجات مئوية.", "below zero" });
}

static void
up_and_down_must_be_as_the_facts_have_it(void **state)
{
	CLAIMS(state, "finance", facts_finance, policy_finance,
	    { "en-us", "It fell 0.42 percent but rose 34.4 percent over the year.", NULL },
	    { "en-us", "It rose 0.42 percent.", "points the other way" },
	    { "en-us", "It is down 34.4 percent.", "points the other way" },
	    { "en-us", "A 0.42% drop, and a gain of 24.31 points.", NULL },
	    { "en-us", "It changed by -0.42%.", NULL },
	    { "en-us", "It changed by +0.42%.", "points the other way" },
	    { "de-de", "Der Index gab um 0,42 Prozent nach.", NULL },
	    { "de-de", "Der Index stieg um 0,42 Prozent.", "points the other way" },
	    { "de-de", "Er ist um 0,42 Prozent gesunken und im Jahr um 34,4 Prozent gestiegen.", NULL },
	    { "fr-fr", "L'indice recule de 0,42 %.", NULL },
	    { "fr-fr", "L'indice progresse de 0,42 %.", "points the other way" },
	    { "ja-jp", "指数は0.42％下落した。", NULL },
	    { "ja-jp", "指数は0.42％上昇した。", "points the other way" },
	    { "ar-sa", "انخفض المؤشر بنسبة ٠٫٤٢٪.", NULL },
	    { "ar-sa", "ارتفع المؤشر بنسبة ٠٫٤٢٪.", "points the other way" });
}

static void
large_numbers_may_be_written_with_words(void **state)
{
	CLAIMS(state, "finance", facts_finance, policy_finance,
	    { "en-us", "A high of 1.2 million, or 1,234,567.8 exactly.", NULL },
	    { "en-us", "A high of 1.3 million.", "1.3 million" },
	    { "en-us", "A high of 1.2 billion.", "1.2 billion" },
	    { "de-de", "Ein Hoch von 1,2 Millionen oder 1.234.567,8.", NULL },
	    { "fr-fr", "Un plus haut de 1,2 million, soit 1 234 567,8.", NULL },
	    { "ja-jp", "高値は123万で、正確には123万4568。", NULL },
	    { "ja-jp", "高値は125万。", "125万" },
	    { "ar-sa", "بلغ ١٫٢ مليون.", NULL });
}

static void
money_is_of_the_currency_of_the_facts(void **state)
{
	CLAIMS(state, "finance", facts_finance, policy_finance,
	    { "en-us", "It closed at $5,762.48.", NULL },
	    { "en-us", "It closed at €5,762.48.", "not the currency of the facts" },
	    { "de-de", "Er schloss bei 5.762,48 Dollar.", NULL },
	    { "de-de", "Er schloss bei 5.762,48 Euro.", "not the currency of the facts" },
	    { "ja-jp", "終値は5762.48ドル。", NULL },
	    { "ja-jp", "終値は5762.48円。", "not the currency of the facts" });
}

static void
a_number_in_a_name_needs_no_fact_of_its_own(void **state)
{
	CLAIMS(state, "finance", facts_finance, policy_finance,
	    { "en-us", "The S&amp;P 500 closed at 5,762.48.", NULL },
	    { "en-us", "The S&amp;P 600 closed at 5,762.48.", "600" });
}

static void
dates_pass_in_every_form_and_wrong_ones_are_refused(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "On Friday, November 20, 2026, and on Nov. 21 it rains.", NULL },
	    { "en-us", "From November 20 to 21, on 11/20/2026 and 2026-11-21.", NULL },
	    { "en-gb", "On Saturday 21st November and on 20/11/2026.", NULL },
	    { "en-us", "On November 23 it rains.", "'November 23' is not a date of the facts" },
	    { "en-us", "On Monday it rains.", "'Monday'" },
	    { "en-us", "On Thursday, November 20, it rains.", "wrong day of the week" },
	    { "en-us", "In December it rains.", "'December'" },
	    { "en-us", "It may rain in November 2026, as we march on.", NULL },
	    { "en-us", "In November 2025 it rained.", "November 2025" },
	    { "en-us", "On 11/19/2026.", "11/19/2026" },
	    { "de-de", "Am Freitag, dem 20. November 2026, und am 21.11.2026 regnet es.", NULL },
	    { "de-de", "Freitagabend und am 21.11. regnet es.", NULL },
	    { "de-de", "Am Montag regnet es.", "'Montag'" },
	    { "de-de", "Am 23. November regnet es.", "23. November" },
	    { "fr-fr", "Le vendredi 20 novembre 2026 et le samedi 21/11/2026.", NULL },
	    { "fr-fr", "Du 20 au 21 novembre.", NULL },
	    { "fr-fr", "De vendredi 20 à samedi 21 novembre.", NULL },
	    { "fr-fr", "Du 18 au 21 novembre.", "begins or ends" },
	    { "fr-fr", "Le mardi 24 novembre.", "mardi 24 novembre" },
	    { "ja-jp", "2026年11月20日（金）と11月21日土曜日は雨。", NULL },
	    { "ja-jp", "令和8年11月20日は雨。", NULL },
	    { "ja-jp", "令和7年11月20日は雨。", "令和7年" },
	    { "ja-jp", "11月20日（木）は雨。", "wrong day of the week" },
	    { "ja-jp", "11月25日は雨。", "11月25日" },
	    { "ar-sa", "يوم الجمعة ٢٠ نوفمبر ٢٠٢٦ ويوم السبت.", NULL },
	    { "ar-sa", "في ٢٠ من نوفمبر.", NULL },
	    { "ar-sa", "في ٢٥ من نوفمبر.", "نوفمبر" },
	    { "ja-jp", "3日ぶりの雨。", "3" },
	    { "ar-sa", "يوم الاثنين تهطل الأمطار.", "الاثنين" },
	    { "ar-sa", "في ٢٥ نوفمبر.", "٢٥ نوفمبر" },
	    { "ar-sa", "يوم ١٠ جمادى الآخرة ١٤٤٨ هـ.", NULL },
	    { "ar-sa", "يوم ٢٧ جمادى الآخرة ١٤٤٨ هـ.", "جمادى" });
}

static void
times_pass_in_utc_and_in_the_zone_of_the_place(void **state)
{
	CLAIMS(state, "sports", facts_sports, policy_all,
	    { "en-us", "Kick-off was at 7:45 p.m., or 18:45 UTC.", NULL },
	    { "en-us", "Kick-off was at 7:45 a.m.", "7:45 a.m" },
	    { "en-us", "Kick-off was at 20:45.", "20:45" },
	    { "de-de", "Anstoß war um 19:45 Uhr, also 19.45 Uhr.", NULL },
	    { "de-de", "Anstoß war um 20.30 Uhr.", "20.30 Uhr" },
	    { "fr-fr", "Coup d'envoi à 19h45.", NULL },
	    { "fr-fr", "Coup d'envoi à 20 h 45.", "20 h 45" },
	    { "ja-jp", "午後7時45分、つまり19時45分に始まった。", NULL },
	    { "ja-jp", "20時45分に始まった。", "20時45分" },
	    { "en-us", "Between 7:45 and 7:45 p.m.", NULL },
	    { "ar-sa", "انطلقت الساعة ٧:٤٥ مساءً.", NULL },
	    { "ar-sa", "انطلقت الساعة ٨:٤٥ مساءً.", "٨:٤٥" });
}

static void
spans_of_hours_are_two_times(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "de-de", "Regen zwischen 10 und 6 Uhr.", NULL },
	    { "de-de", "Regen zwischen 9 und 6 Uhr.", "'9'" },
	    { "en-us", "Rain from 10 to 6 a.m.", NULL },
	    { "en-us", "Rain from 10-6 a.m.", NULL },
	    { "en-us", "Rain from 9-6 a.m.", "9" });
}

static void
scores_must_be_those_of_the_facts(void **state)
{
	CLAIMS(state, "sports", facts_sports, policy_all,
	    { "en-us", "Schalke 04 beat 1. FC Köln 2-1 (1-0 at half-time).", NULL },
	    { "en-us", "It ended 2–1.", NULL },
	    { "de-de", "Es endete 2:1, zur Pause stand es 1:0.", NULL },
	    { "fr-fr", "Défaite 1-2 de Cologne.", NULL },
	    { "ja-jp", "2－1で勝利した。", NULL },
	    { "ja-jp", "2対1で勝利した。", NULL },
	    { "ja-jp", "2対2で引き分けた。", "2対2" },
	    { "ar-sa", "فاز ٢-١.", NULL },
	    { "en-us", "It ended 2-2.", "'2-2'" },
	    { "en-us", "It ended 3-1.", "'3-1'" },
	    { "de-de", "Es endete 3:1.", "3:1" },
	    { "en-us", "In a 4-4-2 they won.", "4-4-2" },
	    { "en-us", "The goal came at 90+4, after the one in the 23rd minute.", NULL },
	    { "en-us", "The goal came at 90+5.", "90+5" },
	    { "en-us", "In the 24th minute.", "24th" },
	    { "en-us", "In the 2025/26 season, also 2025-26, on Matchday 12.", NULL },
	    { "de-de", "Am 12. Spieltag der Saison 2025/26.", NULL },
	    { "de-de", "Am 13. Spieltag.", "'13'" },
	    { "en-us", "In the 2024/25 season.", "2024/25" },
	    { "en-us", "Before 61,213 spectators, or about 61,000.", NULL },
	    { "en-us", "Before 61,000 spectators.", NULL },
	    { "en-us", "Before 62,000 spectators.", "62,000" });
}

static void
names_that_the_facts_do_not_have_are_a_warning(void **state)
{
	struct gate_case c = case_open(*state, case_weather, "");
	case_text(&c, "prose", "<p>Rain is expected across the city this evening, and the wind will"
	    " be strong from the south-west, says the National Weather Service.</p>");
	struct findings f = case_judge(&c);
	case_print(&f);
	assert_int_equal(f.n, 0);
	c.seen = seen_new(c.a);
	case_text(&c, "prose", "<p>Rain is expected across the city this evening, and the wind will"
	    " be strong from the south-west, says the mayor John Smith of Seattle.</p>");
	f = case_judge(&c);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.item[0].severity, SEVERITY_WARN);
	assert_says(f.item[0].text, "'John Smith'");
}

static void
names_may_be_refused_in_some_languages_only(void **state)
{
	static const char policy[] = "[gates]\nlength = off\nlocale = off\n[entities]\nreject = en-gb de\n";
	CLAIMS(state, "weather", facts_weather, policy,
	    { "en-gb", "So says the mayor John Smith of Seattle.", "'John Smith'" },
	    { "en-us", "So says the mayor John Smith of Seattle.", NULL },
	    { "de-de", "Das sagt Bürgermeister John Adam Smith.", "John Adam Smith" });
}

static void
figures_pass_as_newsrooms_of_other_languages_write_them(void **state)
{
	static const char match[] =
	    "{\"kind\":\"result\",\"status\":\"finished\",\"competition\":{\"name\":\"Cup\","
	    "\"season\":\"2026\"},\"venue\":{\"name\":\"Park\",\"zone\":\"Europe/London\"},"
	    "\"kickoff\":\"2026-11-15T16:30:00Z\",\"home\":{\"name\":\"A\",\"score\":3},"
	    "\"away\":{\"name\":\"B\",\"score\":1},\"goals\":[{\"player\":\"X\",\"minute\":57,"
	    "\"side\":\"home\"}]}";
	static const char cold[] =
	    "{\"kind\":\"forecast\",\"condition\":\"cold\",\"low\":-1,\"precipitation-chance\":10,"
	    "\"wind\":{\"speed\":28},"
	    "\"place\":{\"name\":\"X\",\"country\":\"GB\",\"zone\":\"Europe/London\"},"
	    "\"period\":{\"start\":\"2026-11-15T00:00:00Z\",\"end\":\"2026-11-16T00:00:00Z\"}}";
	CLAIMS(state, "weather", cold, policy_all,
	    { "en-gb", "There is a 1-in-10 chance of rain.", NULL },
	    { "en-gb", "There is a 1-in-5 chance of rain.", "1-in-5" },
	    { "tr-tr", "Rüzgâr saatte 28 km hızla esecek, sıcaklık eksi 1 derece.", NULL },
	    { "ko-kr", "기온은 영하 1도.", NULL }, { "zh-cn", "气温降至零下1度。", NULL },
	    { "ja-jp", "北の風、風速8メートル。", NULL }, { "ja-jp", "風速9メートル。", "9メートル" },
	    { "en-gb", "It was 1.17.", "'1.17' is not among" },
	    { "de-de", "Es wird minus 1 Grad kalt.", NULL });
	CLAIMS(state, "sports", match, policy_all,
	    { "en-gb", "Kick-off was at 4.30pm.", NULL }, { "en-gb", "Kick-off was at 5.30pm.", "5.30" },
	    { "en-gb", "It rose 4.30 points.", "4.30" },
	    { "tr-tr", "Maç saat 16.30'da başladı.", NULL }, { "tr-tr", "Maç saat 17.30'da başladı.", "17.30" },
	    { "pt-br", "O jogo começou às 16h30.", NULL }, { "pt-br", "O jogo começou às 18h30.", "18h30" },
	    { "pt-br", "Gol aos 12 minutos do segundo tempo.", NULL },
	    { "ja-jp", "後半12分に得点。", NULL }, { "ja-jp", "後半13分に得点。", "13分" },
	    { "ko-kr", "2026년 11월 15일 일요일 경기. 15일에 열렸다.", NULL },
	    { "ko-kr", "11월 16일 경기.", "11월 16일" },
	    { "he-il", "המשחק נערך ב-15 בנובמבר 2026.", NULL }, { "he-il", "ביום שני, 16 בנובמבר", "16" },
	    { "ar-sa", "فاز الفريق 3-1 مساء الأحد 15 نوفمبر.", NULL },
	    { "ar-sa", "فاز الفريق 4-1 مساء الأحد 15 نوفمبر.", "4" });
}

static void
money_is_counted_in_the_currency_that_it_costs(void **state)
{
	static const char rate[] =
	    "{\"instrument\":{\"name\":\"USD/JPY\",\"kind\":\"currency\",\"currency\":\"JPY\",\"base\":\"USD\"},"
	    "\"period\":{\"start\":\"2026-09-01\",\"end\":\"2026-09-30\"},\"value\":157.4,"
	    "\"previous\":155.55,\"change\":1.85,\"high\":49823.94,\"direction\":\"up\","
	    "\"disclaimer\":\"This text is for information only and is no investment advice.\"}";
	CLAIMS(state, "finance", rate, policy_finance,
	    { "ja-jp", "1ドル=157円40銭。前月の155円55銭から1円85銭の上昇。", NULL },
	    { "ja-jp", "高値は4万9823円94銭。", NULL }, { "ja-jp", "1ドル=157円50銭。", "157円50銭" },
	    { "en-us", "It cost 157.40 yen in September, after 155.55 yen in August.", NULL },
	    { "en-us", "It cost 155.55 yen in July.", "July" },
	    { "en-us", "It closed at $157.40.", "not the currency" });
}

static void
hostile_facts_and_texts_end_in_reasonable_time(void **state)
{
	struct gate_case c = case_open(*state, case_weather, policy_all);
	struct buf *b = buf_in(*state, DOCUMENT_MAX);
	buf_put(b, STR("<p>"));
	for (int i = 0; i < 12000; i++)
		buf_put(b, STR("1-1-2 "));
	buf_put(b, STR("</p>"));
	buf_putc(b, '\0');
	case_text(&c, "prose", b->p);
	(void)case_expect(&c, "grounding");
}

static void
a_score_goes_to_the_side_that_won(void **state)
{
	CLAIMS(state, "sports", facts_sports, policy_all,
	    { "en-us", "Schalke 04 beat 1. FC Köln 2-1.", NULL },
	    { "en-us", "Köln lost 2-1.", NULL },
	    { "en-us", "1. FC Köln beat Schalke 04 2-1.", "the facts have Schalke 04 in front" },
	    { "en-us", "Schalke 04 1-2 1. FC Köln.", "goes to the wrong side" },
	    { "de-de", "Gegen Köln gewann Schalke mit 2:1.", NULL },
	    { "de-de", "Schalke verlor 1:2 gegen Köln.", "goes to the wrong side" });
}

static void
a_noun_or_a_label_says_which_fact_a_figure_is(void **state)
{
	CLAIMS(state, "sports", facts_sports, policy_all,
	    { "en-us", "There were three goals before 61,213 spectators.", NULL },
	    { "en-us", "There were four goals.", "'four' is not what the facts say" },
	    { "en-us", "There were 23 spectators.", "facts/attendance = 61213" });
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "Humidity of 67% and an 80% chance of rain.", NULL },
	    { "en-us", "Humidity of 80%.", "facts/humidity = 67" },
	    { "ja-jp", "湿度は80％。", "facts/humidity = 67" });
}

static void
a_difference_follows_from_two_facts_unless_the_policy_refuses_it(void **state)
{
	static const char strict[] = "[gates]\nlength = off\nlocale = off\nduplicates = off\n"
	    "[grounding]\nderived = reject\n[units]\ntemperature = celsius\nhigh = celsius\nlow = celsius\n";
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-gb", "The high is 15.4 degrees above the low.", NULL },
	    { "en-gb", "The high is 15.5 degrees above the low.", "15.5 degrees" },
	    { "en-gb", "All of it lasts 38 hours.", NULL }, { "en-gb", "All of it lasts 39 hours.", "39 hours" });
	CLAIMS(state, "weather", facts_weather, strict,
	    { "en-gb", "The high is 15.4 degrees above the low.", "15.4 degrees" });
}

static void
the_hour_of_the_text_itself_is_no_fact(void **state)
{
	CLAIMS(state, "weather", facts_weather, policy_all,
	    { "en-us", "As of 9:55 a.m., rain is likely.", NULL },
	    { "en-us", "Rain starts at 9:55 a.m.", "is not a time of the facts" });
}

static void
many_names_and_rows_end_in_reasonable_time(void **state)
{
	struct gate_case c = case_open(*state, case_weather, policy_all);
	struct err err = { 0 };
	json_t *facts;
	struct buf *b = buf_in(c.a, DOCUMENT_MAX), *rows = buf_in(c.a, DOCUMENT_MAX);
	buf_put(rows, STR("{\"kind\":\"table\",\"status\":\"finished\",\"competition\":{\"name\":\"Cup\","
	    "\"season\":\"2026\"},\"table\":["));
	for (int i = 1; i <= 60; i++)
		buf_printf(rows, "%s{\"rank\":%d,\"team\":\"Team %c%cx\",\"played\":9,\"won\":3,\"drawn\":3,"
		    "\"lost\":3,\"goals-for\":9,\"goals-against\":9,\"points\":12}", i > 1 ? "," : "", i,
		    'a' + i % 26, 'k' + i / 26);
	buf_put(rows, STR("]}"));
	assert_true(json_parse(c.a, buf_str(rows), &facts, &err));
	case_text(&c, "vertical", "sports");
	case_text(&c, "locale", "ja-jp");
	case_set(&c, "facts", json_incref(facts));
	buf_put(b, STR("<p>"));
	for (int i = 0; i < 1000; i++)
		buf_put(b, STR("サンプル勝ち点12。high-high-high 9試合 2-1"));
	buf_put(b, STR("</p>"));
	buf_putc(b, '\0');
	case_text(&c, "prose", b->p);
	assert_true(case_judge(&c).n > 0); /* the katakana is no name of the facts */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_of_the_facts_pass_in_the_spelling_of_each_locale),
		TEST(numbers_that_the_facts_do_not_have_are_refused),
		TEST(rounding_passes_at_the_precision_of_the_text),
		TEST(units_are_converted_and_never_mixed_up),
		TEST(a_sign_must_be_told),
		TEST(up_and_down_must_be_as_the_facts_have_it),
		TEST(large_numbers_may_be_written_with_words),
		TEST(money_is_of_the_currency_of_the_facts),
		TEST(a_number_in_a_name_needs_no_fact_of_its_own),
		TEST(dates_pass_in_every_form_and_wrong_ones_are_refused),
		TEST(times_pass_in_utc_and_in_the_zone_of_the_place),
		TEST(spans_of_hours_are_two_times),
		TEST(scores_must_be_those_of_the_facts),
		TEST(names_that_the_facts_do_not_have_are_a_warning),
		TEST(names_may_be_refused_in_some_languages_only),
		TEST(figures_pass_as_newsrooms_of_other_languages_write_them),
		TEST(money_is_counted_in_the_currency_that_it_costs),
		TEST(a_score_goes_to_the_side_that_won),
		TEST(a_noun_or_a_label_says_which_fact_a_figure_is),
		TEST(a_difference_follows_from_two_facts_unless_the_policy_refuses_it),
		TEST(the_hour_of_the_text_itself_is_no_fact),
		TEST(hostile_facts_and_texts_end_in_reasonable_time),
		TEST(many_names_and_rows_end_in_reasonable_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
