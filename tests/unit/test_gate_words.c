/* Words of sources, words for people, words that a person has to read first; and policies that
 * differ by locale. */
#include "generator/gate/manual.h"
#include "tests/unit/lib/gate_case.h"

#define RAIN "<p>Rain is expected across the city this evening, and the wind will be strong from" \
	" the south-west for most of the night.</p>"
#define EXCERPT "sources.0.excerpt"

static struct gate_case
with_prose(void **state, const char *policy, const char *html)
{
	struct gate_case c = case_open(*state, case_weather, policy);
	case_text(&c, "prose", arena_printf(*state, RAIN "%s", html).p);
	return c;
}

static void
a_quotation_stands_word_for_word_in_an_excerpt(void **state)
{
	static const char said[] = "Residents should \u201cstay away from rivers\u201d and low roads, "
	    "the service said; gusts of any strength remain possible through the night.";
	static const char *const right[] = {
		"<p>The service says: \u201cResidents should stay away from rivers.\u201d</p>",
		"<p>Low roads are dangerous, \"RESIDENTS should\u00a0stay away from rivers,\" it says.</p>",
		"<p>\u201cStay away from rivers ... gusts of any strength\u201d, it says.</p>",
		"<p>A \u201cgreen roof\u201d holds rain back.</p>", /* two words are no quotation */
		"<p>It isn't the residents' fault, it's the river's.</p>",
		"<blockquote><p>gusts of any strength remain possible through the night</p></blockquote>",
	};
	static const char *const wrong[] = {
		"<p>The service says: \u201cResidents must stay away from rivers.\u201d</p>",
		"<p>\"stay far away from rivers\", it says.</p>",
		"<p>\u201cStay away from rivers ... gusts of terrible strength\u201d, it says.</p>",
		"<p>\u00abResidents leave their homes tonight\u00bb, it says.</p>",
		"<blockquote><p>gusts of any strength are certain through the night</p></blockquote>",
	};
	for (size_t i = 0; i < LEN(right); i++) {
		struct gate_case c = with_prose(state, "", right[i]);
		case_text(&c, EXCERPT, said);
		(void)case_expect(&c, NULL);
	}
	for (size_t i = 0; i < LEN(wrong); i++) {
		struct gate_case c = with_prose(state, "", wrong[i]);
		case_text(&c, EXCERPT, said);
		assert_says(case_expect(&c, "quotes"), "is quoted");
	}
	struct gate_case c = with_prose(state, "[quotes]\nwords = 7\n", wrong[1]);
	(void)case_expect(&c, NULL); /* five words are few enough for this policy */
}

static void
quotation_marks_of_other_languages_are_known(void **state)
{
	static const struct {
		const char *locale, *excerpt, *right, *wrong;
	} t[] = {
		{ "de-de", "Es bleibt bis zum Morgen sehr st\u00fcrmisch.",
		    "<p>Der Dienst meldet: \u201eEs bleibt bis zum Morgen sehr st\u00fcrmisch.\u201c</p>",
		    "<p>Der Dienst meldet: \u201eEs bleibt bis zum Abend sehr st\u00fcrmisch.\u201c</p>" },
		{ "de-de", "Es bleibt bis zum Morgen sehr st\u00fcrmisch.",
		    "<p>Der Dienst meldet: \u00bbEs bleibt bis zum Morgen sehr st\u00fcrmisch\u00ab.</p>",
		    "<p>Der Dienst meldet: \u00bbEs bleibt bis zum Abend sehr st\u00fcrmisch\u00ab.</p>" },
		{ "fr-fr", "Le vent restera fort toute la nuit.",
		    "<p>Le service annonce\u00a0: \u00ab\u00a0Le vent restera fort toute la nuit\u00a0\u00bb.</p>",
		    "<p>Le service annonce\u00a0: \u00ab\u00a0Le vent restera faible toute la nuit\u00a0\u00bb.</p>" },
		{ "ja-jp", "\u4eca\u591c\u306f\u98a8\u304c\u5f37\u304f\u306a\u308b\u3067\u3057\u3087\u3046\u3002",
		    "<p>\u6c17\u8c61\u53f0\u306f\u300c\u4eca\u591c\u306f\u98a8\u304c\u5f37\u304f\u306a\u308b\u300d\u3068\u4f1d\u3048\u305f\u3002</p>",
		    "<p>\u6c17\u8c61\u53f0\u306f\u300c\u4eca\u591c\u306f\u98a8\u304c\u5f31\u304f\u306a\u308b\u300d\u3068\u4f1d\u3048\u305f\u3002</p>" },
	};
	/* The rest of the document is English: only the gate in question is asked. */
	static const char policy[] = "[gates]\nlocale = off\ngrounding = off\nlength = off\n";
	for (size_t i = 0; i < LEN(t); i++) {
		for (int right = 0; right < 2; right++) {
			struct gate_case c = with_prose(state, policy, right ? t[i].right : t[i].wrong);
			case_text(&c, "locale", t[i].locale);
			case_text(&c, EXCERPT, t[i].excerpt);
			(void)case_expect(&c, right ? NULL : "quotes");
		}
	}
}

