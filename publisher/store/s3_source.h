/*
 * s3_source: where keys for S3 come from, one kind per function. Each asks anew when called;
 * what it got stands in `locked`, never in an error.
 */
#ifndef PUBLISHER_STORE_S3_SOURCE_H
#define PUBLISHER_STORE_S3_SOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "publisher/store/settings.h"
#include "publisher/store/sigv4.h"

#define S3_ID_MAX 128
#define S3_TOKEN_MAX 8000 /* S3 takes 8 KB of headers */

/* Lives in locked memory. */
struct s3_locked {
	char id[S3_ID_MAX + 1], secret[SIGV4_SECRET_MAX + 1], token[S3_TOKEN_MAX + 1];
	int64_t expires; /* Unix seconds; 0 = never */
};
struct s3_source {
	const char *name; /* for people: "the environment", "EC2 instance role" */
	bool (*ask)(struct arena *, const struct settings *, struct str region,
	    struct s3_locked *out, struct err *);
	bool fixed; /* asking again gives the same */
};

/* The first that the settings name, in the order of AWS's own tools; the instance role if none
 * is named. ERR_SETUP if half of what it needs is missing. */
bool s3_source_choose(struct arena *, const struct settings *, const struct s3_source **out,
    struct err *);

#endif
