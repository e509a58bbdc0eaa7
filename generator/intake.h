/*
 * intake: files, folders and streams to raw documents, in a stable order (folders in byte
 * order). *.xml is one XML document; *.json one JSON document or an array of them; *.ndjson
 * one JSON document a line; "-" is standard input (NDJSON, or one XML document if the first
 * byte is '<'). Other endings in a folder are left alone; named directly they are an error.
 */
#ifndef GENERATOR_INTAKE_H
#define GENERATOR_INTAKE_H

#include "generator/document.h"

struct intake {
	/* One document. The raw and its bytes live only during the call unless in `arena`:
	 * they are in the arena given to intake_read. False stops the reading. */
	bool (*take)(void *ctx, const struct raw *, struct err *);
	/* A file that cannot be read at all (too large, gzip, not UTF-8): reading goes on.
	 * gate is "schema"; may be called instead of take. */
	void (*refuse)(void *ctx, const struct finding *);
	void *ctx;
};

/* ERR_ABSENT if the path is missing; everything else about a document goes to refuse. */
bool intake_read(struct arena *, const char *path, const struct intake *, struct err *);

#endif