static void
a_run_of_a_source_is_copied_unless_it_is_quoted(void **state)
{
	static const char words[] = "showers spread inland before dawn and reach the hills where snow "
	    "may fall above the tree line";
	const char *policy = "[copied]\nwords = 12\n";
	const char *copy = arena_printf(*state, "<p>Later on, %s.</p>", words).p;
	const char *quote = arena_printf(*state, "<p>Later on, \u201c%s\u201d.</p>", words).p;
	struct gate_case c = with_prose(state, policy, copy);
	(void)case_expect(&c, NULL); /* of which nobody knows a source */
	case_text(&c, EXCERPT, words);
	c.seen = seen_new(c.a);
	assert_says(case_expect(&c, "copied"), "12 words in a row are those of a source: 'showers");
	c = with_prose(state, policy, quote);
	case_text(&c, EXCERPT, words);
	(void)case_expect(&c, NULL);
	c = with_prose(state, "[copied]\nwords = 40\n", copy);
	case_text(&c, EXCERPT, words);
	(void)case_expect(&c, NULL);
	/* Eleven of its words, then another: */
	c = with_prose(state, policy, "<p>Showers spread inland before dawn and reach the hills where"
	    " rain may fall above the tree line.</p>");
	case_text(&c, EXCERPT, words);
	(void)case_expect(&c, NULL);
}

static void
delicate_topics_need_a_person(void **state)
{
	static const char policy[] = "[review]\nen = election, health advice\nja = \u9078\u6319\n";
	struct gate_case c = with_prose(state, policy, "<p>Polls of the Election open early.</p>");
	assert_says(case_expect(&c, "review"), "'election' is among");
	case_text(&c, "provenance.grade", "assisted");
	case_text(&c, "provenance.reviewer", "A. Editor");
	case_text(&c, "provenance.reviewed", "2026-11-20T17:10:00Z");
	assert_says(case_expect(&c, "review"), "changed after the review");
	case_text(&c, "provenance.reviewed", "2026-11-20T18:10:00Z");
	(void)case_expect(&c, NULL);
	c = with_prose(state, policy, "<p>A selection of umbrellas helps.</p>");
	(void)case_expect(&c, NULL);
	c = with_prose(state, "[review]\nalways = yes\n", "");
	assert_says(case_expect(&c, "review"), "each document read by a person");
}

static void
sources_have_names_of_their_own_and_licences(void **state)
{
	const char *policy = "[sources]\nlicences = public domain, CC0-1.0\n";
	struct gate_case c = with_prose(state, policy, "");
	assert_says(case_expect(&c, "sources"), "there are none");
	case_text(&c, "sources.0.licence", "CC0-1.0");
	(void)case_expect(&c, NULL);
	c.seen = seen_new(c.a);
	case_text(&c, "sources.0.licence", "CC0-1.0-or-so");
	assert_says(case_expect(&c, "sources"), "'CC0-1.0-or-so' is not among");
	c = with_prose(state, "", "");
	json_t *list = json_object_get(c.doc, "sources");
	json_array_append_new(list, json_deep_copy(json_array_get(list, 0)));
	assert_says(case_expect(&c, "sources"), "'nws' is the id of sources/item[1] as well");
}

