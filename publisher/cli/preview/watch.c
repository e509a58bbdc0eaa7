#include "publisher/cli/preview/watch.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fs.h"

#define FOLDERS_MAX 8192
#define DEPTH_MAX 32
#define QUIET_MS 60 /* editors write a file in several steps */
#define NOISE_MAX 50
#define EVENTS (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_ATTRIB)

struct watch {
	int fd;
	unsigned folders;
};

static bool
add(struct watch *w, const char *folder, struct err *err)
{
	if (w->folders++ >= FOLDERS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d folders to watch", FOLDERS_MAX);
	if (inotify_add_watch(w->fd, folder, EVENTS | IN_ONLYDIR) >= 0 || errno == ENOENT
	    || errno == ENOTDIR)
		return true;
	return err_set(err, ERR_SETUP, "%s cannot be watched for changes; raise "
	    "fs.inotify.max_user_watches (sysctl)", folder);
}

static bool
add_tree(struct watch *w, struct arena *a, const char *folder, unsigned depth, struct err *err)
{
	struct fs_entry *entry;
	size_t n;
	if (!add(w, folder, err))
		return false;
	if (depth == DEPTH_MAX || !fs_list(a, folder, 1000000, &entry, &n, NULL))
		return true;
	for (size_t i = 0; i < n; i++)
		if (entry[i].is_dir && !add_tree(w, a, entry[i].path.p, depth + 1, err))
			return false;
	return true;
}

bool
watch_open(struct arena *a, const char *const *folder, struct watch **out, struct err *err)
{
	struct watch *w = *out = ARENA_NEW(a, struct watch);
	struct arena *scratch;
	bool ok = true;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd < 0)
		return err_set(err, ERR_SETUP, "no more inotify instances; raise "
		    "fs.inotify.max_user_instances (sysctl)");
	scratch = arena_new();
	for (size_t i = 0; ok && folder[i] != NULL; i++)
		ok = i == 0 ? add(w, folder[i], err) : add_tree(w, scratch, folder[i], 0, err);
	arena_free(scratch);
	if (!ok)
		watch_close(w);
	return ok;
}

/* Was there anything but what says nothing? */
static bool
drain(const struct watch *w)
{
	_Alignas(struct inotify_event) char events[8192];
	bool any = false;
	for (ssize_t n; (n = read(w->fd, events, sizeof events)) > 0;)
		for (const char *p = events; p < events + n;) {
			const struct inotify_event *e = (const struct inotify_event *)(const void *)p;
			/* Files that begin with a dot are an editor's, or our own cache. */
			any = any || e->len == 0 || e->name[0] != '.';
			p += sizeof *e + e->len;
		}
	return any;
}

bool
watch_wait(struct watch *w, int timeout_ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	if (poll(&p, 1, timeout_ms) <= 0 || !drain(w))
		return false;
	for (int i = 0; i < NOISE_MAX && poll(&p, 1, QUIET_MS) > 0; i++)
		(void)drain(w);
	return true;
}

void
watch_close(struct watch *w)
{
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = -1;
}
