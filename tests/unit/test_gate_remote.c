/* The two gates that ask the network, with the answers of a network that does as it is told. */
#include "base/http.h"
#include "generator/gate/seen.h"
#include "tests/unit/lib/gate_case.h"

#define RAIN "<p>Rain is expected across the city this evening, and the wind will be strong from" \
	" the south-west for most of the night.</p>"
#define ON "[gates]\nreachable = reject\n[links]\nhosts = example.com example.org\n"

struct page {
	const char *url;
	int status;
	const char *location; /* NULL: none */
};
struct network {
	const struct page *page;
	size_t pages;
	const char *body;        /* of every answer to a POST */
	unsigned asked, posts;
	struct str sent, authorization;
	bool no_head;
	bool only_public;        /* of all requests but posts */
};

static bool
answer(void *ctx, struct arena *a, const struct http_request *rq, struct http_response *out,
    struct err *err)
{
	struct network *n = ctx;
	*out = (struct http_response){ .status = 404 };
	if (strcmp(rq->method, "POST") == 0) {
		n->posts++;
		n->sent = arena_copy(a, rq->body);
		n->authorization = rq->headers > 1 ? arena_copy(a, rq->header[1].value) : STR("");
		out->status = n->body == NULL ? 500 : 200;
		out->body = str_of(n->body);
		return true;
	}
	n->asked++;
	n->only_public = (n->asked == 1 || n->only_public) && rq->public_only;
	for (size_t i = 0; i < n->pages; i++) {
		if (strcmp(n->page[i].url, rq->url) != 0)
			continue;
		if (n->page[i].status == 0)
			return err_set(err, ERR_BUSY, "HEAD %s: no route", rq->url);
		out->status = n->no_head && strcmp(rq->method, "HEAD") == 0 ? 405 : n->page[i].status;
		if (n->page[i].location != NULL) {
			out->header = ARENA_NEW(a, struct http_header);
			*out->header = (struct http_header){ STR("location"), str_of(n->page[i].location) };
			out->headers = 1;
		}
	}
	return true;
}

static struct gate_case
with_link(void **state, const char *policy, struct network *n, const char *url)
{
	struct gate_case c = case_open(*state, case_weather, policy);
	case_text(&c, "prose", arena_printf(*state, RAIN "<p><a href=\"%s\">More</a> and <a href=\"%s\">"
	    "more</a></p>", url, url).p);
	seen_answers(c.seen, answer, n);
	return c;
}

static void
a_link_has_to_lead_to_a_page(void **state)
{
	static const struct page page[] = {
		{ "https://example.com/here", 200, NULL },
		{ "https://example.com/moved", 301, "/here" },
		{ "https://example.com/abroad", 302, "https://example.org/there" },
		{ "https://example.org/there", 204, NULL },
		{ "https://example.com/gone", 410, NULL },
		{ "https://example.com/broken", 0, NULL },
		{ "https://example.com/loop", 302, "/loop" },
		{ "https://example.com/inside", 302, "http://169.254.169.254/latest/meta-data/" },
		{ "https://example.com/number", 302, "https://0x7f.1/" },
		{ "https://example.com/port", 302, "https://example.com:8443/" },
		{ "https://example.com/other", 302, "https://elsewhere.example/" },
		{ "https://example.com/slashes", 302, "//elsewhere.example/" },
	};
	static const struct {
		const char *url, *says; /* NULL: it is fine */
	} t[] = {
		{ "https://example.com/here", NULL },
		{ "https://example.com/moved", NULL },
		{ "https://example.com/abroad", NULL },
		{ "https://example.com/none", "the answer is 404" },
		{ "https://example.com/gone", "the answer is 410" },
		{ "https://example.com/broken", "no route" },
		{ "https://example.com/loop", "from one address to the next" },
		{ "https://example.com/inside", "not an https:// address" },
		{ "https://example.com/number", "IP address" },
		{ "https://example.com/port", "a port of its own" },
		{ "https://example.com/other", "'elsewhere.example', which is not among" },
		{ "https://example.com/slashes", "not an https:// address" },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct network n = { .page = page, .pages = LEN(page) };
		struct gate_case c = with_link(state, ON, &n, t[i].url);
		struct str said = case_expect(&c, t[i].says == NULL ? NULL : "reachable");
		if (t[i].says != NULL)
			assert_says(said, t[i].says);
		assert_true(n.asked >= 1 && n.asked <= 4); /* once for both links; three redirects */
		assert_true(n.only_public);
	}
}

static void
a_server_without_head_is_asked_for_one_byte(void **state)
{
	static const struct page page = { "https://example.com/here", 206, NULL };
	struct network n = { .page = &page, .pages = 1, .no_head = true };
	struct gate_case c = with_link(state, ON, &n, page.url);
	(void)case_expect(&c, NULL);
	assert_int_equal(n.asked, 2);
}

