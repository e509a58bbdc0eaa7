/* output: the media type of a rendered file and whether its bytes are well-formed for it. */
#ifndef GENERATOR_RENDER_OUTPUT_H
#define GENERATOR_RENDER_OUTPUT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* From the ending of its name; "application/octet-stream" if it is unknown. */
struct str output_type(struct str path);
/*
 * JSON and XML as their standards say; HTML must also be well-formed XML (void elements
 * written <br/>, no named entities but the five of XML) of known elements, so that no
 * browser has to guess. Other types pass. The error names the line of the output.
 */
bool output_check(struct arena *, struct str path, struct str body, struct err *);

#endif
