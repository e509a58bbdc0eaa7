#include "publisher/transfer/archive_form.h"

#include <stdio.h>
#include <string.h>

/* Where the fields of a header are, and how long they may be. */
enum {
	NAME = 0, NAME_N = 100, MODE = 100, UID = 108, GID = 116, SIZE = 124, SIZE_N = 12,
	MTIME = 136, CHECKSUM = 148, TYPE = 156, MAGIC = 257, PREFIX = 345, PREFIX_N = 155,
};

size_t
ustar_padding(uint64_t size)
{
	return (size_t)((USTAR_BLOCK - size % USTAR_BLOCK) % USTAR_BLOCK);
}

/* With the field of the sum itself as blanks. */
static unsigned
sum_of(const unsigned char block[USTAR_BLOCK])
{
	unsigned sum = 0;
	for (int i = 0; i < USTAR_BLOCK; i++)
		sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : block[i];
	return sum;
}

static void
put_octal(unsigned char *at, size_t n, uint64_t value)
{
	at[n - 1] = '\0';
	for (size_t i = n - 1; i > 0; i--, value >>= 3)
		at[i - 1] = (unsigned char)('0' + (value & 7));
}

/* Where a long name is cut in two: at a slash. */
static bool
name_put(unsigned char *block, struct str name)
{
	if (name.n <= NAME_N) {
		memcpy(block + NAME, name.p, name.n);
		return true;
	}
	for (size_t i = name.n - NAME_N - 1; i < name.n && i <= PREFIX_N; i++)
		if (i > 0 && name.p[i] == '/') {
			memcpy(block + PREFIX, name.p, i);
			memcpy(block + NAME, name.p + i + 1, name.n - i - 1);
			return true;
		}
	return false;
}

bool
ustar_put(unsigned char block[USTAR_BLOCK], struct str name, uint64_t size, struct err *err)
{
	memset(block, 0, USTAR_BLOCK);
	if (!name_put(block, name) || size >> 33 != 0)
		return err_set(err, ERR_LIMIT, "%.*s: too long for a member of an archive",
		    STR_ARG(name));
	put_octal(block + MODE, 8, 0644);
	put_octal(block + UID, 8, 0);
	put_octal(block + GID, 8, 0);
	put_octal(block + SIZE, SIZE_N, size);
	put_octal(block + MTIME, 12, 0);
	block[TYPE] = '0';
	memcpy(block + MAGIC, "ustar\00000", 8);
	put_octal(block + CHECKSUM, 7, sum_of(block));
	block[CHECKSUM + 7] = ' ';
	return true;
}

/* Octal digits, then a NUL or a blank. */
static bool
get_octal(const unsigned char *at, size_t n, uint64_t *out)
{
	size_t i = 0;
	*out = 0;
	for (; i < n && at[i] >= '0' && at[i] <= '7'; i++)
		*out = *out << 3 | (uint64_t)(at[i] - '0');
	return i > 0 && i < n && (at[i] == '\0' || at[i] == ' ');
}

static size_t
text_length(const unsigned char *at, size_t max)
{
	const unsigned char *end = memchr(at, '\0', max);
	return end != NULL ? (size_t)(end - at) : max;
}

static void
name_get(const unsigned char *block, char name[257])
{
	size_t prefix = text_length(block + PREFIX, PREFIX_N), n = text_length(block + NAME, NAME_N);
	memcpy(name, block + PREFIX, prefix);
	if (prefix > 0)
		name[prefix++] = '/';
	memcpy(name + prefix, block + NAME, n);
	name[prefix + n] = '\0';
}

bool
ustar_get(const unsigned char block[USTAR_BLOCK], char name[257], uint64_t *size, bool *there,
    struct err *err)
{
	static const unsigned char zeros[USTAR_BLOCK];
	uint64_t sum;
	*there = memcmp(block, zeros, USTAR_BLOCK) != 0;
	if (!*there)
		return true;
	if (memcmp(block + MAGIC, "ustar", 6) != 0 || memcmp(block + MAGIC + 6, "00", 2) != 0
	    || !get_octal(block + CHECKSUM, 8, &sum) || sum != sum_of(block))
		return err_set(err, ERR_INPUT, "no header of a ustar member, or a damaged one");
	name_get(block, name);
	if (block[TYPE] != '0')
		return err_set(err, ERR_INPUT, "'%.200s' is no regular file", name);
	return get_octal(block + SIZE, SIZE_N, size)
	    || err_set(err, ERR_INPUT, "'%.200s': its size is not octal", name);
}
