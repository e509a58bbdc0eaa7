/* The shipped surfaces, and what a site may do to them. */
#include "tests/unit/lib/render_case.h"

static const char *const surfaces[] = { "seattle.html", "seattle.fragment.html",
	"seattle.data.json", "seattle.card.json", "index.html", "feed.atom", "feed.json",
	"sitemap.xml", "index.json" };

static struct rendered *
seattle_in(struct render_case *c, const char *locale)
{
	const struct document *d =
	    document_named(c, arena_printf(c->arena, "weather-%s-seattle", locale).p);
	return bundle_of(c, &d, 1);
}

static void
a_document_becomes_every_surface(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct rendered *r = seattle_in(c, "en-us");
	assert_str(file_of(r, "seattle.html")->type, "text/html; charset=utf-8");
	assert_str(file_of(r, "seattle.html")->document, "seattle");
	assert_str(file_of(r, "seattle.card.json")->type, "application/json");
	assert_str(file_of(r, "card.template.json")->document, "");
	assert_str(file_of(r, "feed.atom")->type, "application/atom+xml");
	for (size_t i = 0; i < LEN(surfaces); i++)
		assert_true(file_of(r, surfaces[i])->body.n > 100);
	for (size_t i = 1; i < r->n; i++)
		assert_true(str_cmp(r->file[i - 1].path, r->file[i].path) < 0);
}

static void
every_surface_tells_people_and_machines_that_ai_wrote_it(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct rendered *r = seattle_in(c, "en-us");
	for (size_t i = 0; i < LEN(surfaces); i++) {
		struct str body = file_of(r, surfaces[i])->body;
		assert_holds(body, "http://cv.iptc.org/newscodes/digitalsourcetype/");
		if (strcmp(surfaces[i], "sitemap.xml") != 0)
			assert_true(holds(body, "with AI") || holds(body, "with the help of AI"));
	}
	struct str card = file_of(r, "card.template.json")->body;
	assert_holds(card, "${disclosure}");
	assert_holds(card, "${ai.digital_source_type}");
	struct str page = file_of(r, "seattle.html")->body;
	assert_holds(page, "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource");
	assert_holds(page, "written with the help of AI (example-model-2026-10).");
	assert_holds(page, "Dana Whitfield reviewed it on November 20, 2026.");
	assert_holds(page, "Responsible for the content: Example Weather Ltd.");
}

static void
what_nobody_reviewed_says_so_in_the_readers_language(void **state)
{
	static const struct {
		const char *locale, *badge, *unreviewed;
	} expected[] = {
		{ "fr-fr", "Rédigé par l’IA", "Il n’a pas été relu" },
		{ "ja-jp", "AIが作成", "公開前に人による確認は行われていません。" },
		{ "ar-sa", "كتبه الذكاء الاصطناعي", "لم يراجعه أي شخص قبل النشر." },
	};
	struct render_case *c = render_case(*state, NULL);
	for (size_t i = 0; i < LEN(expected); i++) {
		struct str page = file_of(seattle_in(c, expected[i].locale), "seattle.html")->body;
		assert_holds(page, expected[i].badge);
		assert_holds(page, expected[i].unreviewed);
		assert_holds(page, "https://schema.org/TrainedAlgorithmicMediaDigitalSource");
	}
}

static void
a_page_is_in_the_units_digits_and_direction_of_its_locale(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	struct str en = file_of(seattle_in(c, "en-us"), "seattle.html")->body;
	assert_holds(en, "<html lang=\"en-US\" dir=\"ltr\" class=\"v-weather\">");
	assert_holds(en, "<p class=\"figure\">45°</p>");
	assert_holds(en, "SSW 14 mph");
	struct str ar = file_of(seattle_in(c, "ar-sa"), "seattle.html")->body;
	assert_holds(ar, "<html lang=\"ar-SA\" dir=\"rtl\" class=\"v-weather\">");
	assert_holds(ar, "<p class=\"figure\">٧°م</p>");
	/* English words in a page of another direction read from the left. */
	const struct document *persian = document_with(c, "weather-en-us-seattle", "locale", "\"fa-ir\"");
	const struct rendered *in_persian = bundle_of(c, &persian, 1);
	struct str fa = file_of(in_persian, "seattle.html")->body;
	assert_holds(fa, "dir=\"rtl\"");
	assert_holds(fa, "<p dir=\"auto\"><strong>This text was ");
	assert_holds(file_of(in_persian, "seattle.fragment.html")->body,
	    "<p dir=\"auto\"><strong>This text was ");
	struct str card = file_of(seattle_in(c, "ar-sa"), "seattle.card.json")->body;
	assert_holds(card, "\"rtl\": true");
}

