/* archive_form: members of a ustar archive, as archive.h writes and reads them. */
#ifndef PUBLISHER_ARCHIVE_FORM_H
#define PUBLISHER_ARCHIVE_FORM_H

#include "base/err.h"
#include "base/str.h"

#define USTAR_BLOCK 512

/* ERR_LIMIT: no such name has room. */
bool ustar_put(unsigned char block[USTAR_BLOCK], struct str name, uint64_t size, struct err *);
/* Strict: regular files alone, as ustar_put writes them but for dates, owners and modes. `name`
 * has room for 257 bytes. False in *there: the block of zeros that ends an archive. */
bool ustar_get(const unsigned char block[USTAR_BLOCK], char name[257], uint64_t *size,
    bool *there, struct err *);
/* Bytes that fill up the last block. */
size_t ustar_padding(uint64_t size);

#endif
