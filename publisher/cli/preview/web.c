#include "publisher/cli/preview/web.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CONNECTIONS 256
#define SILENCE_S 3600
#define BEAT_S 15 /* a comment, so that a tab that went away is noticed */
#define PREFIX "/-/preview/"

#define OWN_POLICY                                                                        \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "     \
	"connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "     \
	"frame-ancestors 'none'"
/* As the origin has it, but shown inside the preview; with the script that reloads it. */
#define FILE_POLICY                                                                       \
	"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "   \
	"img-src 'self' https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
/* The libraries of Adaptive Cards set styles, and compile what stands in ${…}. */
#define CARD_POLICY                                                                       \
	"default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'; "       \
	"style-src 'self' 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'self'"

struct web {
	struct MHD_Daemon *daemon;
	struct str host[3]; /* that a request may name */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct scene *scene;
	uint64_t number; /* of scenes shown so far */
	bool stopping;
};

/* One tab that listens. */
struct listener {
	struct web *web;
	uint64_t told;
};

/* What is answered. */
struct page {
	struct arena *arena;
	unsigned status;
	struct str type, body;
	const char *policy;
	bool stays; /* may be kept by the browser: every card asks for the libraries */
};

static struct scene *
current(struct web *w)
{
	(void)pthread_mutex_lock(&w->lock);
	struct scene *s = scene_hold(w->scene);
	(void)pthread_mutex_unlock(&w->lock);
	return s;
}

static void
put_html(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '<': buf_put(out, STR("&lt;")); break;
		case '>': buf_put(out, STR("&gt;")); break;
		case '&': buf_put(out, STR("&amp;")); break;
		default: buf_putc(out, s.p[i]);
		}
}

/* What is wrong, where somebody looks for a page. */
static void
page_of_error(struct page *p, struct scene *s, const struct err *err)
{
	struct buf *b = buf_in(p->arena, 256 * 1024);
	struct str excerpt = scene_excerpt(s, p->arena, str_of(err->text));
	buf_put(b, STR("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
	    "<title>Cannot be shown</title>"
	    "<link rel=\"stylesheet\" href=\"" PREFIX "preview.css\"/></head>"
	    "<body class=\"problem-page\"><main class=\"problem\"><h1>Cannot be shown</h1><p>"));
	put_html(b, str_of(err->text));
	buf_put(b, STR("</p>"));
	if (excerpt.n > 0) {
		buf_put(b, STR("<pre>"));
		put_html(b, excerpt);
		buf_put(b, STR("</pre>"));
	}
	buf_put(b, STR("</main></body></html>\n"));
	p->status = err->code == ERR_ABSENT ? 404 : 500;
	p->type = STR("text/html; charset=utf-8");
	p->body = buf_str(b);
}

static struct str
own_type(struct str name)
{
	if (str_ends(name, STR(".css")))
		return STR("text/css; charset=utf-8");
	return str_ends(name, STR(".js")) ? STR("text/javascript; charset=utf-8")
	                                  : STR("text/html; charset=utf-8");
}

static bool
own_page(struct page *p, struct scene *s, struct str name, struct err *err)
{
	struct str library = STR("library/");
	if (str_eq(name, STR("site.json"))) {
		p->type = STR("application/json");
		return scene_index(s, p->arena, &p->body, err);
	}
	if (str_starts(name, library)) {
		p->type = own_type(STR(".js"));
		p->stays = true;
		return scene_library(s, p->arena,
		    (struct str){ name.p + library.n, name.n - library.n }, &p->body, err);
	}
	p->type = own_type(name);
	p->policy = str_eq(name, STR("card.html")) ? CARD_POLICY : OWN_POLICY;
	return scene_own(s, p->arena, name, &p->body, err);
}

