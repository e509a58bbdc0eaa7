#include "publisher/signing/foreign.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

#define BYTES_MAX 8192

/* What stands in front of the 32 bytes: RFC 8410, sections 4 and 7; version 0, no attributes. */
static const unsigned char pkcs8[] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03,
	0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
static const unsigned char spki[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
	0x03, 0x21, 0x00 };

/* The 32 bytes behind `head` in the PEM block of that label. */
static bool
pem_read(struct str text, const char *label, const unsigned char *head, size_t head_n,
    unsigned char out[static 32])
{
	char begin[64], end[64];
	unsigned char der[128];
	size_t n = 0;
	(void)snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
	(void)snprintf(end, sizeof end, "-----END %s-----", label);
	const char *from = memmem(text.p, text.n, begin, strlen(begin));
	if (from == NULL)
		return false;
	from += strlen(begin);
	const size_t left = text.n - (size_t)(from - text.p);
	const char *to = memmem(from, left, end, strlen(end));
	bool ok = to != NULL
	    && sodium_base642bin(der, sizeof der, from, (size_t)(to - from), " \r\n", &n, NULL,
	           sodium_base64_VARIANT_ORIGINAL) == 0
	    && n == head_n + 32 && memcmp(der, head, head_n) == 0;
	if (ok)
		memcpy(out, der + head_n, 32);
	sodium_memzero(der, sizeof der);
	return ok;
}

/* "private": "…" with 64 hex digits, wherever it stands. */
static bool
member_read(struct str text, unsigned char out[static 32])
{
	static const char member[] = "\"private\"";
	const char *at = memmem(text.p, text.n, member, strlen(member)), *end = text.p + text.n;
	if (at == NULL)
		return false;
	for (at += strlen(member); at < end && (*at == ' ' || *at == ':' || *at == '"'); at++)
		;
	return end - at > 64 && at[64] == '"'
	    && sodium_hex2bin(out, 32, at, 64, NULL, NULL, NULL) == 0;
}

bool
foreign_secret(struct arena *a, const char *path, unsigned char **seed, struct err *err)
{
	char *text = secret_alloc(a, BYTES_MAX);
	*seed = secret_alloc(a, 32);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "%s", path);
	ssize_t n = -1;
	bool ok = keyfile_mode(fd, S_IFREG, 077, err)
	    && ((n = read(fd, text, BYTES_MAX)) >= 0 || err_sys(err, "read"));
	(void)close(fd);
	const struct str all = { text, n > 0 ? (size_t)n : 0 };
	ok = ok && (pem_read(all, "PRIVATE KEY", pkcs8, sizeof pkcs8, *seed)
	               || member_read(all, *seed)
	               || err_set(err, ERR_INPUT, "neither a PKCS#8 PEM of an Ed25519 key, not "
	                      "encrypted, nor JSON with its seed as \"private\""));
	sodium_memzero(text, BYTES_MAX);
	return ok || err_in(err, "%s", path);
}

static bool
hex_key(struct str text, unsigned char key[static 32])
{
	size_t n = 0;
	return text.n == 64 && sodium_hex2bin(key, 32, text.p, text.n, NULL, &n, NULL) == 0
	    && n == 32;
}

bool
foreign_public(struct arena *a, const char *text, unsigned char key[static 32], struct err *err)
{
	struct str bytes;
	if (hex_key(str_of(text), key))
		return true;
	if (!fs_read(a, text, BYTES_MAX, &bytes, err))
		return false;
	return hex_key(str_trim(bytes), key)
	    || pem_read(bytes, "PUBLIC KEY", spki, sizeof spki, key)
	    || err_set(err, ERR_INPUT, "%s: neither 64 hex digits nor the PEM of an Ed25519 public "
	           "key", text);
}
