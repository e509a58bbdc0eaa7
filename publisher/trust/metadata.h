/*
 * metadata: TUF 1.0 metadata read into structs, and the signatures that make it count.
 * Pure: bytes in, structs out; no clock, no I/O. Reading is strict and bounded (sizes as
 * stock clients: root 512,000, timestamp 16,384, snapshot 2,000,000, targets 5,000,000).
 */
#ifndef PUBLISHER_TRUST_METADATA_H
#define PUBLISHER_TRUST_METADATA_H

#include "base/digest.h"
#include "base/json.h"

#define ROOT_MAX 512000
#define TIMESTAMP_MAX 16384
#define SNAPSHOT_MAX 2000000
#define TARGETS_MAX 5000000
#define VERTICALS_MAX 256 /* delegations of a site */

struct public_key {
	struct str id;             /* 64 hex: SHA-256 of its canonical JSON */
	unsigned char key[32];     /* Ed25519, RFC 8032 */
	struct str scheme, text;   /* of another kind (see trust_profile): keyval.public; else empty */
};

/*
 * Which repositories are read. Without one, ours alone: see below. The profile of a conformance
 * test reads any TUF repository: key ids and role names as they come, delegations of any depth
 * and shape, targets with other hashes, keys of other kinds. Neither edgepress nor its origin
 * sets one. Call once, before threads.
 */
struct trust_profile {
	/* Can keys of this kind be used, and is `sig` one of `bytes`? */
	bool (*knows)(struct str keytype, struct str scheme);
	bool (*verify)(struct str scheme, struct str key, struct str sig, struct str bytes);
};
void trust_profile_set(const struct trust_profile *);
/* NULL: ours alone. */
const struct trust_profile *trust_profile_now(void);

/* Who may sign for a role: TUF 1.0 section 4.3. */
struct role_keys {
	struct str name;           /* "root", "targets", "snapshot", "timestamp" or a vertical */
	const struct public_key **key;
	size_t keys;
	unsigned threshold;
	const json_t *delegation;  /* as it stands in targets; NULL at the top level */
};

struct metadata {
	struct str role;           /* the name it was read under: a vertical for delegated targets */
	struct str bytes;          /* the exact file */
	struct str canonical;      /* canonical JSON of "signed": what is signed */
	const json_t *json;        /* the whole envelope */
	int64_t version;
	int64_t expires;           /* Unix seconds */
};

/* meta entry of timestamp and snapshot: TUF 1.0 sections 4.4 and 4.5. */
struct meta_entry {
	struct str name;           /* "snapshot.json", "weather.json" */
	int64_t version;
	bool has_length, has_digest;
	uint64_t length;
	struct digest sha256;
};

struct target {
	struct str path;           /* "weather/en-us/bundle.json" */
	struct digest sha256;
	uint64_t length;
	const json_t *custom;      /* may be NULL */
	const json_t *hashes;      /* all of them; sha256 is zero if it is not among them */
};

struct root {
	struct metadata meta;
	struct public_key *key;
	size_t keys;
	struct role_keys role[4];  /* root, timestamp, snapshot, targets */
	bool consistent;           /* consistent_snapshot; ours always are */
};
struct timestamp {
	struct metadata meta;
	struct meta_entry snapshot;
};
struct snapshot {
	struct metadata meta;
	struct meta_entry *entry;  /* sorted by name */
	size_t n;
	const json_t *custom;      /* what else was signed: see tlog/record.h; may be NULL */
};
struct targets {
	struct metadata meta;
	struct target *target;     /* sorted by path */
	size_t n;
	struct public_key *key;    /* delegations; none in a delegated role of ours */
	size_t keys;
	struct role_keys *role;    /* delegated, in order; each lists "<name>/LOCALE/NAME" */
	size_t roles;
};

/*
 * Each: ERR_LIMIT over the bound, ERR_INPUT if it is not such metadata. Members that TUF does
 * not know are ignored; keys that are not Ed25519 are left out, so their signatures never
 * count. Stricter than TUF, because only edgepress writes what this reads: a key id must be
 * the digest of its key, every hash is sha256, consistent_snapshot is true, top-level targets
 * delegate to a vertical exactly the paths two levels below its name, and a vertical lists
 * only "<vertical>/<locale>/<name>" and delegates nothing.
 */
bool root_read(struct arena *, struct str bytes, struct root *out, struct err *);
bool timestamp_read(struct arena *, struct str bytes, struct timestamp *out, struct err *);
bool snapshot_read(struct arena *, struct str bytes, struct snapshot *out, struct err *);
bool targets_read(struct arena *, struct str name, struct str bytes, struct targets *out,
    struct err *);

/* Enough valid signatures by different keys of `who`? ERR_UNTRUSTED says how many of how
 * many. Unknown key ids are ignored, as TUF asks. */
bool metadata_signed_by(const struct metadata *, const struct role_keys *who, struct err *);
/* One of "root", "timestamp", "snapshot", "targets". */
const struct role_keys *root_role(const struct root *, const char *name);
/* The delegation to a vertical; NULL if there is none. */
const struct role_keys *targets_role(const struct targets *, struct str vertical);
/* What the snapshot says about "targets" or a vertical; NULL if it does not name it. */
const struct meta_entry *snapshot_find(const struct snapshot *, struct str role);
/* Key id of an Ed25519 public key. */
struct str key_id(struct arena *, const unsigned char key[static 32]);

#endif