/* A page that fills a tab reloads itself; in the preview, that does it. */
static void
add_reload(struct page *p)
{
	struct buf *b = buf_in(p->arena, p->body.n + 200);
	struct str end = STR("</body>");
	const char *at = memmem(p->body.p, p->body.n, end.p, end.n);
	size_t before = at != NULL ? (size_t)(at - p->body.p) : p->body.n;
	buf_put(b, (struct str){ p->body.p, before });
	buf_put(b, STR("<script src=\"" PREFIX "reload.js\"></script>"));
	buf_put(b, (struct str){ p->body.p + before, p->body.n - before });
	p->body = buf_str(b);
}

static void
make_page(struct web *w, struct page *p, struct str target, bool fills_tab)
{
	struct str prefix = STR(PREFIX);
	struct scene *s = current(w);
	struct rendered_file file;
	struct err err = { 0 };
	bool ok;
	p->status = 200;
	p->policy = FILE_POLICY;
	if (str_eq(target, STR("/favicon.ico"))) { /* browsers ask, unasked */
		p->status = 204;
		p->type = p->body = STR("");
		ok = true;
	} else if (str_eq(target, STR("/"))) {
		ok = own_page(p, s, STR("preview.html"), &err);
	} else if (str_starts(target, prefix)) {
		ok = own_page(p, s, (struct str){ target.p + prefix.n, target.n - prefix.n }, &err);
	} else {
		ok = scene_file(s, p->arena, target, &file, &err);
		if (ok) {
			p->body = arena_copy(p->arena, file.body); /* assets are the scene's */
			p->type = file.type;
		}
	}
	if (!ok)
		page_of_error(p, s, &err);
	if (fills_tab && !str_starts(target, prefix) && !str_eq(target, STR("/"))
	    && str_starts(p->type, STR("text/html")))
		add_reload(p);
	scene_drop(s);
}

/* ---- events ---- */

static ssize_t
next_event(void *cls, uint64_t at, char *buf, size_t max)
{
	struct listener *l = cls;
	struct web *w = l->web;
	struct timespec until;
	int n = 0, late = 0;
	(void)at;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += BEAT_S;
	(void)pthread_mutex_lock(&w->lock);
	while (!w->stopping && w->number == l->told && late == 0)
		late = pthread_cond_timedwait(&w->changed, &w->lock, &until);
	bool stopping = w->stopping;
	if (w->number != l->told)
		n = snprintf(buf, max, "data: %ju\n\n", (uintmax_t)w->number);
	l->told = w->number;
	(void)pthread_mutex_unlock(&w->lock);
	if (stopping)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return n > 0 ? n : snprintf(buf, max, ":\n\n");
}

static void
listener_free(void *cls)
{
	struct listener *l = cls;
	free(l);
}

static struct MHD_Response *
events(struct web *w)
{
	struct listener *l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->web = w; /* told: 0, so the number that is shown comes at once */
	struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 256, next_event, l,
	    listener_free);
	if (r != NULL)
		(void)MHD_add_response_header(r, "Content-Type", "text/event-stream");
	return r;
}

/* ---- requests ---- */

static struct str
field(struct MHD_Connection *c, const char *name)
{
	const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
	return str_of(value != NULL ? value : "");
}

static bool
is_own_host(const struct web *w, struct str host)
{
	for (size_t i = 0; i < LEN(w->host); i++)
		if (w->host[i].n > 0 && str_eq(w->host[i], host))
			return true;
	return false;
}

