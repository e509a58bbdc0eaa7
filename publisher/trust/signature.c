/* Signatures over metadata: which keys vouch for it, and whether they are enough. */
#include "publisher/trust/metadata.h"

#include <sodium.h>

_Static_assert(crypto_sign_PUBLICKEYBYTES == 32, "Ed25519 public key");
_Static_assert(crypto_sign_BYTES == 64, "Ed25519 signature");

struct str
key_id(struct arena *a, const unsigned char key[static 32])
{
	char hex[65];
	sodium_bin2hex(hex, sizeof hex, key, 32);
	/* Canonical JSON of the key: members in byte order, no blanks. */
	struct str canonical = arena_printf(a,
	    "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"%s\"},\"scheme\":\"ed25519\"}", hex);
	const struct digest d = digest_of(canonical);
	return digest_str(a, &d);
}

/* Of a kind that only a profile knows. */
static bool
foreign_valid(const struct metadata *m, struct str hex, const struct public_key *key)
{
	unsigned char sig[1024];
	size_t n = 0;
	return sodium_hex2bin(sig, sizeof sig, hex.p, hex.n, NULL, &n, NULL) == 0
	    && n == hex.n / 2
	    && trust_profile_now()->verify(key->scheme, key->text,
	           (struct str){ (const char *)sig, n }, m->canonical);
}

static bool
signature_valid(const struct metadata *m, struct str hex, const struct public_key *key)
{
	unsigned char sig[crypto_sign_BYTES];
	size_t n = 0;
	if (key->text.n > 0)
		return trust_profile_now() != NULL && foreign_valid(m, hex, key);
	return hex.n == 2 * sizeof sig
	    && sodium_hex2bin(sig, sizeof sig, hex.p, hex.n, NULL, &n, NULL) == 0
	    && n == sizeof sig
	    && crypto_sign_verify_detached(sig, (const unsigned char *)m->canonical.p,
	           m->canonical.n, key->key) == 0;
}

static bool
signed_with(const struct metadata *m, const struct public_key *key)
{
	const json_t *list = json_object_get(m->json, "signatures"), *each;
	size_t i;
	json_array_foreach((json_t *)list, i, each) {
		struct str id = str_of(json_string_value(json_object_get(each, "keyid")));
		struct str sig = str_of(json_string_value(json_object_get(each, "sig")));
		if (str_eq(id, key->id))
			return signature_valid(m, sig, key); /* ids are unique: envelope_read */
	}
	return false;
}

/* The same key under two ids is still one key. */
static bool
counted_before(const struct role_keys *who, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (memcmp(who->key[i]->key, who->key[at]->key, 32) == 0
		    && str_eq(who->key[i]->text, who->key[at]->text))
			return true;
	return false;
}

bool
metadata_signed_by(const struct metadata *m, const struct role_keys *who, struct err *err)
{
	unsigned valid = 0;
	for (size_t i = 0; i < who->keys; i++)
		if (!counted_before(who, i) && signed_with(m, who->key[i]))
			valid++;
	return (who->threshold > 0 && valid >= who->threshold)
	    || err_set(err, ERR_UNTRUSTED, "signature: %u of %u needed keys of %.*s have signed",
	           valid, who->threshold, STR_ARG(who->name));
}
