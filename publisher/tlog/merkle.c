#include "publisher/tlog/merkle.h"

#include <assert.h>
#include <sodium.h>

static struct digest
hash(unsigned char prefix, struct str a, struct str b)
{
	crypto_hash_sha256_state state;
	struct digest out;
	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, &prefix, 1);
	(void)crypto_hash_sha256_update(&state, (const unsigned char *)a.p, a.n);
	(void)crypto_hash_sha256_update(&state, (const unsigned char *)b.p, b.n);
	(void)crypto_hash_sha256_final(&state, out.b);
	return out;
}

static struct str
bytes_of(const struct digest *d)
{
	return (struct str){ (const char *)d->b, sizeof d->b };
}

struct digest
merkle_empty(void)
{
	return digest_of(STR(""));
}

struct digest
merkle_leaf(struct str entry)
{
	return hash(0, entry, STR(""));
}

struct digest
merkle_node(const struct digest *left, const struct digest *right)
{
	return hash(1, bytes_of(left), bytes_of(right));
}

/* Growing */

static unsigned
bits_set(uint64_t n)
{
	return (unsigned)__builtin_popcountll(n);
}

void
merkle_push(struct merkle_edge *e, const struct digest *leaf)
{
	struct digest all = *leaf;
	unsigned n = bits_set(e->size);
	/* Each low bit that is set is a subtree as large as what we have: join them. */
	for (uint64_t rest = e->size; (rest & 1) != 0; rest >>= 1)
		all = merkle_node(&e->hash[--n], &all);
	e->hash[n] = all;
	e->size++;
}

struct digest
merkle_edge_root(const struct merkle_edge *e)
{
	unsigned n = bits_set(e->size);
	if (n == 0)
		return merkle_empty();
	struct digest all = e->hash[--n];
	while (n > 0)
		all = merkle_node(&e->hash[--n], &all);
	return all;
}

/* Proving */

/* The largest power of two that is less than n, for n > 1. */
static uint64_t
split(uint64_t n)
{
	return UINT64_C(1) << (63 - (unsigned)__builtin_clzll(n - 1));
}

/* MTH(D[from : from + n]); `from` is a multiple of the power of two at or above n. */
static bool
range(const struct merkle_source *s, uint64_t from, uint64_t n, struct digest *out,
    struct err *err)
{
	struct digest left, right;
	if ((n & (n - 1)) == 0)
		return s->get(s->ctx, (unsigned)__builtin_ctzll(n), from / n, out, err);
	const uint64_t k = split(n);
	if (!range(s, from, k, &left, err) || !range(s, from + k, n - k, &right, err))
		return false;
	*out = merkle_node(&left, &right);
	return true;
}

bool
merkle_root(const struct merkle_source *s, uint64_t size, struct digest *out, struct err *err)
{
	if (size > 0)
		return range(s, 0, size, out, err);
	*out = merkle_empty();
	return true;
}

static bool
add(const struct merkle_source *s, uint64_t from, uint64_t n, struct merkle_proof *p,
    struct err *err)
{
	assert(p->n < LEN(p->hash));
	return range(s, from, n, &p->hash[p->n++], err);
}

/* PATH(leaf, D[from : from + n]) */
static bool
path(const struct merkle_source *s, uint64_t leaf, uint64_t from, uint64_t n,
    struct merkle_proof *p, struct err *err)
{
	if (n == 1)
		return true;
	const uint64_t k = split(n);
	if (leaf < k)
		return path(s, leaf, from, k, p, err) && add(s, from + k, n - k, p, err);
	return path(s, leaf - k, from + k, n - k, p, err) && add(s, from, k, p, err);
}

bool
merkle_inclusion(const struct merkle_source *s, uint64_t leaf, uint64_t size,
    struct merkle_proof *out, struct err *err)
{
	assert(leaf < size);
	out->n = 0;
	return path(s, leaf, 0, size, out, err);
}

/* SUBPROOF(old, D[from : from + n], whole) */
static bool
subproof(const struct merkle_source *s, uint64_t old, uint64_t from, uint64_t n, bool whole,
    struct merkle_proof *p, struct err *err)
{
	if (old == n)
		return whole || add(s, from, n, p, err);
	const uint64_t k = split(n);
	if (old <= k)
		return subproof(s, old, from, k, whole, p, err) && add(s, from + k, n - k, p, err);
	return subproof(s, old - k, from + k, n - k, false, p, err) && add(s, from, k, p, err);
}

bool
merkle_consistency(const struct merkle_source *s, uint64_t old, uint64_t size,
    struct merkle_proof *out, struct err *err)
{
	assert(old > 0 && old <= size);
	out->n = 0;
	return subproof(s, old, 0, size, true, out, err);
}

/* Checking */

bool
merkle_included(const struct merkle_tree *t, uint64_t leaf, const struct digest *leaf_hash,
    const struct merkle_proof *p)
{
	if (leaf >= t->size)
		return false;
	uint64_t fn = leaf, sn = t->size - 1;
	struct digest r = *leaf_hash;
	for (size_t i = 0; i < p->n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			r = merkle_node(&p->hash[i], &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			r = merkle_node(&r, &p->hash[i]);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && digest_eq(&r, &t->root);
}

/* The walk of RFC 9162, section 2.1.4.2, steps 4 to 7: `first` stands before the proof. */
static bool
walk(const struct merkle_tree *old, const struct merkle_tree *new, struct digest first,
    const struct digest *hash_, size_t n)
{
	uint64_t fn = old->size - 1, sn = new->size - 1;
	struct digest fr = first, sr = first;
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			fr = merkle_node(&hash_[i], &fr);
			sr = merkle_node(&hash_[i], &sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			sr = merkle_node(&sr, &hash_[i]);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && digest_eq(&fr, &old->root) && digest_eq(&sr, &new->root);
}

bool
merkle_consistent(const struct merkle_tree *old, const struct merkle_tree *new,
    const struct merkle_proof *p)
{
	const struct digest none = merkle_empty();
	if (old->size == 0)
		return p->n == 0 && digest_eq(&old->root, &none);
	if (old->size >= new->size)
		return old->size == new->size && p->n == 0 && digest_eq(&old->root, &new->root);
	if ((old->size & (old->size - 1)) == 0)
		return walk(old, new, old->root, p->hash, p->n);
	return p->n > 0 && walk(old, new, p->hash[0], p->hash + 1, p->n - 1);
}