/* Why it is not answered; NULL if it is. */
static const char *
refusal(const struct web *w, struct MHD_Connection *c, const char *method, unsigned *status)
{
	*status = 405;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return "only GET and HEAD: the preview changes nothing\n";
	*status = 421;
	if (!is_own_host(w, field(c, "Host")))
		return "the preview answers only under the address that it was started with\n";
	*status = 403;
	struct str site = field(c, "Sec-Fetch-Site");
	bool goes_there = str_eq(field(c, "Sec-Fetch-Mode"), STR("navigate"))
	    && str_eq(field(c, "Sec-Fetch-Dest"), STR("document"));
	if (site.n > 0 && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none")) && !goes_there)
		return "the preview does not answer other sites' pages\n";
	return NULL;
}

static enum MHD_Result
send_response(struct MHD_Connection *c, unsigned status, bool stays, struct MHD_Response *r)
{
	static const char *const header[][2] = {
		{ "X-Content-Type-Options", "nosniff" }, { "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Cross-Origin-Opener-Policy", "same-origin" } };
	if (r == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(r, "Cache-Control", stays ? "max-age=3600" : "no-store");
	for (size_t i = 0; i < LEN(header); i++)
		(void)MHD_add_response_header(r, header[i][0], header[i][1]);
	enum MHD_Result ok = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return ok;
}

static void
free_arena(void *arena)
{
	arena_free(arena);
}

static enum MHD_Result
send_page(struct web *w, struct MHD_Connection *c, struct str target)
{
	struct page p = { .arena = arena_new() };
	bool fills_tab = str_eq(field(c, "Sec-Fetch-Dest"), STR("document"));
	make_page(w, &p, target, fills_tab);
	struct str type = arena_copy(p.arena, p.type);
	struct MHD_Response *r = MHD_create_response_from_buffer_with_free_callback_cls(p.body.n,
	    (void *)(uintptr_t)p.body.p, free_arena, p.arena);
	if (r == NULL) {
		arena_free(p.arena);
		return MHD_NO;
	}
	(void)MHD_add_response_header(r, "Content-Type", type.p);
	(void)MHD_add_response_header(r, "Content-Security-Policy", p.policy);
	return send_response(c, p.status, p.stays && p.status == 200, r);
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **state)
{
	static int seen;
	struct web *w = cls;
	unsigned status;
	(void)version;
	(void)upload;
	if (*state == NULL) { /* the library wants to read on first */
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	const char *why = refusal(w, c, method, &status);
	if (why != NULL) {
		struct MHD_Response *r = MHD_create_response_from_buffer(strlen(why),
		    (void *)(uintptr_t)why, MHD_RESPMEM_PERSISTENT);
		if (r != NULL)
			(void)MHD_add_response_header(r, "Content-Type", "text/plain; charset=utf-8");
		return send_response(c, status, false, r);
	}
	if (strcmp(url, PREFIX "events") == 0 && strcmp(method, "GET") == 0)
		return send_response(c, 200, false, events(w));
	return send_page(w, c, str_of(url));
}

/* ---- life ---- */

/* Under what names a browser on this machine reaches it. */
static void
set_hosts(struct arena *a, struct web *w, struct str shown)
{
	const char *port = memrchr(shown.p, ':', shown.n);
	struct str tail = { port, (size_t)(shown.p + shown.n - port) };
	w->host[0] = arena_copy(a, shown);
	if (str_starts(shown, STR("127.")) || str_starts(shown, STR("[::1]")))
		w->host[1] = arena_printf(a, "localhost%.*s", STR_ARG(tail));
}

bool
web_start(struct arena *a, int socket, struct str shown, struct scene *scene, struct web **out,
    struct err *err)
{
	struct web *w = *out = ARENA_NEW(a, struct web);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->changed, NULL);
	w->scene = scene;
	w->number = 1;
	set_hosts(a, w, shown);
	w->daemon = MHD_start_daemon(
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL,
	    NULL, on_request, w,
	    MHD_OPTION_LISTEN_SOCKET, socket,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(32 * 1024),
	    MHD_OPTION_END);
	return w->daemon != NULL
	    || err_set(err, ERR_SETUP, "libmicrohttpd does not start");
}

void
web_show(struct web *w, struct scene *scene)
{
	(void)pthread_mutex_lock(&w->lock);
	struct scene *old = w->scene;
	w->scene = scene;
	w->number++;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	scene_drop(old);
}

void
web_stop(struct web *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->stopping = true;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	MHD_stop_daemon(w->daemon);
	scene_drop(w->scene);
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->lock);
}
