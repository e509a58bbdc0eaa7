#include "base/stash.h"

#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/spool.h"

#define PACKS_MAX 64
#define PACK_MAX (2ull << 30) /* then another is begun */
#define ENTRIES_MAX 16000000u
#define MAGIC 0x3168736174737065u /* "epstash1" */
#define KEY 16

struct entry {
	unsigned char key[KEY]; /* the first bytes of a digest */
	uint64_t at, check;
	uint32_t pack, n;
	uint32_t used_day, reserved;
};
_Static_assert(sizeof(struct entry) == 48, "the index is read as it lies");

struct header {
	uint64_t magic, entries, check; /* over the entries */
};

/* An index as it lies in its file. */
struct index {
	void *map;
	size_t size;
	const struct entry *entry;
	size_t n;
};

struct pack {
	uint32_t id;
	struct spool *spool;
	struct stat st;
};

struct stash {
	struct arena *arena;
	const char *folder; /* NULL: nothing is kept */
	int dir;
	struct index index;
	atomic_uchar *used; /* of each entry */
	struct pack pack[PACKS_MAX];
	size_t packs;
	struct spool *own; /* that this program appends to */
	uint32_t own_id; /* 0: of a spool without a name */
	pthread_mutex_t lock; /* of what follows */
	struct entry *added;
	size_t n, room;
};

uint64_t
stash_checksum(struct str s)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES];
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t sum;
	(void)crypto_shorthash(out, (const unsigned char *)s.p, s.n, key);
	memcpy(&sum, out, sizeof sum);
	return sum;
}

static uint32_t
today(void)
{
	return (uint32_t)(time(NULL) / 86400); /* the real day: how old a cache is, is no output */
}

static void
index_close(struct index *x)
{
	if (x->map != NULL)
		(void)munmap(x->map, x->size);
	*x = (struct index){ 0 };
}

/* Is it whole? The packs may still lack what it names. */
static bool
index_is_whole(struct index *x)
{
	const struct header *h = x->map;
	if (x->size < sizeof *h || h->magic != MAGIC || h->entries > ENTRIES_MAX
	    || x->size != sizeof *h + h->entries * sizeof(struct entry))
		return false;
	x->entry = (const struct entry *)(h + 1);
	x->n = h->entries;
	return stash_checksum((struct str){ (const char *)x->entry, x->n * sizeof *x->entry })
	    == h->check;
}

static void
index_open(int dir, struct index *out)
{
	struct stat st;
	int fd = openat(dir, "index", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*out = (struct index){ 0 };
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		out->size = (size_t)st.st_size;
		out->map = mmap(NULL, out->size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (out->map == MAP_FAILED)
			out->map = NULL;
	}
	(void)close(fd);
	if (out->map != NULL && !index_is_whole(out))
		index_close(out);
}

static void
pack_name(uint32_t id, char out[16])
{
	(void)snprintf(out, 16, "pack-%08" PRIx32, id);
}

static struct pack *
pack_find(struct stash *s, uint32_t id)
{
	for (size_t i = 0; i < s->packs; i++)
		if (s->pack[i].id == id)
			return &s->pack[i];
	return NULL;
}

/* Appends are for one program at a time: it holds the lock of the pack until it ends. */
static bool
pack_open(struct stash *s, uint32_t id, bool fresh)
{
	struct pack *p = &s->pack[s->packs];
	char name[16];
	struct err err;
	pack_name(id, name);
	int fd = openat(s->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (fresh ? O_CREAT | O_EXCL : 0),
	    0600);
	if (fd < 0)
		return false;
	bool mine = s->own == NULL && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fstat(fd, &p->st) != 0 || !S_ISREG(p->st.st_mode)) {
		(void)close(fd);
		return false;
	}
	if (!spool_over(s->arena, fd, (uint64_t)p->st.st_size, &p->spool, &err))
		return false;
	p->id = id;
	s->packs++;
	if (mine && (uint64_t)p->st.st_size < PACK_MAX) {
		s->own = p->spool;
		s->own_id = id;
	}
	return true;
}

