#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Replace what could move a terminal's cursor or split a log line: C0, DEL, C1, broken UTF-8. */
static void
clean(char *text)
{
	struct str s = str_of(text);
	while (s.n > 0) {
		size_t n = str_utf8_length(s);
		unsigned char first = (unsigned char)s.p[0];
		bool control = first < 0x20 || first == 0x7f
		    || (first == 0xc2 && n == 2 && (unsigned char)s.p[1] < 0xa0);
		if (n == 0 || control) {
			n = n == 0 ? 1 : n;
			memset(text, '?', n);
		}
		text += n;
		s.p += n;
		s.n -= n;
	}
}

static void
put(struct err *e, enum err_code code, const char *text)
{
	e->code = code;
	(void)snprintf(e->text, sizeof e->text, "%s", text);
	clean(e->text);
}

void
err_set_(struct err *e, enum err_code code, const char *format, ...)
{
	char text[ERR_TEXT_ROOM];
	if (e == NULL)
		return;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	put(e, code, text);
}

static enum err_code
code_of(int number)
{
	switch (number) {
	case ENOENT:
		return ERR_ABSENT;
	case EEXIST:
		return ERR_STALE;
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOTDIR:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
		return ERR_SETUP;
	default:
		return ERR_BUSY;
	}
}

void
err_sys_(struct err *e, const char *format, ...)
{
	int number = errno;
	char context[ERR_TEXT_ROOM / 2], text[ERR_TEXT_ROOM];
	if (e == NULL)
		return;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(context, sizeof context, format, args);
	va_end(args);
	const char *reason = strerrordesc_np(number);
	(void)snprintf(text, sizeof text, "%s: %s", context, reason ? reason : "unknown error");
	put(e, code_of(number), text);
}

/* The cause counts most: where both do not fit, the context is cut. */
void
err_in_(struct err *e, const char *format, ...)
{
	char text[ERR_TEXT_ROOM], context[ERR_TEXT_ROOM];
	if (e == NULL)
		return;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(context, sizeof context, format, args);
	va_end(args);
	static const char dots[] = "...";
	size_t room = sizeof text - 1 - strlen(": "), cause = strlen(e->text);
	size_t whole = strlen(context), shown = cause + whole <= room ? whole
	    : cause + strlen(dots) < room ? room - cause - strlen(dots) : 0;
	if (shown > 0 || whole == 0)
		(void)snprintf(text, sizeof text, "%.*s%s: %.*s", (int)shown, context,
		    shown < whole ? dots : "", (int)cause, e->text);
	else
		(void)snprintf(text, sizeof text, "%.*s", (int)cause, e->text);
	put(e, e->code, text);
}
