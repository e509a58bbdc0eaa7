/*
 * intake: files, folders and streams to raw documents, in a stable order (folders in byte
 * order). *.xml is one XML document; *.json one JSON document or an array of them; *.ndjson
 * one JSON document a line; "-" is standard input (NDJSON, or one XML document if the first
 * byte is '<'). Other endings in a folder are left alone; named directly they are an error.
 * Memory is bounded whatever the input: a stream is read line by line, a file only if it is
 * within its limit.
 */
#ifndef GENERATOR_DOCUMENT_INTAKE_H
#define GENERATOR_DOCUMENT_INTAKE_H

#include "generator/document/document.h"

#define INTAKE_FILES_MAX 1000000              /* below one folder */
#define INTAKE_ARRAY_MAX (16 * DOCUMENT_MAX)  /* bytes of a .json file that holds an array */

struct intake {
	/* One document. The raw and its bytes live only during the call; its where and path
	 * live in the arena given to intake_read. False stops the reading. */
	bool (*take)(void *ctx, const struct raw *, struct err *);
	/* Bytes that cannot be taken apart (a file too large, gzip, a line too long): reading
	 * goes on behind them. gate is "schema"; texts live in the arena. */
	void (*refuse)(void *ctx, const struct finding *);
	void *ctx;
	/* Optional: a .xml or .json file, not read yet; the entry lives in the arena. The callee
	 * has it read by intake_file, on any thread. False stops the reading. */
	bool (*file)(void *ctx, const struct fs_entry *, struct err *);
	/* Optional: how many documents or files of documents are about to come, for progress. */
	void (*expect)(void *ctx, size_t n);
};

/* Take one such file: into its own take and refuse. Fails only if they do. */
bool intake_file(struct arena *, struct str path, const struct intake *, struct err *);

/* Take each line as one JSON document; `where` is the stream's name, `first` the number of the
 * first line. */
bool intake_lines(struct arena *, struct str where, struct str lines, unsigned first,
    const struct intake *, struct err *);

/* ERR_ABSENT if the path is missing, ERR_INPUT if its ending is unknown, ERR_LIMIT for too
 * many files in a folder, ERR_BUSY if reading fails; all else goes to refuse. */
bool intake_read(struct arena *, const char *path, const struct intake *, struct err *);

#endif