/* The packs that the index names. */
static void
packs_open(struct stash *s)
{
	uint32_t last = 0, missing[PACKS_MAX];
	size_t gone = 0;
	bool any = false;
	for (size_t i = 0; i < s->index.n; i++) {
		uint32_t id = s->index.entry[i].pack;
		bool seen = (any && id == last) || pack_find(s, id) != NULL;
		for (size_t k = 0; !seen && k < gone; k++)
			seen = missing[k] == id;
		if (!seen && s->packs < PACKS_MAX - 1 && !pack_open(s, id, false) && gone < PACKS_MAX)
			missing[gone++] = id;
		last = id;
		any = true;
	}
}

static void
stash_close(void *handle)
{
	struct stash *s = handle;
	index_close(&s->index);
	if (s->dir >= 0)
		(void)close(s->dir);
	free(s->added);
	(void)pthread_mutex_destroy(&s->lock);
}

static bool
begin_pack(struct stash *s)
{
	uint32_t id = 0;
	for (int tries = 0; tries < 8 && s->packs < PACKS_MAX - 1; tries++)
		if (getrandom(&id, sizeof id, 0) == (ssize_t)sizeof id && id != 0
		    && pack_open(s, id, true))
			return s->own != NULL;
	return false;
}

/* A folder that backups and version control know to leave alone. */
static bool
folder_open(struct stash *s, const char *folder)
{
	static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
	                          "# A cache of edgepress; it may be deleted at any time.\n";
	struct err err;
	if (!fs_mkdirs(folder, &err))
		return false;
	s->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return false;
	int fd = openat(s->dir, "CACHEDIR.TAG", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0) {
		(void)fs_write(fd, str_of(tag), &err);
		(void)close(fd);
	}
	fd = openat(s->dir, ".gitignore", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0) {
		(void)fs_write(fd, STR("*\n"), &err);
		(void)close(fd);
	}
	return true;
}

bool
stash_open(struct arena *a, const char *folder, struct stash **out, struct err *err)
{
	struct stash *s = *out = ARENA_NEW(a, struct stash);
	s->arena = a;
	s->dir = -1;
	(void)pthread_mutex_init(&s->lock, NULL);
	arena_defer(a, stash_close, s);
	if (folder != NULL && folder_open(s, folder)) {
		s->folder = arena_copy(a, str_of(folder)).p;
		index_open(s->dir, &s->index);
		packs_open(s);
		s->used = ARENA_ARRAY(a, atomic_uchar, s->index.n);
		if (s->own == NULL && !begin_pack(s))
			s->folder = NULL;
	}
	if (s->own != NULL)
		return true;
	s->folder = NULL;
	if (!spool_open(a, &s->pack[s->packs].spool, err))
		return false;
	s->own = s->pack[s->packs++].spool;
	return true;
}

const char *
stash_folder(const struct stash *s)
{
	return s->folder;
}

bool
stash_put(struct stash *s, struct str bytes, struct stash_ref *out, struct str *copy,
    struct err *err)
{
	*out = (struct stash_ref){ .pack = s->own_id, .n = (uint32_t)bytes.n };
	return spool_put(s->own, bytes, copy, &out->at, err);
}

bool
stash_get(struct stash *s, struct stash_ref ref, struct str *out)
{
	const struct pack *p = pack_find(s, ref.pack);
	return p != NULL && spool_get(p->spool, ref.at, ref.n, out);
}

static uint64_t
leading(const unsigned char *key)
{
	uint64_t n;
	memcpy(&n, key, sizeof n);
	return be64toh(n);
}

/* Keys are digests, so they lie evenly: guess where one stands, then close in on it. */
static const struct entry *
index_find(const struct index *x, const unsigned char *key)
{
	uint64_t first = 0, last = UINT64_MAX, wanted = leading(key);
	size_t low = 0, high = x->n;
	for (int guesses = 0; low < high; guesses++) {
		size_t at = low + (high - low) / 2;
		if (guesses < 4 && wanted >= first && wanted < last)
			at = low + (size_t)((double)(wanted - first) / (double)(last - first)
			    * (double)(high - low));
		at = at < high ? at : high - 1;
		int c = memcmp(x->entry[at].key, key, KEY);
		if (c == 0)
			return &x->entry[at];
		if (c < 0) {
			low = at + 1;
			first = leading(x->entry[at].key);
		} else {
			high = at;
			last = leading(x->entry[at].key);
		}
	}
	return NULL;
}

