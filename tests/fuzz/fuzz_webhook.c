/* No bytes are a signed message to who lacks the secret; any body is read or refused. */
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "publisher/webhook/webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct webhook_secret *
secret(void)
{
	static struct webhook_secret *s; /* lives until the process ends */
	static struct arena *a;
	char path[] = "/tmp/edgepress-fuzz-XXXXXX";
	struct err err;
	if (s != NULL)
		return s;
	a = arena_new();
	int fd = sodium_init() < 0 ? -1 : mkstemp(path);
	struct str text = webhook_secret_make(a);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n
	    || !webhook_secret_read(a, path, &s, &err))
		abort();
	(void)close(fd);
	(void)unlink(path);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str rest = { (const char *)data, size };
	struct webhook_message m = { .timestamp = STR("1800000000") };
	struct invalidation in;
	struct err err;
	m.id = str_cut(rest, '\n', &rest);
	if (rest.p != NULL)
		m.signature = str_cut(rest, '\n', &rest);
	m.body = rest;
	if (webhook_verify(secret(), &m, 1800000000, &err))
		abort();
	if (invalidation_read(a, m.body, &in, &err)) {
		struct str again;
		struct invalidation back;
		if (invalidation_write(a, &in, 1800000000, &again, &err)
		    && (!invalidation_read(a, again, &back, &err) || back.version != in.version
		        || back.keys != in.keys))
			abort();
	}
	arena_free(a);
	return 0;
}
