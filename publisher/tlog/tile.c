/* tile: names of the files of a log, and its bundles of entries. */
#include "publisher/tlog/tile.h"

#include <inttypes.h>

#define LEVELS 8 /* of tiles: 256^8 leaves */

unsigned
tile_width(uint64_t size, unsigned level, uint64_t index)
{
	if (level >= LEVELS)
		return 0;
	const uint64_t hashes = size >> (8 * level);
	if (index > hashes / TILE_WIDTH)
		return 0;
	return index < hashes / TILE_WIDTH ? TILE_WIDTH : (unsigned)(hashes % TILE_WIDTH);
}

struct str
tile_name(struct arena *a, const struct tile *t)
{
	struct str path = arena_printf(a, "%03" PRIu64, t->index % 1000);
	for (uint64_t rest = t->index / 1000; rest > 0; rest /= 1000)
		path = arena_printf(a, "x%03" PRIu64 "/%.*s", rest % 1000, STR_ARG(path));
	struct str kind = t->entries ? STR("entries") : arena_printf(a, "%u", t->level);
	if (t->width == TILE_WIDTH)
		return arena_printf(a, LOG_PREFIX "tile/%.*s/%.*s", STR_ARG(kind), STR_ARG(path));
	return arena_printf(a, LOG_PREFIX "tile/%.*s/%.*s.p/%u", STR_ARG(kind), STR_ARG(path),
	    t->width);
}

static bool
number_read(struct str s, uint64_t max, uint64_t *out)
{
	return s.n > 0 && s.n <= 3 && (s.p[0] != '0' || s.n == 1) && str_to_u64(s, out) && *out <= max;
}

/* "x001/x234/067" */
static bool
index_read(struct str s, uint64_t *out)
{
	*out = 0;
	for (size_t parts = 0; parts < 5; parts++) {
		struct str rest, part = str_cut(s, '/', &rest);
		uint64_t digits;
		const bool last = rest.p == NULL;
		if (!last && (part.n == 0 || part.p[0] != 'x'))
			return false;
		if (!last)
			part = (struct str){ part.p + 1, part.n - 1 };
		if (part.n != 3 || !str_to_u64(part, &digits) || (!last && parts == 0 && digits == 0))
			return false;
		*out = *out * 1000 + digits;
		if (last)
			return true;
		s = rest;
	}
	return false;
}

/* Cuts ".p/W" off its end. */
static bool
width_read(struct str *s, unsigned *out)
{
	uint64_t width = TILE_WIDTH;
	for (size_t i = 0; i + 3 <= s->n; i++)
		if (memcmp(s->p + i, ".p/", 3) == 0) {
			if (!number_read((struct str){ s->p + i + 3, s->n - i - 3 }, TILE_WIDTH - 1, &width)
			    || width == 0)
				return false;
			s->n = i;
			break;
		}
	*out = (unsigned)width;
	return true;
}

bool
tile_name_read(struct str s, struct tile *out)
{
	struct str rest, kind = str_cut(s, '/', &rest);
	uint64_t level = 0;
	*out = (struct tile){ .entries = str_eq(kind, STR("entries")) };
	if (rest.p == NULL || (!out->entries && !number_read(kind, LEVELS - 1, &level)))
		return false;
	out->level = (unsigned)level;
	return width_read(&rest, &out->width) && index_read(rest, &out->index);
}

bool
entries_read(struct str bytes, struct str *entry, unsigned n, struct err *err)
{
	for (unsigned i = 0; i < n; i++) {
		const unsigned char *p = (const unsigned char *)bytes.p;
		if (bytes.n < 2)
			return err_set(err, ERR_INPUT, "%u entries, not %u", i, n);
		const size_t size = (size_t)p[0] << 8 | p[1];
		if (size > bytes.n - 2)
			return err_set(err, ERR_INPUT, "entry %u is cut off", i);
		entry[i] = (struct str){ bytes.p + 2, size };
		bytes = (struct str){ bytes.p + 2 + size, bytes.n - 2 - size };
	}
	return bytes.n == 0 || err_set(err, ERR_INPUT, "more than %u entries", n);
}

void
entries_put(struct buf *out, struct str entry)
{
	buf_putc(out, (char)(entry.n >> 8));
	buf_putc(out, (char)(entry.n & 0xff));
	buf_put(out, entry);
}
