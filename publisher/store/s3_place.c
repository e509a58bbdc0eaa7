#include "publisher/store/s3_place.h"

#include <arpa/inet.h>

#include "base/path.h"

#define FORMS "s3://BUCKET[/PREFIX] or s3:https://HOST[:PORT]/BUCKET[/PREFIX]"
#define URL_MAX 1024

static bool
is_one_of(struct str s, const char *more)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9'))
		    && (s.p[i] == '\0' || strchr(more, s.p[i]) == NULL))
			return false;
	return s.n > 0;
}

/* docs.aws.amazon.com, "General purpose buckets naming rules" */
static bool
bucket_is_named(struct str s)
{
	return s.n >= 3 && s.n <= 63 && is_one_of(s, "-.") && s.p[0] != '.' && s.p[0] != '-'
	    && s.p[s.n - 1] != '.' && s.p[s.n - 1] != '-' && memmem(s.p, s.n, "..", 2) == NULL;
}

/* "bucket[/prefix][/]" */
static bool
bucket_read(struct arena *a, struct str text, struct s3_place *p, struct err *err)
{
	struct str prefix;
	p->bucket = str_cut(text, '/', &prefix);
	if (!bucket_is_named(p->bucket))
		return err_set(err, ERR_INPUT, "'%.*s' is no name of a bucket: " FORMS,
		    STR_ARG(p->bucket));
	while (str_ends(prefix, STR("/")))
		prefix.n--;
	if (prefix.n > 0 && !key_is_safe(prefix))
		return err_set(err, ERR_INPUT, "'%.*s' is no prefix of keys", STR_ARG(prefix));
	p->prefix = prefix.n > 0 ? arena_printf(a, "%.*s/", STR_ARG(prefix)) : STR("");
	return true;
}

static bool
region_read(const struct settings *s, struct str fallback, struct s3_place *p, struct err *err)
{
	const char *region = setting(s, "AWS_REGION");
	region = region != NULL ? region : setting(s, "AWS_DEFAULT_REGION");
	p->region = region != NULL ? str_of(region) : fallback;
	if (p->region.n == 0)
		return err_set(err, ERR_SETUP, "AWS_REGION is not set");
	return (p->region.n <= 64 && is_one_of(p->region, "-"))
	    || err_set(err, ERR_SETUP, "AWS_REGION is no name of a region");
}

static struct str
behind_scheme(struct str url)
{
	struct str rest;
	(void)str_cut(url, '/', &rest);
	(void)str_cut(rest, '/', &rest);
	return rest;
}

/* "HOST[:PORT]" of an http or https URL as the Host header has it; *rest is what follows its
 * slash. A port that the scheme implies is left out, as every client does. */
static bool
server_read(struct arena *a, struct str url, struct s3_place *p, struct str *rest,
    struct err *err)
{
	bool tls = str_starts(url, STR("https://"));
	if (url.n > URL_MAX || (!tls && !str_starts(url, STR("http://"))))
		return err_set(err, ERR_INPUT, "%.*s", STR_ARG(STR(FORMS)));
	struct str host = str_cut(behind_scheme(url), '/', rest), usual = tls ? STR(":443") : STR(":80");
	if (!is_one_of(host, "-.:[]"))
		return err_set(err, ERR_INPUT, "no host in lower-case letters: " FORMS);
	if (str_ends(host, usual))
		host.n -= usual.n;
	p->host = arena_copy(a, host);
	p->server = arena_printf(a, "%s://%.*s", tls ? "https" : "http", STR_ARG(host));
	return true;
}

/* A wildcard certificate covers no dot, and an address has no names below it. */
static bool
can_be_in_host(struct str bucket, struct str host)
{
	char name[INET6_ADDRSTRLEN + 1];
	unsigned char v4[4];
	struct str colon, alone = str_cut(host, ':', &colon);
	if (host.p[0] == '[' || memchr(bucket.p, '.', bucket.n) != NULL)
		return false;
	if (alone.n >= sizeof name)
		return true;
	memcpy(name, alone.p, alone.n);
	name[alone.n] = '\0';
	return inet_pton(AF_INET, name, v4) != 1;
}

static bool
named_read(struct arena *a, struct str where, const struct settings *s, struct s3_place *p,
    struct err *err)
{
	const char *endpoint = setting(s, "AWS_ENDPOINT_URL_S3");
	struct str rest;
	endpoint = endpoint != NULL ? endpoint : setting(s, "AWS_ENDPOINT_URL");
	if (!bucket_read(a, (struct str){ where.p + 2, where.n - 2 }, p, err)
	    || !region_read(s, endpoint != NULL ? STR("us-east-1") : STR(""), p, err))
		return false;
	struct str url = endpoint != NULL ? str_of(endpoint)
	    : arena_printf(a, "https://s3.%.*s.amazonaws.com%s", STR_ARG(p->region),
	        str_starts(p->region, STR("cn-")) ? ".cn" : "");
	if (!server_read(a, url, p, &rest, err) || rest.n > 0)
		return err_set(err, ERR_SETUP, "AWS_ENDPOINT_URL is not http[s]://HOST[:PORT]");
	p->root = STR("");
	if (!can_be_in_host(p->bucket, p->host)) {
		p->root = arena_printf(a, "/%.*s", STR_ARG(p->bucket));
		return true;
	}
	p->host = arena_printf(a, "%.*s.%.*s", STR_ARG(p->bucket), STR_ARG(p->host));
	p->server = arena_printf(a, "%s://%.*s",
	    str_starts(url, STR("https:")) ? "https" : "http", STR_ARG(p->host));
	return true;
}

bool
s3_place_read(struct arena *a, struct str where, const struct settings *s,
    struct s3_place *out, struct err *err)
{
	struct str rest;
	*out = (struct s3_place){ 0 };
	if (str_starts(where, STR("//")))
		return named_read(a, where, s, out, err);
	if (!server_read(a, where, out, &rest, err) || !bucket_read(a, rest, out, err)
	    || !region_read(s, STR("us-east-1"), out, err))
		return false;
	out->root = arena_printf(a, "/%.*s", STR_ARG(out->bucket));
	return true;
}
