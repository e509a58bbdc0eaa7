/* Addresses that others may make us connect to, and those that they may not. */
#include <arpa/inet.h>

#include "base/address.h"
#include "base/http.h"
#include "tests/unit/lib/http_service.h"

static bool
is_public(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_is_public((const struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_is_public((const struct sockaddr *)&in6);
}

static void
addresses_of_the_internet_are_public_and_no_others(void **state)
{
	static const char *const open[] = { "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0",
		"126.255.255.255", "128.0.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.1.1",
		"198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1",
		"2001:4860:4860::8888", "2001:200::1" };
	static const char *const closed[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1",
		"100.127.255.255", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.7", "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
		"::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "fc00::1", "fd12::1", "fe80::1",
		"fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "100::1" };
	(void)state;
	for (size_t i = 0; i < LEN(open); i++)
		if (!is_public(open[i]))
			fail_msg("%s is public", open[i]);
	for (size_t i = 0; i < LEN(closed); i++)
		if (is_public(closed[i]))
			fail_msg("%s is not public", closed[i]);
	assert_false(address_is_public(&(struct sockaddr){ .sa_family = AF_UNIX }));
}

static int
hello(struct service *s, const char *request, char body[static 1024])
{
	(void)s;
	(void)request;
	(void)snprintf(body, 1024, "hello");
	return 200;
}

static void
a_request_for_public_addresses_never_reaches_this_machine(void **state)
{
	struct service s = { .handle = hello };
	struct http_session *session = http_open(*state);
	struct http_response r;
	struct err err = { 0 };
	service_start(&s);
	const char *port = strrchr(s.url, ':');
	const char *const url[] = { s.url, arena_printf(*state, "http://localhost%s/", port).p,
		arena_printf(*state, "http://[::ffff:127.0.0.1]%s/", port).p,
		arena_printf(*state, "http://2130706433%s/", port).p,
		arena_printf(*state, "http://0%s/", port).p };
	struct http_request rq = { .method = "GET", .url = s.url };
	assert_true(http_do(session, *state, &rq, &r, &err)); /* it is there */
	assert_int_equal(r.status, 200);
	rq.public_only = true; /* also not over a connection that is still open */
	for (size_t i = 0; i < LEN(url); i++) {
		rq.url = url[i];
		if (http_do(session, *state, &rq, &r, &err))
			fail_msg("%s was reached", url[i]);
		assert_int_equal(err.code, ERR_BUSY);
	}
	service_stop(&s);
	assert_int_equal(s.n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_of_the_internet_are_public_and_no_others),
		TEST(a_request_for_public_addresses_never_reaches_this_machine),
	};
	struct err err = { 0 };
	if (!http_setup(&err))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