static void
every_fixture_renders_in_its_language(void **state)
{
	static const char *const names[] = { "finance-en-us-sp500", "finance-de-de-sp500",
		"finance-ar-sa-sp500", "finance-fr-fr-eur-jpy", "finance-ja-jp-eur-jpy",
		"sports-en-us-final", "sports-ar-sa-final", "sports-fr-fr-france-maroc",
		"sports-de-de-gruppe-e", "sports-ja-jp-group-e" };
	struct render_case *c = render_case(*state, NULL);
	for (size_t i = 0; i < LEN(names); i++) {
		const struct document *d = document_named(c, names[i]);
		const struct rendered *r = bundle_of(c, &d, 1);
		struct str page =
		    file_of(r, arena_printf(c->arena, "%.*s.html", STR_ARG(d->id)).p)->body;
		assert_holds(page, "class=\"disclosure\"");
	}
}

static void
figures_of_finance_carry_direction_currency_and_a_chart(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d = document_named(c, "finance-de-de-sp500");
	struct str page = file_of(bundle_of(c, &d, 1), "sp500.html")->body;
	assert_holds(page, "6.777,50");
	assert_holds(page, "class=\"panel finance up\"");
	assert_holds(page, "<path class=\"line\" d=\"M0 ");
	assert_holds(page, "Nur zur Information; keine Anlageberatung.");
	d = document_named(c, "finance-ja-jp-eur-jpy");
	assert_holds(file_of(bundle_of(c, &d, 1), "eur-jpy.html")->body, "￥168.2145");
}

static void
a_score_shows_goals_and_a_fixture_none(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d = document_named(c, "sports-en-us-final");
	struct str page = file_of(bundle_of(c, &d, 1), "final.html")->body;
	assert_holds(page, "<span>3</span><i>–</i><span>3</span>");
	assert_holds(page, "118+2′");
	assert_holds(page, "Penalties 4–2");
	assert_holds(page, "<bdi>Lionel Messi</bdi> <span class=\"quiet\">(<bdi>penalty</bdi>)</span>");
	assert_holds(page, "<bdi>Ángel Di María</bdi></span></li>"); /* his was no penalty */
	d = document_named(c, "sports-fr-fr-france-maroc");
	page = file_of(bundle_of(c, &d, 1), "france-maroc.html")->body;
	assert_holds(page, "mercredi 14 décembre 2022</time>");
	assert_false(holds(page, "class=\"goals\""));
}

static void
zero_degrees_is_a_temperature(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d = document_named(c, "weather-en-us-fargo");
	assert_holds(file_of(bundle_of(c, &d, 1), "fargo.html")->body, "<p class=\"figure\">32°</p>");
}

static void
a_period_without_a_low_does_not_borrow_the_days(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d = document_with(c, "weather-en-us-seattle", "facts.periods",
	    "[{\"start\":\"2026-11-20T18:00:00Z\",\"condition\":\"rain\",\"high\":9}]");
	struct str page = file_of(bundle_of(c, &d, 1), "seattle.html")->body;
	assert_holds(page, "<td class=\"num quiet\"></td>\n<td class=\"num quiet\"></td>\n"
	    "<td class=\"num strong\">48°</td>");
	assert_holds(page, "<bdi>Fri, 10"); /* in Seattle's time, not in UTC */
}

