/*
 * log: one event a line on standard error. Text for people by default, JSON (one object a
 * line, RFC 8259) after log_json(true). Control characters never pass; values are cut at
 * 512 bytes. Thread-safe: a line is one write.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *name;
	struct str text;  /* used if p is set */
	int64_t number;   /* used otherwise */
};

void log_json(bool on);
void log_threshold(enum log_level);
/* `event` is a short constant phrase; fields end with a NULL name. */
void log_event(enum log_level, const char *event, const struct log_field *fields);
#define LOG_FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { 0 } })
#define LOG_TEXT(name_, str_) { .name = (name_), .text = (str_) }
#define LOG_INT(name_, number_) { .name = (name_), .number = (number_) }

#endif
