/*
 * err: one value for every failure. A function that can fail returns bool and takes
 * `struct err *` last; on success the error is untouched. Only the command line and the
 * HTTP adapter turn an error into text, exit code or status.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_code {
	ERR_INPUT = 1, /* this document, key or argument is wrong: do not retry */
	ERR_ABSENT,    /* the named thing does not exist */
	ERR_STALE,     /* somebody else was faster: read again, then decide */
	ERR_UNTRUSTED, /* signature, digest or key id does not match */
	ERR_LIMIT,     /* larger than its configured bound */
	ERR_SETUP,     /* this installation is wrong: setting, permission, key file */
	ERR_BUSY,      /* network, disk or peer: the same call may succeed later */
};

#define ERR_TEXT_ROOM 768

struct err {
	enum err_code code;
	char text[ERR_TEXT_ROOM]; /* one line; context first, cause last; control characters replaced */
};

/* A NULL err is fine: the caller does not ask why. Arguments may point into err->text. */
void err_set_(struct err *, enum err_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void err_sys_(struct err *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void err_in_(struct err *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each is false, and analysers can see it; so `return err_...` is how a function fails. */
#define err_set(e, code, ...) (err_set_(e, code, __VA_ARGS__), false)
#define err_sys(e, ...) (err_sys_(e, __VA_ARGS__), false) /* code and reason from errno */
#define err_in(e, ...) (err_in_(e, __VA_ARGS__), false)   /* puts "context: " in front */

#endif