bool
stash_find(struct stash *s, const struct digest *key, struct str *out)
{
	const struct entry *e = index_find(&s->index, key->b);
	struct stash_ref ref;
	if (e == NULL)
		return false;
	ref = (struct stash_ref){ e->at, e->pack, e->n };
	if (!stash_get(s, ref, out) || stash_checksum(*out) != e->check)
		return false;
	atomic_store_explicit(&s->used[e - s->index.entry], 1, memory_order_relaxed);
	return true;
}

void
stash_name(struct stash *s, const struct digest *key, struct stash_ref ref)
{
	struct entry e = { .at = ref.at, .pack = ref.pack, .n = ref.n, .used_day = today() };
	struct str bytes;
	if (s->folder == NULL || !stash_get(s, ref, &bytes))
		return;
	memcpy(e.key, key->b, KEY);
	e.check = stash_checksum(bytes);
	(void)pthread_mutex_lock(&s->lock);
	if (s->n == s->room) {
		s->room = s->room == 0 ? 256 : 2 * s->room;
		s->added = realloc(s->added, s->room * sizeof *s->added);
		if (s->added == NULL)
			abort(); /* as in arena.c */
	}
	s->added[s->n++] = e;
	(void)pthread_mutex_unlock(&s->lock);
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key, KEY);
}

static int
by_age(const void *a, const void *b)
{
	const struct stat *x = &((const struct pack *)a)->st, *y = &((const struct pack *)b)->st;
	if (x->st_mtim.tv_sec != y->st_mtim.tv_sec)
		return x->st_mtim.tv_sec < y->st_mtim.tv_sec ? -1 : 1;
	return (x->st_mtim.tv_nsec > y->st_mtim.tv_nsec) - (x->st_mtim.tv_nsec < y->st_mtim.tv_nsec);
}

static size_t
drop_old_packs(struct stash *s, uint32_t *dropped)
{
	struct pack pack[PACKS_MAX];
	uint64_t sum = spool_size(s->own);
	size_t n = 0;
	memcpy(pack, s->pack, s->packs * sizeof *pack);
	qsort(pack, s->packs, sizeof *pack, by_age);
	for (size_t i = s->packs; i-- > 0;) {
		char name[16];
		if (pack[i].spool == s->own)
			continue;
		sum += (uint64_t)pack[i].st.st_size;
		if (sum <= STASH_MAX && i + PACKS_MAX / 2 >= s->packs)
			continue;
		pack_name(pack[i].id, name);
		(void)unlinkat(s->dir, name, 0);
		dropped[n++] = pack[i].id;
	}
	return n;
}

/* Which packs there are: asked once for each that entries name. */
struct roll {
	const struct stash *stash;
	uint32_t id[2 * PACKS_MAX];
	bool there[2 * PACKS_MAX];
	size_t n;
	bool full; /* there are more than it can hold */
};

static void
roll_add(struct roll *r, uint32_t id, bool there)
{
	r->full = r->full || r->n == LEN(r->id);
	if (r->full)
		return;
	r->id[r->n] = id;
	r->there[r->n++] = there;
}

