/*
 * results: what gates found, in the formats that pipelines read: text for people, our own
 * JSON, SARIF 2.1.0 (OASIS) for code scanning, JUnit's XML for test reports. All are bounded:
 * beyond `limit` findings only their number is told.
 */
#ifndef PUBLISHER_CLI_RESULTS_H
#define PUBLISHER_CLI_RESULTS_H

#include "publisher/cli/batch.h"

#define RESULTS_MAX 5000 /* GitHub takes 25,000 and shows 5,000 */

enum results_format { RESULTS_TEXT, RESULTS_JSON, RESULTS_SARIF, RESULTS_JUNIT };

/* "text", "json", "sarif", "junit". ERR_INPUT. */
bool results_format(const char *name, enum results_format *out, struct err *);
/* By the end of a file's name: .json, .sarif, .xml. ERR_INPUT. */
bool results_format_of(const char *path, enum results_format *out, struct err *);
/* Whole, with a line feed at the end; not for RESULTS_TEXT. */
bool results_write(const struct batch *, enum results_format, size_t limit, struct buf *out,
    struct err *);
/* Into the file that --report names, if it was given. */
bool results_report(const struct cli *, const struct batch *, struct err *);

/* ---- for results*.c ---- */
json_t *results_sarif(const struct batch *, size_t limit);
void results_junit(const struct batch *, size_t limit, struct buf *out);
/* The file of a finding, without the line of a stream. */
struct str results_file(const struct finding *);

#endif
