/* results: which format, and where to. */
#include "publisher/cli/results.h"

#include "base/fs.h"

#define OUTPUT_MAX (64u * 1024 * 1024)

static const struct {
	const char *name, *ending;
} formats[] = {
	[RESULTS_TEXT] = { "text", ".txt" },
	[RESULTS_JSON] = { "json", ".json" },
	[RESULTS_SARIF] = { "sarif", ".sarif" },
	[RESULTS_JUNIT] = { "junit", ".xml" },
};

bool
results_format(const char *name, enum results_format *out, struct err *err)
{
	for (size_t i = 0; i < LEN(formats); i++)
		if (strcmp(formats[i].name, name) == 0) {
			*out = (enum results_format)i;
			return true;
		}
	return err_set(err, ERR_INPUT, "'%s': text, json, sarif or junit", name);
}

bool
results_format_of(const char *path, enum results_format *out, struct err *err)
{
	for (size_t i = RESULTS_JSON; i < LEN(formats); i++)
		if (str_ends(str_of(path), str_of(formats[i].ending))) {
			*out = (enum results_format)i;
			return true;
		}
	return err_set(err, ERR_INPUT, "--report %s: the name says the format, so it must end in .json, "
	    ".sarif or .xml (JUnit)", path);
}

struct str
results_file(const struct finding *f)
{
	struct str s = f->where;
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] >= '0' && s.p[n - 1] <= '9')
		n--;
	if (n < s.n && n > 1 && s.p[n - 1] == ':')
		s.n = n - 1;
	return str_eq(s, STR("-")) ? STR("stdin") : s;
}

bool
results_write(const struct batch *b, enum results_format format, size_t limit, struct buf *out,
    struct err *err)
{
	if (format == RESULTS_JUNIT) {
		results_junit(b, limit, out);
		return buf_ok(out, err);
	}
	return json_pretty(format == RESULTS_SARIF ? results_sarif(b, limit) : batch_json(b), out, err);
}

bool
results_report(const struct cli *cli, const struct batch *b, struct err *err)
{
	const char *path = cli_value(cli, "report");
	enum results_format format;
	struct buf *out = buf_in(cli->arena, OUTPUT_MAX);

	return path == NULL
	    || (results_format_of(path, &format, err)
	        && results_write(b, format, RESULTS_MAX, out, err)
	        && fs_replace(path, buf_str(out), 0644, err))
	    || err_in(err, "the report of the gates");
}
