/* parallel: one function over many items, on several threads. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stddef.h>

#include "base/err.h"

/* Item i of ctx; called from several threads at once, for different items. */
typedef bool parallel_work(void *ctx, size_t i, struct err *);
/* 0 to n-1, each once; after a failure no more are begun, and the first error is told. */
bool parallel(size_t n, unsigned threads, parallel_work *, void *ctx, struct err *);
/* Processors of this machine, at least 1. */
unsigned parallel_cores(void);

#endif
