#include "publisher/tlog/note.h"

#include <inttypes.h>
#include <sodium.h>

#define DASH "\xe2\x80\x94 " /* U+2014 and a blank */
#define ED25519 0x01         /* signature type */

bool
origin_is_safe(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '+')
			return false;
	return s.n > 0 && s.n <= ORIGIN_MAX;
}

static struct str
base64(struct arena *a, const void *p, size_t n)
{
	struct buf *out = buf_in(a, 2 * n + 4);
	base64_put(out, (struct str){ p, n });
	return buf_str(out);
}

/* Exactly one spelling of each value. libsodium takes some bytes over 0x7f for digits: hence the
 * way back. */
static bool
base64_read(struct arena *a, struct str text, struct str *out)
{
	unsigned char *p = arena_alloc(a, text.n + 1, 1);
	size_t n = 0;
	const char *end = NULL;
	if (text.n == 0 || sodium_base642bin(p, text.n, text.p, text.n, NULL, &n, &end,
	        sodium_base64_VARIANT_ORIGINAL) != 0 || end != text.p + text.n)
		return false;
	*out = (struct str){ (const char *)p, n };
	return str_eq(base64(a, p, n), text);
}

static bool
signature_read(struct arena *a, struct str line, struct note_signature *out)
{
	struct str rest, bytes;
	if (!str_starts(line, STR(DASH)))
		return false;
	out->name = str_cut((struct str){ line.p + strlen(DASH), line.n - strlen(DASH) }, ' ', &rest);
	if (out->name.n == 0 || memchr(out->name.p, '+', out->name.n) != NULL || rest.p == NULL
	    || !base64_read(a, rest, &bytes) || bytes.n <= sizeof out->id)
		return false;
	memcpy(out->id, bytes.p, sizeof out->id);
	out->bytes = (struct str){ bytes.p + sizeof out->id, bytes.n - sizeof out->id };
	return true;
}

static bool
is_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\n')
			return false;
	return str_is_utf8(s);
}

/* The last empty line ends the text. */
static bool
text_end(struct str s, size_t *out)
{
	for (size_t i = s.n; i > 1; i--)
		if (s.p[i - 1] == '\n' && s.p[i - 2] == '\n') {
			*out = i - 1;
			return true;
		}
	return false;
}

bool
note_read(struct arena *a, struct str bytes, struct note *out, struct err *err)
{
	size_t end;
	*out = (struct note){ 0 };
	if (bytes.n > NOTE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%zu bytes, at most %d", bytes.n, NOTE_BYTES_MAX);
	if (!is_text(bytes) || !text_end(bytes, &end) || bytes.p[bytes.n - 1] != '\n')
		return err_set(err, ERR_INPUT, "no signed note");
	out->text = (struct str){ bytes.p, end };
	struct str rest = { bytes.p + end + 1, bytes.n - end - 1 };
	while (rest.n > 0) {
		struct str line = str_cut(rest, '\n', &rest);
		if (out->signatures == NOTE_SIGNATURES)
			return err_set(err, ERR_LIMIT, "more than %d signatures", NOTE_SIGNATURES);
		if (!signature_read(a, line, &out->signature[out->signatures++]))
			return err_set(err, ERR_INPUT, "signature line %zu is none", out->signatures);
	}
	return out->signatures > 0 || err_set(err, ERR_INPUT, "a note without signatures");
}

static bool
size_read(struct str s, uint64_t *out)
{
	return str_to_u64(s, out) && (s.p[0] != '0' || s.n == 1);
}

bool
checkpoint_read(struct arena *a, struct str bytes, struct checkpoint *out, struct err *err)
{
	struct str rest, root;
	*out = (struct checkpoint){ 0 };
	if (!note_read(a, bytes, &out->note, err))
		return false;
	out->origin = str_cut(out->note.text, '\n', &rest);
	struct str size = str_cut(rest, '\n', &rest);
	if (!origin_is_safe(out->origin) || !size_read(size, &out->tree.size)
	    || !base64_read(a, str_cut(rest, '\n', &rest), &root)
	    || root.n != sizeof out->tree.root.b)
		return err_set(err, ERR_INPUT, "a note, but no checkpoint of a log");
	memcpy(out->tree.root.b, root.p, root.n);
	return rest.n == 0 || err_set(err, ERR_INPUT, "a checkpoint with extension lines");
}

static void
key_hash(struct str name, const unsigned char key[static 32], unsigned char out[static 4])
{
	char text[256 + 2 + 32];
	struct digest d = { { 0 } };
	if (name.n <= 256) {
		memcpy(text, name.p, name.n);
		text[name.n] = '\n';
		text[name.n + 1] = ED25519;
		memcpy(text + name.n + 2, key, 32);
		d = digest_of((struct str){ text, name.n + 2 + 32 });
	}
	memcpy(out, d.b, 4);
}

bool
note_signed_by(const struct note *n, struct str name, const unsigned char key[static 32])
{
	unsigned char id[4];
	key_hash(name, key, id);
	for (size_t i = 0; i < n->signatures; i++) {
		const struct note_signature *s = &n->signature[i];
		if (str_eq(s->name, name) && memcmp(s->id, id, sizeof id) == 0
		    && s->bytes.n == crypto_sign_BYTES
		    && crypto_sign_verify_detached((const unsigned char *)s->bytes.p,
		           (const unsigned char *)n->text.p, n->text.n, key) == 0)
			return true;
	}
	return false;
}

struct str
checkpoint_text(struct arena *a, struct str origin, const struct merkle_tree *t)
{
	return arena_printf(a, "%.*s\n%" PRIu64 "\n%.*s\n", STR_ARG(origin), t->size,
	    STR_ARG(base64(a, t->root.b, sizeof t->root.b)));
}

struct str
note_line(struct arena *a, struct str name, const unsigned char key[static 32],
    const unsigned char sig[static 64])
{
	unsigned char all[4 + 64];
	key_hash(name, key, all);
	memcpy(all + 4, sig, 64);
	return arena_printf(a, DASH "%.*s %.*s\n", STR_ARG(name),
	    STR_ARG(base64(a, all, sizeof all)));
}

struct str
note_vkey(struct arena *a, struct str name, const unsigned char key[static 32])
{
	unsigned char id[4], typed[33] = { ED25519 };
	struct buf *hex = buf_in(a, 8);
	key_hash(name, key, id);
	hex_put(hex, (struct str){ (const char *)id, sizeof id });
	memcpy(typed + 1, key, 32);
	return arena_printf(a, "%.*s+%.*s+%.*s", STR_ARG(name), STR_ARG(buf_str(hex)),
	    STR_ARG(base64(a, typed, sizeof typed)));
}
