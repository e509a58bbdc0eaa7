/*
 * sound: a quick look at rendered output that is sure where it says yes. Bodies are rendered by
 * the thousand and nearly all are well-formed in the plain ways of our templates; those pass
 * here, in one walk over the bytes and without building anything. A no means nothing: then
 * libxml2 or jansson judges, and says what is wrong.
 */
#ifndef GENERATOR_RENDER_SOUND_H
#define GENERATOR_RENDER_SOUND_H

#include "base/str.h"

/* Would json_parse take it? */
bool sound_json(struct str);
/* Is it well-formed XML in HTML's vocabulary: <!DOCTYPE html> at most, one outermost element, no
 * prefixes, processing instructions, CDATA, or references but numbers and XML's five? `element`
 * says what an element is: void ones close themselves and others do not, within foreign ones
 * every name goes. */
enum sound_element { SOUND_UNKNOWN, SOUND_VOID, SOUND_NORMAL, SOUND_FOREIGN };
bool sound_html(struct str, enum sound_element (*element)(struct str name));

#endif
