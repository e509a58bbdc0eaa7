/*
 * s3_credentials: the key that signs requests to S3, found where AWS's own tools look for it,
 * renewed before it expires. Kept in locked memory and never part of an error. Several threads
 * may ask at once: one renews, the others go on with the old key while it lasts.
 *
 *   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *   AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME   through STS
 *   AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE                           ~/.aws/credentials
 *   AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, …_FULL_URI                 ECS, EKS Pod Identity
 *   the role of the EC2 instance                                       IMDSv2
 */
#ifndef PUBLISHER_STORE_S3_CREDENTIALS_H
#define PUBLISHER_STORE_S3_CREDENTIALS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "publisher/store/settings.h"

struct s3_credentials;

struct s3_key {
	struct str id, secret, token; /* token: empty for keys that do not expire */
};

/* Chooses the source by the settings; asks no network. ERR_SETUP: settings that contradict. */
bool s3_credentials_open(struct arena *, const struct settings *, struct str region,
    struct s3_credentials **out, struct err *);
/* A key that is good for some minutes; to be given back soon. ERR_SETUP if there is none,
 * ERR_BUSY if its source does not answer. */
bool s3_credentials_take(struct s3_credentials *, const struct s3_key **out, struct err *);
void s3_credentials_give(struct s3_credentials *, const struct s3_key *);
/* A server says that this key has expired: the next one taken is another, if its source has
 * another. True if it may have. */
bool s3_credentials_refused(struct s3_credentials *, const struct s3_key *);

#endif
