/*
 * s3_place: which server, bucket and prefix a store's URL means. Pure.
 *
 *   s3://BUCKET[/PREFIX]                 AWS, or the endpoint of AWS_ENDPOINT_URL_S3 or
 *                                        AWS_ENDPOINT_URL: the bucket is part of the host's name
 *   s3:https://HOST[:PORT]/BUCKET[/PREFIX]  any server: the bucket is part of the path
 */
#ifndef PUBLISHER_STORE_S3_PLACE_H
#define PUBLISHER_STORE_S3_PLACE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "publisher/store/settings.h"

struct s3_place {
	struct str server; /* "https://bucket.s3.eu-west-1.amazonaws.com": nothing after it */
	struct str host;   /* "127.0.0.1:9000": its value as a header */
	struct str root;   /* path of the bucket: "/bucket" or "" */
	struct str prefix; /* "" or "site/prod/" */
	struct str bucket;
	struct str region; /* AWS_REGION, AWS_DEFAULT_REGION; else "us-east-1", but for AWS needed */
};

/* `where` is what stands behind "s3:". ERR_INPUT: not of these forms; ERR_SETUP: no region. */
bool s3_place_read(struct arena *, struct str where, const struct settings *,
    struct s3_place *out, struct err *);

#endif
