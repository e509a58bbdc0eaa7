/*
 * note: C2SP signed notes and the checkpoints of a log in them (c2sp.org/signed-note,
 * c2sp.org/tlog-checkpoint), with Ed25519. Pure; signing is the caller's work.
 *
 *   example.com/log              origin
 *   7                            size
 *   CsUYapGG…                    root, base64
 *
 *   — example.com/log Az3grlgt…  name, base64 of key id and signature
 */
#ifndef PUBLISHER_TLOG_NOTE_H
#define PUBLISHER_TLOG_NOTE_H

#include "publisher/tlog/merkle.h"

#define NOTE_BYTES_MAX 16384
#define NOTE_SIGNATURES 64
#define ORIGIN_MAX 200

struct note_signature {
	struct str name;
	unsigned char id[4];       /* of the key */
	struct str bytes;          /* what follows the id, decoded */
};
struct note {
	struct str text;           /* with its last newline: what is signed */
	struct note_signature signature[NOTE_SIGNATURES];
	size_t signatures;
};
struct checkpoint {
	struct note note;
	struct str origin;
	struct merkle_tree tree;
};

/* A schema-less URL as a log's name: printable ASCII without blank or plus, 1 to ORIGIN_MAX. */
bool origin_is_safe(struct str);
/* ERR_LIMIT over the bound, ERR_INPUT if it is no note, or no checkpoint. Points into `bytes`
 * and the arena. Nobody has looked at the signatures yet. */
bool note_read(struct arena *, struct str bytes, struct note *out, struct err *);
bool checkpoint_read(struct arena *, struct str bytes, struct checkpoint *out, struct err *);
/* Has this Ed25519 key signed under this name? */
bool note_signed_by(const struct note *, struct str name, const unsigned char key[static 32]);

/* The three lines that are signed. */
struct str checkpoint_text(struct arena *, struct str origin, const struct merkle_tree *);
/* "— name sig": the line of a signature over the text before it. */
struct str note_line(struct arena *, struct str name, const unsigned char key[static 32],
    const unsigned char sig[static 64]);
/* name+id+key: what other tools take to check the log with. */
struct str note_vkey(struct arena *, struct str name, const unsigned char key[static 32]);

#endif
