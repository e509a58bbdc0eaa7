/* Shared Key against requests that Azure's own library signed. */
#include "tests/unit/lib/unit.h"

#include <sodium.h>

#include "base/fs.h"
#include "base/json.h"
#include "publisher/store/azure_key.h"

static json_t *
vectors(struct arena *a)
{
	struct str text;
	struct err err;
	json_t *j;
	if (!fs_read(a, "tests/data/azure/azure-shared-key.json", 1 << 20, &text, &err)
	    || !json_parse(a, text, &j, &err))
		fail_msg("%s", err.text);
	return j;
}

static struct str
member(const json_t *j, const char *name)
{
	struct str text = STR("");
	if (json_is_string(json_object_get(j, name)) && !field_text(j, name, &text, NULL))
		fail_msg("%s", name);
	return text;
}

/* The request of a vector, less what is added when it is sent: length and signature. */
static struct http_request
request_of(struct arena *a, const json_t *j)
{
	struct http_request rq = { .method = member(j, "method").p, .url = member(j, "url").p,
		.body = member(j, "body") };
	struct http_header *h = ARENA_ARRAY(a, struct http_header, 32);
	const char *name;
	json_t *value;
	json_object_foreach(json_object_get(j, "headers"), name, value)
		if (strcmp(name, "authorization") != 0 && strcmp(name, "content-length") != 0)
			h[rq.headers++] = (struct http_header){ str_of(name),
				str_of(json_string_value(value)) };
	rq.header = h;
	return rq;
}

static void
every_request_is_signed_as_the_vendor_does(void **state)
{
	const json_t *all = vectors(*state), *j;
	unsigned char key[64];
	size_t i, n = 0;
	struct str account = member(all, "account"), base64 = member(all, "keyBase64");
	assert_int_equal(sodium_base642bin(key, sizeof key, base64.p, base64.n, NULL, &n, NULL,
	    sodium_base64_VARIANT_ORIGINAL), 0);
	json_array_foreach(json_object_get(all, "requests"), i, j) {
		struct buf *text = buf_in(*state, 65536);
		struct http_request rq = request_of(*state, j);
		azure_string_to_sign(text, account, &rq);
		assert_str_(buf_str(text), member(j, "stringToSign"), __FILE__, __LINE__);
		assert_str_(azure_authorization(*state, account, (struct str){ (char *)key, n }, &rq),
		    member(json_object_get(j, "headers"), "authorization"), __FILE__, __LINE__);
	}
	assert_true(i >= 8);
}

static void
what_the_vectors_leave_open_is_as_documented(void **state)
{
	/* names in any case, white space around values, a query out of order and twice */
	const struct http_header h[] = { { STR("X-MS-Version"), STR(" 2023-11-03 ") },
		{ STR("x-ms-date"), STR("d") }, { STR("If-Match"), STR("\"e\"") } };
	const struct http_request rq = { .method = "GET", .header = h, .headers = 3,
		.url = "https://acct.blob.core.windows.net/c?Marker=b%2B&comp=list&marker=a" };
	struct buf *text = buf_in(*state, 4096);
	azure_string_to_sign(text, STR("acct"), &rq);
	assert_str(buf_str(text), "GET\n\n\n\n\n\n\n\n\"e\"\n\n\n\nx-ms-date:d\n"
	    "x-ms-version:2023-11-03\n/acct/c\ncomp:list\nmarker:a,b+");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_request_is_signed_as_the_vendor_does),
		TEST(what_the_vectors_leave_open_is_as_documented),
	};
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("azure_key", tests, NULL, NULL);
}
