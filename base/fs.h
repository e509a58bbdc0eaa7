/*
 * fs: files and folders. Names that we make are opened with O_CLOEXEC and O_NOFOLLOW; a path
 * that somebody gave us may be a link. A writer that was killed leaves at most a hidden
 * ".tmp-<16 hex>" beside the name, which fs_list and fs_walk do not see. Modes are less the
 * umask.
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Read a regular file of at most max bytes into the arena. ERR_ABSENT, ERR_LIMIT, ERR_SETUP
 * (permission, not a regular file), ERR_BUSY (I/O). The error names the path. */
bool fs_read(struct arena *, const char *path, size_t max, struct str *out, struct err *);
/* All of body, however many writes it takes. */
bool fs_write(int fd, struct str body, struct err *);
/* Replace `path` by body: readers see the old bytes or the new. fsyncs file and folder. */
bool fs_replace(const char *path, struct str body, unsigned mode, struct err *);
/* As fs_replace, for what can be made again: nothing is fsynced, and a file that has these bytes
 * already is left alone. */
bool fs_refresh(const char *path, struct str body, unsigned mode, struct err *);
/* Make `path` with body unless it exists; ERR_STALE if it does. fsyncs file and folder. */
bool fs_create(const char *path, struct str body, unsigned mode, struct err *);
/* mkdir -p, mode 0777 less the umask. */
bool fs_mkdirs(const char *path, struct err *);
bool fs_is_dir(const char *path);
bool fs_exists(const char *path);
/* dir + "/" + rest, or rest alone if it is absolute. */
const char *fs_join(struct arena *, const char *dir, const char *rest);
/* The part before the last slash; "." if there is none. */
const char *fs_dir(struct arena *, const char *path);

/* What changes when a file does; times in nanoseconds. */
struct fs_stamp {
	uint64_t device, inode, size;
	int64_t modified_ns, changed_ns;
};
/* False if it is no regular file, or cannot be asked. */
bool fs_stamp(const char *path, struct fs_stamp *out);

struct fs_entry {
	struct str path; /* as given, then "/", then the name; NUL-terminated */
	bool is_dir;
	struct fs_stamp stamp;
};
/* Names in one folder, sorted by byte order; dot files and other kinds are left out.
 * At most max names: ERR_LIMIT beyond. */
bool fs_list(struct arena *, const char *dir, size_t max, struct fs_entry **out, size_t *n,
    struct err *);
/* All regular files below dir, depth first in byte order, at most max of them. */
bool fs_walk(struct arena *, const char *dir, size_t max, struct fs_entry **out, size_t *n,
    struct err *);

#endif