static void
a_picture_is_described(void **state)
{
	static const char *const wrong[] = { "IMG_7.JPG", "Photo", "image", "Rain in Seattle tonight", "?" };
	for (size_t i = 0; i <= LEN(wrong); i++) {
		struct gate_case c = with_prose(state, "", "");
		json_t *image = json_object();
		json_object_set_new(image, "url", json_string("https://example.com/img_7.jpg"));
		json_object_set_new(image, "alt", json_string(i < LEN(wrong) ? wrong[i]
		    : "Umbrellas on a wet street"));
		case_set(&c, "image", image);
		if (i == LEN(wrong))
			(void)case_expect(&c, NULL);
		else
			(void)case_expect(&c, "markup");
	}
}

static void
a_short_title_is_short_and_judged_like_all_text(void **state)
{
	struct gate_case c = with_prose(state, "", "");
	case_text(&c, "short-title", "Rain tonight");
	(void)case_expect(&c, NULL);
	c = with_prose(state, "", "");
	case_text(&c, "short-title", "Rain is likely in Seattle and all around it from evening on");
	assert_says(case_expect(&c, "length"), "59 characters; the policy allows 54");
	case_text(&c, "short-title", "Rain at 33 \u00b0C");
	(void)case_expect(&c, "grounding");
}

static void
a_locale_can_have_limits_of_its_own(void **state)
{
	static const char text[] = "[length]\ntitle_max = 60\n[length en]\ntitle_max = 20\n"
	    "[length en-gb]\ntitle_max = 40\n[gates fr]\nlinks = warn\n[sources en]\nmax_age = 1m\n";
	static const struct {
		const char *locale;
		long long title_max;
	} t[] = { { "en-us", 20 }, { "en-gb", 40 }, { "en", 20 }, { "enx", 60 }, { "fr-fr", 60 },
		{ "de-de", 60 } };
	struct policy p;
	struct err err = { 0 };
	assert_true(policy_parse(*state, "p.ini", str_of(text), &p, &err));
	for (size_t i = 0; i < LEN(t); i++)
		assert_int_equal(policy_for(&p, str_of(t[i].locale))->title_max, t[i].title_max);
	assert_int_equal(policy_for(&p, STR("en-gb"))->max_source_age_s, 60); /* from [sources en] */
	assert_int_equal(policy_for(&p, STR("de-de"))->max_source_age_s, 7 * 86400);
	size_t links = (size_t)(gate_find(STR("links")) - gates);
	assert_int_equal(policy_for(&p, STR("fr-ca"))->severity[links], SEVERITY_WARN);
	assert_int_equal(p.severity[links], SEVERITY_REJECT);

	struct gate_case c = case_open(*state, case_weather, text);
	case_text(&c, "title", "Rain in Seattle all night");
	case_text(&c, "sources.0.retrieved", "2026-11-20T18:00:00Z");
	assert_says(case_expect(&c, "length"), "the policy allows 20");
	case_text(&c, "locale", "en-gb");
	(void)case_expect(&c, NULL);
}

static void
a_mistake_in_a_locales_section_names_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} t[] = {
		{ "[length fr]\ntitle_mx = 9\n", "p.ini:2: [length fr] title_mx: unknown key" },
		{ "[length]\n\n[length French!]\ntitle_max = 9\n", "p.ini:4: [length French!]" },
		{ "[length fr]\ntitle_max = 3\n", "[length fr]: title_min is above title_max" },
		{ "[review]\nalways = perhaps\n", "p.ini:2: [review] always: 'perhaps': write yes or no" },
		{ "[gates]\nreview = maybe\n", "write reject, warn or off" },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct policy p;
		struct err err = { 0 };
		assert_false(policy_parse(*state, "p.ini", str_of(t[i].text), &p, &err));
		assert_says(str_of(err.text), t[i].says);
	}
}

static void
every_gate_has_a_page_of_the_manual(void **state)
{
	(void)state;
	for (size_t i = 0; i < gates_count; i++)
		assert_string_equal(gate_manual(&gates[i])->gate, gates[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_quotation_stands_word_for_word_in_an_excerpt),
		TEST(quotation_marks_of_other_languages_are_known),
		TEST(a_run_of_a_source_is_copied_unless_it_is_quoted),
		TEST(delicate_topics_need_a_person),
		TEST(sources_have_names_of_their_own_and_licences),
		TEST(a_picture_is_described),
		TEST(a_short_title_is_short_and_judged_like_all_text),
		TEST(a_locale_can_have_limits_of_its_own),
		TEST(a_mistake_in_a_locales_section_names_its_line),
		TEST(every_gate_has_a_page_of_the_manual),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
