#include "base/log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"

#define LINE_MAX_BYTES 16384
#define VALUE_MAX_BYTES 512

static atomic_bool as_json;
static atomic_int threshold = LOG_INFO;

void
log_json(bool on)
{
	atomic_store(&as_json, on);
}

void
log_threshold(enum log_level level)
{
	atomic_store(&threshold, (int)level);
}

/* The real time, whatever SOURCE_DATE_EPOCH says: a log tells what happened when. */
static void
put_time(struct buf *out)
{
	struct timespec now;
	struct tm t = { 0 };
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &t);
	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", t.tm_year + 1900, t.tm_mon + 1,
	    t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, now.tv_nsec / 1000000);
}

/* At most VALUE_MAX_BYTES of s, not cutting a character. */
static struct str
shortened(struct str s)
{
	if (s.n <= VALUE_MAX_BYTES)
		return s;
	size_t n = VALUE_MAX_BYTES;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return (struct str){ s.p, n };
}

static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return s.n > 0;
}

static void
put_json(struct buf *out, const char *level, const char *event, const struct log_field *f)
{
	buf_put(out, STR("{\"time\":\""));
	put_time(out);
	buf_printf(out, "\",\"level\":\"%s\",\"event\":", level);
	json_quote(out, shortened(str_of(event)));
	for (; f->name != NULL; f++) {
		buf_putc(out, ',');
		json_quote(out, str_of(f->name));
		buf_putc(out, ':');
		if (f->text.p != NULL)
			json_quote(out, shortened(f->text));
		else
			buf_printf(out, "%" PRId64, f->number);
	}
	buf_putc(out, '}');
}

static void
put_text(struct buf *out, const char *level, const char *event, const struct log_field *f)
{
	buf_printf(out, "%s: %s", level, event);
	for (; f->name != NULL; f++) {
		buf_printf(out, " %s=", f->name);
		struct str value = shortened(f->text);
		if (value.p == NULL)
			buf_printf(out, "%" PRId64, f->number);
		else if (is_plain(value))
			buf_put(out, value);
		else
			json_quote(out, value);
	}
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields)
{
	static const char *const names[] = { "debug", "info", "warning", "error" };
	static const struct log_field none = { 0 };
	struct buf line;
	if ((int)level < atomic_load(&threshold))
		return;
	if (fields == NULL)
		fields = &none;
	buf_init(&line, LINE_MAX_BYTES);
	(atomic_load(&as_json) ? put_json : put_text)(&line, names[level], event, fields);
	if (line.refused) { /* too many fields: the event alone still says what happened */
		buf_reset(&line);
		(atomic_load(&as_json) ? put_json : put_text)(&line, names[level], event, &none);
	}
	buf_putc(&line, '\n');
	/* Nobody could be told that the log is gone. */
	ssize_t written = write(STDERR_FILENO, line.p, line.n);
	(void)written;
	buf_release(&line);
}
