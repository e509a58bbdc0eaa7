/*
 * judge: libxml2's complaints about a document, said in words that help its author. libxml2
 * decides that something is wrong; what exactly, the model knows better.
 */
#ifndef GENERATOR_JUDGE_H
#define GENERATOR_JUDGE_H

#include "generator/model.h"
#include "generator/schema.h"
#include "generator/xmlread.h"

#define JUDGE_NODES 100

struct judge {
	struct arena *arena;
	const struct model *model;
	void (*say)(void *ctx, const struct verdict *);
	void *ctx;
	size_t said;
	const xmlNode *seen[JUDGE_NODES]; /* one complaint for each element is enough */
	size_t n;
};

/* A structured error callback; `judge` is a struct judge. */
void judge_hear(void *judge, XML_COMPLAINT *);

#endif
