/* fuzz: each fuzz_NAME.c defines this one function and aborts when a promise is broken. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* As assert, also where NDEBUG is set. */
#define PROMISE(condition) ((condition) ? (void)0 : abort())

#endif
