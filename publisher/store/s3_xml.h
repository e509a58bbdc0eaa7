/* s3_xml: the small XML documents that S3 and STS answer with. Hostile input, read over libxml2
 * without network, DTD or entities. Elements are found by local name. */
#ifndef PUBLISHER_STORE_S3_XML_H
#define PUBLISHER_STORE_S3_XML_H

#include <libxml/tree.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The root element, which must be called `root`; lives in the arena. ERR_BUSY otherwise: what
 * answers is not S3, or was cut off. The error shows nothing of the text. */
bool s3_xml_read(struct arena *, struct str text, const char *root, const xmlNode **out,
    struct err *);
/* The next element called `name`: `at` itself or one of its younger siblings; NULL if none. */
const xmlNode *s3_xml_next(const xmlNode *at, const char *name);
/* The first child element called `name`; NULL if none, or if `parent` is NULL. */
const xmlNode *s3_xml_child(const xmlNode *parent, const char *name);
/* Text of that child; empty if there is none. Wiped with the arena. */
struct str s3_xml_text(struct arena *, const xmlNode *parent, const char *name);

#endif