static bool
roll_has(struct roll *r, uint32_t id)
{
	char name[16];
	struct stat st;
	for (size_t i = 0; i < r->n; i++)
		if (r->id[i] == id)
			return r->there[i];
	pack_name(id, name);
	bool there = fstatat(r->stash->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	roll_add(r, id, there);
	return there;
}

/* Old entries and new ones in the order of keys; the new win. */
static size_t
merge(struct stash *s, const struct index *now, struct entry *out, struct roll *roll)
{
	uint32_t dropped[PACKS_MAX], day = today();
	size_t gone = drop_old_packs(s, dropped), n = 0;
	for (size_t i = 0; i < gone; i++)
		roll_add(roll, dropped[i], false);
	for (size_t i = 0, k = 0; i < now->n || k < s->n;) {
		const struct entry *old = &now->entry[i], *new = &s->added[k];
		int c = i == now->n ? 1 : k == s->n ? -1 : by_key(old, new);
		if (c >= 0) {
			if (n == 0 || by_key(&out[n - 1], new) != 0)
				out[n++] = *new;
			i += c == 0;
			k++;
		} else {
			if (old->used_day + STASH_UNUSED_DAYS >= day && roll_has(roll, old->pack))
				out[n++] = *old;
			i++;
		}
	}
	return n;
}

/* Packs of programs that died before they wrote an index: nobody names them, nobody holds
 * their lock. */
static void
sweep(const struct stash *s, struct roll *roll)
{
	struct arena *a = arena_new();
	struct fs_entry *file;
	size_t n;
	struct err err;
	if (fs_list(a, s->folder, 4 * PACKS_MAX, &file, &n, &err))
		for (size_t i = 0; i < n; i++) {
			const char *name = strrchr(file[i].path.p, '/') + 1;
			bool named = strncmp(name, "pack-", 5) != 0;
			for (size_t k = 0; !named && k < roll->n; k++) {
				char known[16];
				pack_name(roll->id[k], known);
				named = roll->there[k] && strcmp(known, name) == 0;
			}
			int fd = named ? -1 : openat(s->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
			if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
				(void)unlinkat(s->dir, name, 0);
			if (fd >= 0)
				(void)close(fd);
		}
	arena_free(a);
}

/* What this run has asked for is in use, in the index as it is now. */
static void
mark_used(const struct stash *s, struct entry *entry, size_t n)
{
	size_t k = 0;
	uint32_t day = today();
	for (size_t i = 0; i < s->index.n; i++) {
		if (!s->used[i] || s->index.entry[i].used_day == day)
			continue;
		while (k < n && by_key(&entry[k], &s->index.entry[i]) < 0)
			k++;
		if (k < n && by_key(&entry[k], &s->index.entry[i]) == 0)
			entry[k].used_day = day;
	}
}

static bool
index_write(const struct stash *s, const struct entry *entry, size_t n)
{
	char temp[40];
	struct err err;
	const struct str body = { (const char *)entry, n * sizeof *entry };
	const struct header h = { MAGIC, n, stash_checksum(body) };
	(void)snprintf(temp, sizeof temp, "index.%d", (int)getpid());
	int fd = openat(s->dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	bool ok = fs_write(fd, (struct str){ (const char *)&h, sizeof h }, &err)
	    && fs_write(fd, body, &err);
	(void)close(fd);
	ok = ok && renameat(s->dir, temp, s->dir, "index") == 0;
	if (!ok)
		(void)unlinkat(s->dir, temp, 0);
	return ok;
}

void
stash_commit(struct stash *s)
{
	struct index now;
	if (s->folder == NULL || s->n == 0)
		return;
	int lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0)
		return;
	(void)flock(lock, LOCK_EX);
	index_open(s->dir, &now);
	qsort(s->added, s->n, sizeof *s->added, by_key);
	struct entry *entry = calloc(now.n + s->n, sizeof *entry);
	if (entry == NULL)
		abort(); /* as in arena.c */
	struct roll roll = { .stash = s };
	size_t n = merge(s, &now, entry, &roll);
	mark_used(s, entry, n);
	if (n <= ENTRIES_MAX && index_write(s, entry, n) && !roll.full)
		sweep(s, &roll);
	free(entry);
	index_close(&now);
	(void)close(lock);
	s->n = 0;
}

void
stash_forget(struct stash *s)
{
	if (s->folder != NULL)
		(void)unlinkat(s->dir, "index", 0);
	s->n = 0;
}

void
stash_rest(struct stash *s)
{
	for (size_t i = 0; i < s->packs; i++)
		spool_rest(s->pack[i].spool);
}
