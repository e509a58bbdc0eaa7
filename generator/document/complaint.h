/*
 * complaint: libxml2's complaints about a document, said in words that help its author. libxml2
 * decides that something is wrong; what exactly, the model knows better.
 */
#ifndef GENERATOR_DOCUMENT_COMPLAINT_H
#define GENERATOR_DOCUMENT_COMPLAINT_H

#include "generator/document/model.h"
#include "generator/document/schema.h"
#include "generator/document/xmlread.h"

#define COMPLAINT_NODES 100

struct complaints {
	struct arena *arena;
	const struct model *model;
	void (*say)(void *ctx, const struct verdict *);
	void *ctx;
	size_t said;
	const xmlNode *seen[COMPLAINT_NODES]; /* one complaint for each element is enough */
	size_t n;
};

/* A structured error callback; `judge` is a struct complaints. */
void complaint_hear(void *judge, XML_COMPLAINT *);

#endif