static void
hostile_text_stays_text_on_every_surface(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const char *hostile = "\"</script><img src=x onerror=alert(1)> ]]> & ' \\\" [a](javascript:1)\"";
	static const char *const places[] = { "title", "summary", "provenance.model",
		"provenance.responsible", "provenance.reviewer", "facts.place.name" };
	for (size_t i = 0; i < LEN(places); i++) {
		const struct document *d =
		    document_with(c, "weather-en-us-seattle", places[i], hostile);
		const struct rendered *r = bundle_of(c, &d, 1);
		for (size_t k = 0; k < LEN(surfaces); k++) {
			struct str body = file_of(r, surfaces[k])->body;
			if (holds(body, "<img src=x") || holds(body, "</script><"))
				fail_msg("%s breaks out of %s", places[i], surfaces[k]);
		}
	}
}

static void
a_title_on_a_card_is_a_text_run_that_knows_no_markdown(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d =
	    document_with(c, "sports-de-de-gruppe-e", "title", "\"[klick](https://evil.example)\"");
	const struct rendered *r = bundle_of(c, &d, 1);
	assert_holds(file_of(r, "gruppe-e.card.json")->body,
	    "{ \"type\": \"TextRun\", \"text\": \"[klick](https://evil.example)\"");
	struct str card = file_of(r, "card.template.json")->body;
	assert_holds(card, "{ \"type\": \"TextRun\", \"text\": \"${if(length(title) > ");
	assert_false(holds(card, "\"type\": \"TextBlock\", \"text\": \"${title}"));
	assert_false(holds(card, "\"type\": \"TextBlock\", \"text\": \"${if(length(title)"));
}

static void
the_order_of_documents_does_not_matter(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d[] = { document_named(c, "weather-en-us-seattle"),
		document_named(c, "weather-en-us-fargo") };
	const struct document *turned[] = { d[1], d[0] };
	const struct rendered *one = bundle_of(c, d, 2), *two = bundle_of(c, turned, 2);
	assert_int_equal(one->n, two->n);
	for (size_t i = 0; i < one->n; i++) {
		assert_true(str_eq(one->file[i].path, two->file[i].path));
		assert_true(str_eq(one->file[i].body, two->file[i].body));
		assert_true(str_eq(one->file[i].key, two->file[i].key));
	}
	const char *feed = file_of(one, "feed.atom")->body.p;
	assert_true(strstr(feed, "Seattle wet") < strstr(feed, "Bitter cold")); /* newest first */
}

static void
a_file_keeps_its_key_until_something_it_is_made_of_changes(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d[] = { document_named(c, "weather-en-us-seattle"),
		document_named(c, "weather-en-us-fargo") };
	const struct rendered *before = bundle_of(c, d, 2);
	d[1] = document_with(c, "weather-en-us-fargo", "title", "\"Warmer in Fargo\"");
	const struct rendered *after = bundle_of(c, d, 2);
	struct str key = file_of(before, "seattle.html")->key;
	assert_true(str_eq(key, file_of(after, "seattle.html")->key));
	assert_false(str_eq(file_of(before, "fargo.html")->key, file_of(after, "fargo.html")->key));
	assert_false(str_eq(file_of(before, "feed.atom")->key, file_of(after, "feed.atom")->key));
	c->site.publisher = STR("Somebody else");
	assert_false(str_eq(key, file_of(bundle_of(c, d, 2), "seattle.html")->key));
}

static bool
has_nothing(void *ctx, struct str locale, struct str id)
{
	(void)ctx, (void)locale, (void)id;
	return false;
}

static void
hreflang_links_lead_only_to_documents_that_exist(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const char *link = "hreflang=\"de-DE\" href=\"https://example.com/weather/de-de/seattle.html\"";
	const struct rendered *r = seattle_in(c, "en-us");
	assert_holds(file_of(r, "seattle.html")->body, link);
	struct str key = file_of(r, "seattle.html")->key;
	c->site.has = has_nothing;
	r = seattle_in(c, "en-us");
	assert_false(holds(file_of(r, "seattle.html")->body, link));
	assert_false(str_eq(key, file_of(r, "seattle.html")->key));
}