static void
the_network_is_asked_only_if_the_policy_wants_it_and_all_else_is_right(void **state)
{
	struct network n = { 0 };
	struct gate_case c = with_link(state, "", &n, "https://example.com/none");
	(void)case_expect(&c, NULL);
	c = with_link(state, ON, &n, "https://example.com/none");
	case_text(&c, "title", "Rain");
	(void)case_expect(&c, "length");
	assert_int_equal(n.asked, 0);
}

#define JUDGE "[gates]\njudge = reject\n[judge]\nendpoint = https://models.example/v1/chat/completions\n" \
	"model = judge-1\nthreshold = 70\n"

static const char *
says(struct arena *a, const char *content)
{
	json_t *o = json_pack("{s:[{s:{s:s}}]}", "choices", "message", "content", content);
	char *text = json_dumps(o, 0);
	const char *copy = arena_copy(a, str_of(text)).p;
	free(text);
	json_decref(o);
	return copy;
}

static void
a_judge_gives_a_score_and_the_policy_the_verdict(void **state)
{
	struct network n = { .body = says(*state, "{\"score\": 70, \"reason\": \"It follows.\"}") };
	struct gate_case c = case_open(*state, case_weather, JUDGE);
	seen_answers(c.seen, answer, &n);
	struct findings f = case_judge(&c);
	case_print(&f);
	assert_int_equal(f.n, 0);
	assert_int_equal(f.scores, 1);
	assert_string_equal(f.score[0].gate, "judge");
	assert_int_equal(f.score[0].value, 70);
	assert_says(f.score[0].by, "judge-1, prompt ");
	assert_says(n.sent, "Rain is expected across the city"); /* the prose */
	assert_says(n.sent, "\\\"low\\\":7");                      /* and the facts */
	assert_says(n.sent, "\"model\":\"judge-1\"");
	assert_int_equal(n.authorization.n, 0);

	n.body = says(*state, "```json\n{\"score\": 69, \"reason\": \"No source says for most of the night.\"}\n```");
	c.seen = seen_new(c.a);
	seen_answers(c.seen, answer, &n);
	assert_says(case_expect(&c, "judge"), "judge-1 gives it 69 of 100, the policy asks for 70: No source says");
	assert_int_equal(n.posts, 2);
}

static void
a_judge_without_an_opinion_lets_nothing_pass(void **state)
{
	const char *const body[] = { NULL, "", "{}", "[]", says(*state, "I think it is fine."),
		says(*state, "{\"score\": 101}"), says(*state, "{\"score\": \"90\"}"),
		says(*state, "{\"score\": 90.5}"), says(*state, "} {") };
	for (size_t i = 0; i < LEN(body); i++) {
		struct network n = { .body = body[i] };
		struct gate_case c = case_open(*state, case_weather, JUDGE);
		seen_answers(c.seen, answer, &n);
		assert_says(case_expect(&c, "judge"), "no opinion from judge-1");
	}
}

static void
the_judges_key_comes_from_the_environment(void **state)
{
	struct network n = { .body = says(*state, "{\"score\": 99}") };
	struct gate_case c = case_open(*state, case_weather, JUDGE "key_env = TEST_JUDGE_KEY\n");
	seen_answers(c.seen, answer, &n);
	assert_int_equal(unsetenv("TEST_JUDGE_KEY"), 0);
	assert_says(case_expect(&c, "judge"), "no TEST_JUDGE_KEY");
	assert_int_equal(n.posts, 0);
	assert_int_equal(setenv("TEST_JUDGE_KEY", "sesame", 1), 0);
	(void)case_expect(&c, NULL);
	assert_true(str_eq(n.authorization, STR("Bearer sesame")));
	assert_int_equal(unsetenv("TEST_JUDGE_KEY"), 0);
}

static void
a_judge_needs_an_endpoint_that_nobody_overhears(void **state)
{
	static const struct {
		const char *endpoint;
		bool ok;
	} t[] = {
		{ "https://models.example/v1/chat/completions", true },
		{ "http://127.0.0.1:8080/v1/chat/completions", true },
		{ "http://localhost:8080/v1/chat/completions", true },
		{ "http://models.example/v1/chat/completions", false },
		{ "http://localhost.models.example/v1", false },
		{ "http://127.0.0.1:x@models.example/v1", false },
	};
	struct policy p;
	struct err err = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct str text = arena_printf(*state, "[gates]\njudge = warn\n[judge]\nmodel = m\nendpoint = %s\n",
		    t[i].endpoint);
		assert_int_equal(policy_parse(*state, "p.ini", text, &p, &err), t[i].ok);
	}
	assert_false(policy_parse(*state, "p.ini", STR("[gates]\njudge = warn\n"), &p, &err));
	assert_says(str_of(err.text), "endpoint and model are missing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_link_has_to_lead_to_a_page),
		TEST(a_server_without_head_is_asked_for_one_byte),
		TEST(the_network_is_asked_only_if_the_policy_wants_it_and_all_else_is_right),
		TEST(a_judge_gives_a_score_and_the_policy_the_verdict),
		TEST(a_judge_without_an_opinion_lets_nothing_pass),
		TEST(the_judges_key_comes_from_the_environment),
		TEST(a_judge_needs_an_endpoint_that_nobody_overhears),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