static void
an_asset_is_named_by_its_content_and_linked_so(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct rendered *r = seattle_in(c, "en-us");
	struct str page = file_of(r, "seattle.html")->body;
	size_t assets = 0;
	for (size_t i = 0; i < r->n; i++) {
		struct str path = r->file[i].path;
		if (!str_starts(path, STR("assets/")))
			continue;
		char hex[DIGEST_HEX + 1];
		struct digest digest = digest_of(r->file[i].body);
		digest_hex(&digest, hex);
		hex[12] = '\0';
		assert_holds(path, hex);
		if (str_starts(path, STR("assets/page.")))
			assert_holds(page, arena_printf(*state, "href=\"/weather/en-us/%.*s\"",
			    STR_ARG(path)).p);
		assets++;
	}
	assert_true(assets > 20);
}

static void
a_site_replaces_one_template_and_keeps_the_rest(void **state)
{
	const char *dir = scratch_folder(*state);
	scratch_file(*state, dir, "templates/weather/document/{id}.html",
	    STR("<p lang=\"{{page.lang}}\">{{title}}, {{facts.high | number \".0\"}}</p>\n"));
	scratch_file(*state, dir, "templates/weather/document/{id}.txt", STR("{{title}}\n"));
	struct render_case *c = render_case(*state, dir);
	const struct rendered *r = seattle_in(c, "en-us");
	assert_str(file_of(r, "seattle.html")->body,
	    "<p lang=\"en-US\">Rain keeps Seattle wet until Saturday, then the sun returns, 9.0</p>\n");
	assert_str(file_of(r, "seattle.txt")->type, "text/plain; charset=utf-8");
	assert_holds(file_of(r, "feed.atom")->body, "Rain keeps Seattle wet");
}

static void
a_new_vertical_needs_only_a_schema(void **state)
{
	const char *dir = scratch_folder(*state);
	scratch_file(*state, dir, "schemas/notes.xsd",
	    STR("<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n"
	        "<xs:include schemaLocation=\"envelope.xsd\"/>\n"
	        "<xs:complexType name=\"facts\"><xs:all>\n"
	        "<xs:element name=\"topic\" type=\"label\"/></xs:all></xs:complexType>\n"
	        "</xs:schema>\n"));
	scratch_file(*state, dir, "templates/notes/messages/en.json",
	    STR("{\"vertical.name\": \"Notes\"}"));
	struct render_case *c = render_case(*state, dir);
	const struct document *d = document_from(c,
	    STR("{\"vertical\":\"notes\",\"id\":\"one\",\"locale\":\"en-us\",\"title\":\"A note\","
	        "\"summary\":\"Short.\",\"updated\":\"2026-11-20T18:00:00Z\","
	        "\"expires\":\"2026-11-21T18:00:00Z\",\"provenance\":{\"agent\":\"a\",\"model\":\"m\","
	        "\"run\":\"r\",\"grade\":\"generated\",\"responsible\":\"Us\"},\"sources\":[{\"id\":\"s\","
	        "\"name\":\"S\",\"url\":\"https://s.example/\",\"retrieved\":\"2026-11-20T17:00:00Z\"}],"
	        "\"facts\":{\"topic\":\"x\"},\"prose\":\"<p>Text.</p>\"}"));
	const struct rendered *r = bundle_of(c, &d, 1);
	assert_holds(file_of(r, "one.html")->body, "<p class=\"kicker\">Notes</p>");
	assert_holds(file_of(r, "one.card.json")->body, "\"text\": \"A note\"");
	assert_holds(file_of(r, "feed.atom")->body, "<title>A note</title>");
}

static void
refused(void **state, const char *file, const char *text, const char *const *why)
{
	const char *dir = scratch_folder(*state);
	scratch_file(*state, dir, file, str_of(text));
	struct render_case *c = render_case(*state, dir);
	const struct document *d = document_named(c, "weather-en-us-seattle");
	struct rendered r;
	struct err err = { 0 };
	assert_false(bundle_try(c, &d, 1, &r, &err));
	for (; *why != NULL; why++)
		if (strstr(err.text, *why) == NULL)
			fail_msg("'%s' lacks '%s'", err.text, *why);
}

static void
a_wrong_template_is_named_with_its_line_and_the_document(void **state)
{
	refused(state, "templates/weather/document/{id}.html", "<p>\n{{#title}}</p>\n",
	    (const char *[]){ "rendering weather/en-us", "templates/weather/document/{id}.html:2:1", NULL });
	refused(state, "templates/weather/document/{id}.html", "<div>\n<p>{{title}}</div>\n",
	    (const char *[]){ "{id}.html: document 'seattle'", "line 2 of the output", NULL });
	refused(state, "templates/weather/bundle/x.json", "{ \"n\": {{count}}, }\n",
	    (const char *[]){ "templates/weather/bundle/x.json", "line 1", NULL });
	refused(state, "templates/weather/document/{id}.xml", "<a>{{message no.such}}</a>\n",
	    (const char *[]){ "{id}.xml:1:4: there is no message 'no.such' in any language", NULL });
	refused(state, "templates/weather/document/{id}.xml", "{{> nothing.xml}}\n",
	    (const char *[]){ "{id}.xml:1:1", "no partial 'nothing.xml'", NULL });
	refused(state, "templates/weather/assets/Page.css", "a{}",
	    (const char *[]){ "asset 'Page.css'", "lower-case", NULL });
	refused(state, "templates/weather/messages/en.json", "{\"weather.high\": \"{high\"}",
	    (const char *[]){ "messages/en.json: weather.high: column", NULL });
}

static void
a_mistake_that_html_would_allow_is_shown_with_its_line_and_what_to_write(void **state)
{
	const char *page = "templates/weather/document/{id}.html";
	refused(state, page, "<p>one<br>two</p>\n",
	    (const char *[]){ "`<p>one<br>two</p>`", "<br> is not closed; write <br/>", NULL });
	refused(state, page, "<p>a&nbsp;b</p>\n",
	    (const char *[]){ "`<p>a&nbsp;b</p>`", "'nbsp' not defined", "&#160;", NULL });
	refused(state, page, "<div>\n<p>open\n</div>\n",
	    (const char *[]){ "line 2 of the output, `<p>open`", "<p> is not closed before </div>", NULL });
	refused(state, page, "<gurk>x</gurk>\n",
	    (const char *[]){ "`<gurk>x</gurk>`: <gurk> is no HTML element", NULL });
	refused(state, "templates/weather/bundle/x.json", "{ \"n\": {{count}}, }\n",
	    (const char *[]){ "`{ \"n\": 1, }`", "commas", NULL });
}

static bool
never_asked(void *ctx, const struct document *d, const struct err *why)
{
	(void)ctx;
	fail_msg("%.*s was blamed: %s", STR_ARG(d->id), why->text);
	return true;
}

static void
a_mistake_of_the_templates_is_not_blamed_on_the_documents(void **state)
{
	static const char *const mistakes[] = { "<p>{{message index.count}}</p>",
		"<p>{{facts.high | number \".0 gurk\"}}</p>", "<p>{{updated | date \"y-M\"}}</p>",
		"<p>{{facts.place}}</p>", "{{> facts.html}}", "<p>a<br>b</p>" };
	for (size_t i = 0; i < LEN(mistakes); i++) {
		const char *dir = scratch_folder(*state);
		scratch_file(*state, dir, "templates/weather/partials/facts.html", str_of(mistakes[i]));
		struct render_case *c = render_case(*state, dir);
		const struct document *d = document_named(c, "weather-en-us-seattle");
		struct rendered r;
		struct err err = { 0 };
		c->site.refuse = never_asked;
		assert_false(bundle_try(c, &d, 1, &r, &err));
		assert_int_equal(err.code, ERR_SETUP);
	}
}

static bool
note_refusal(void *ctx, const struct document *d, const struct err *why)
{
	struct err *noted = ctx;
	assert_str(d->id, "fargo");
	*noted = *why;
	return true;
}

static void
one_document_that_cannot_be_rendered_does_not_stop_the_others(void **state)
{
	const char *dir = scratch_folder(*state);
	scratch_file(*state, dir, "templates/weather/document/{id}.txt",
	    STR("{{updated | date \"yMMMd\" facts.place.region}}\n"));
	struct render_case *c = render_case(*state, dir);
	const struct document *d[] = {
		document_with(c, "weather-en-us-seattle", "facts.place.region", "\"Europe/London\""),
		document_with(c, "weather-en-us-fargo", "facts.place.region", "\"Mars/Olympus\"") };
	struct rendered r;
	struct err err = { 0 }, noted = { 0 };
	assert_false(bundle_try(c, d, 2, &r, &err));
	assert_non_null(strstr(err.text, "document 'fargo'"));
	assert_non_null(strstr(err.text, "'Mars/Olympus' is no IANA time zone"));
	c->site.refuse = note_refusal;
	c->site.ctx = &noted;
	const struct rendered *rest = bundle_of(c, d, 2);
	assert_non_null(strstr(noted.text, "Mars/Olympus"));
	assert_false(holds(file_of(rest, "index.json")->body, "fargo"));
	for (size_t i = 0; i < rest->n; i++)
		assert_false(str_eq(rest->file[i].document, STR("fargo")));
}

static void
a_bundle_without_documents_still_has_its_index_and_feeds(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	struct rendered r;
	struct err err = { 0 };
	if (!render_bundle(c->arena, &c->catalog, c->schemas, &c->site, STR("weather"), STR("en-us"),
	        NULL, 0, &r, &err))
		fail_msg("%s", err.text);
	assert_holds(file_of(&r, "index.html")->body, "No reports at present");
	assert_holds(file_of(&r, "index.json")->body, "\"count\": 0");
}

static void
feeds_hold_the_newest_and_the_list_holds_all(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d[RENDER_LATEST + 7];
	for (size_t i = 0; i < LEN(d); i++)
		d[i] = document_with(c, "weather-en-us-fargo", "id",
		    arena_printf(*state, "\"town-%zu\"", i).p);
	const struct rendered *r = bundle_of(c, d, LEN(d));
	json_t *feed, *list;
	struct err err;
	assert_true(json_parse(*state, file_of(r, "feed.json")->body, &feed, &err));
	assert_true(json_parse(*state, file_of(r, "index.json")->body, &list, &err));
	assert_int_equal(json_array_size(json_object_get(feed, "items")), RENDER_LATEST);
	assert_int_equal(json_array_size(json_object_get(list, "documents")), LEN(d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_document_becomes_every_surface),
		TEST(every_surface_tells_people_and_machines_that_ai_wrote_it),
		TEST(what_nobody_reviewed_says_so_in_the_readers_language),
		TEST(a_page_is_in_the_units_digits_and_direction_of_its_locale),
		TEST(every_fixture_renders_in_its_language),
		TEST(figures_of_finance_carry_direction_currency_and_a_chart),
		TEST(a_score_shows_goals_and_a_fixture_none),
		TEST(zero_degrees_is_a_temperature),
		TEST(a_period_without_a_low_does_not_borrow_the_days),
		TEST(hostile_text_stays_text_on_every_surface),
		TEST(a_title_on_a_card_is_a_text_run_that_knows_no_markdown),
		TEST(the_order_of_documents_does_not_matter),
		TEST(a_file_keeps_its_key_until_something_it_is_made_of_changes),
		TEST(hreflang_links_lead_only_to_documents_that_exist),
		TEST(an_asset_is_named_by_its_content_and_linked_so),
		TEST(a_site_replaces_one_template_and_keeps_the_rest),
		TEST(a_new_vertical_needs_only_a_schema),
		TEST(a_wrong_template_is_named_with_its_line_and_the_document),
		TEST(a_mistake_that_html_would_allow_is_shown_with_its_line_and_what_to_write),
		TEST(a_mistake_of_the_templates_is_not_blamed_on_the_documents),
		TEST(one_document_that_cannot_be_rendered_does_not_stop_the_others),
		TEST(a_bundle_without_documents_still_has_its_index_and_feeds),
		TEST(feeds_hold_the_newest_and_the_list_holds_all),
	};
	xmlInitParser();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
