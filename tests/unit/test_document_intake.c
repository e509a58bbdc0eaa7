#include <sys/stat.h>

#include "generator/document/intake.h"
#include "tests/unit/lib/scratch.h"

/* What came in, one line each: "where form bytes" or "refused where: text". */
struct seen {
	struct arena *arena;
	struct buf *log;
	size_t taken, refused;
};

static bool
note_take(void *ctx, const struct raw *raw, struct err *err)
{
	struct seen *s = ctx;

	s->taken++;
	buf_printf(s->log, "%.*s %u %s %.*s\n", STR_ARG(raw->where), raw->line,
	    raw->form == FORM_XML ? "xml" : "json", STR_ARG(raw->bytes));
	if (str_eq(raw->bytes, STR("{\"stop\":1}")))
		return err_set(err, ERR_BUSY, "told to stop");
	return true;
}

static void
note_refuse(void *ctx, const struct finding *f)
{
	struct seen *s = ctx;

	assert_string_equal(f->gate, "schema");
	assert_int_equal(f->severity, SEVERITY_REJECT);
	assert_non_null(f->remedy);
	s->refused++;
	buf_printf(s->log, "refused %.*s: %.*s\n", STR_ARG(f->where), STR_ARG(f->text));
}

static struct seen *
read_all_of(struct arena *a, const char *path, bool expected, struct err *err)
{
	struct seen *s = ARENA_NEW(a, struct seen);
	const struct intake to = { .take = note_take, .refuse = note_refuse, .ctx = s };

	s->arena = a;
	s->log = buf_in(a, 4 * DOCUMENT_MAX);
	assert_int_equal(intake_read(a, path, &to, err), expected);
	return s;
}

/* The log of reading one file of that name and content, its folder's name taken out. */
static const char *
read_file(struct arena *a, const char *name, struct str text)
{
	const char *dir = scratch_folder(a);
	const char *path = scratch_file(a, dir, name, text);
	struct err err;
	struct seen *s = read_all_of(a, path, true, &err);
	struct buf *out = buf_in(a, 8 * DOCUMENT_MAX);
	struct str log = buf_str(s->log), skip = arena_printf(a, "%s/", dir);

	for (size_t i = 0; i < log.n; i++) {
		if (str_starts((struct str){ log.p + i, log.n - i }, skip))
			i += skip.n;
		buf_putc(out, log.p[i]);
	}
	return arena_copy(a, buf_str(out)).p;
}

static void
an_xml_file_is_one_document(void **state)
{
	assert_string_equal(read_file(*state, "a.xml", STR("<document/>")),
	    "a.xml 1 xml <document/>\n");
}

static void
a_json_file_is_one_document_or_an_array(void **state)
{
	assert_string_equal(read_file(*state, "a.json", STR("\n {\"a\":[1]}\n")),
	    "a.json 1 json \n {\"a\":[1]}\n\n");
	assert_string_equal(read_file(*state, "a.json", STR("[]")), "");
	assert_string_equal(read_file(*state, "a.json",
	    STR("[\n{\"a\":\"]}\\\"\"},\n\n {\"b\":\n[{}]} ,{}\n]\n")),
	    "a.json:2 2 json {\"a\":\"]}\\\"\"}\n"
	    "a.json:4 4 json {\"b\":\n[{}]}\n"
	    "a.json:5 5 json {}\n");
}

static void
a_broken_array_gives_the_documents_before_the_break(void **state)
{
	assert_string_equal(read_file(*state, "a.json", STR("[{}\n{}]")),
	    "a.json:1 1 json {}\nrefused a.json:2: a comma or the end of the array is missing; "
	    "the rest of the file is not read\n");
	assert_string_equal(read_file(*state, "a.json", STR("[{},\n{\"a\":1")),
	    "a.json:1 1 json {}\nrefused a.json:2: the document that begins here does not end\n");
	assert_string_equal(read_file(*state, "a.json", STR("[{}, 5]")),
	    "a.json:1 1 json {}\nrefused a.json:1: the array holds something that is no document; "
	    "the rest of the file is not read\n");
	assert_string_equal(read_file(*state, "a.json", STR("[{}] x")),
	    "a.json:1 1 json {}\nrefused a.json:1: something stands behind the array\n");
}

static void
ndjson_is_one_document_a_line(void **state)
{
	assert_string_equal(read_file(*state, "a.ndjson", STR("\xef\xbb\xbf{}\n\n  \r\n{\"a\":1}\r\n[]")),
	    "a.ndjson:1 1 json {}\na.ndjson:4 4 json {\"a\":1}\r\na.ndjson:5 5 json []\n");
	assert_string_equal(read_file(*state, "a.ndjson", STR("")), "");
}

static void
a_line_that_is_too_long_is_refused_and_reading_goes_on(void **state)
{
	struct arena *a = *state;
	size_t n = 5 * DOCUMENT_MAX;
	char *p = ARENA_ARRAY(a, char, n);

	memset(p, 'x', n);
	memcpy(p, "{}\n", 3);
	memcpy(p + n - 4, "\n{}\n", 4);
	p[DOCUMENT_MAX + 3] = '\n'; /* line 2 has just the size that is allowed */
	const char *log = read_file(a, "a.ndjson", (struct str){ p, n });
	assert_true(str_starts(str_of(log), STR("a.ndjson:1 1 json {}\n")));
	assert_true(str_ends(str_of(log), STR("refused a.ndjson:3: a line of more than 1048576 bytes\n"
	    "a.ndjson:4 4 json {}\n")));
	p[DOCUMENT_MAX + 3] = 'x';
	p[DOCUMENT_MAX + 4] = '\n';
	assert_string_equal(read_file(a, "a.ndjson", (struct str){ p, DOCUMENT_MAX + 5 }),
	    "a.ndjson:1 1 json {}\nrefused a.ndjson:2: a line of more than 1048576 bytes\n");
}

static void
a_file_that_is_too_large_is_refused_unread(void **state)
{
	struct arena *a = *state;
	const char *dir = scratch_folder(a);
	struct err err;
	static const char *const names[] = { "a.xml", "b.json" };

	for (size_t i = 0; i < LEN(names); i++) /* sparse: reading a gigabyte would be noticed */
		assert_int_equal(truncate(scratch_file(a, dir, names[i], STR("")), 1 << 30), 0);
	struct seen *s = read_all_of(a, dir, true, &err);
	assert_int_equal(s->taken, 0);
	assert_int_equal(s->refused, 2);
	assert_non_null(strstr(arena_copy(a, buf_str(s->log)).p, "1073741824 bytes, at most 1048576"));
}

static void
gzip_is_refused(void **state)
{
	assert_non_null(strstr(read_file(*state, "a.ndjson", STR("\x1f\x8b\x08\x00\n{}\n")),
	    "refused a.ndjson: a gzip file"));
}

static void
a_folder_is_read_in_byte_order_and_other_files_are_left_alone(void **state)
{
	struct arena *a = *state;
	const char *dir = scratch_folder(a);
	struct err err;

	(void)scratch_file(a, dir, "b.json", STR("{}"));
	(void)scratch_file(a, dir, "a/z.xml", STR("<z/>"));
	(void)scratch_file(a, dir, "a/b/c.ndjson", STR("{}"));
	(void)scratch_file(a, dir, "B.xml", STR("<B/>"));
	(void)scratch_file(a, dir, "readme.md", STR("x"));
	(void)scratch_file(a, dir, ".hidden.xml", STR("<x/>"));
	struct seen *s = read_all_of(a, dir, true, &err);
	assert_str(buf_str(s->log), arena_printf(a, "%s/B.xml 1 xml <B/>\n"
	    "%s/a/b/c.ndjson:1 1 json {}\n%s/a/z.xml 1 xml <z/>\n%s/b.json 1 json {}\n",
	    dir, dir, dir, dir).p);
}

static void
a_missing_path_and_an_unknown_ending_are_errors(void **state)
{
	struct arena *a = *state;
	const char *dir = scratch_folder(a);
	struct err err;

	(void)read_all_of(a, "build/not-there", false, &err);
	assert_int_equal(err.code, ERR_ABSENT);
	(void)read_all_of(a, scratch_file(a, dir, "a.txt", STR("{}")), false, &err);
	assert_int_equal(err.code, ERR_INPUT);
}

static void
a_fifo_does_not_hang_the_reader(void **state)
{
	struct arena *a = *state;
	const char *dir = scratch_folder(a);
	const char *path = arena_printf(a, "%s/a.ndjson", dir).p;
	struct err err;

	assert_int_equal(mkfifo(path, 0600), 0);
	struct seen *s = read_all_of(a, path, true, &err);
	assert_int_equal(s->refused, 1);
}

static void
the_taker_can_stop_the_reading(void **state)
{
	struct arena *a = *state;
	const char *dir = scratch_folder(a);
	struct err err;

	(void)scratch_file(a, dir, "a.ndjson", STR("{}\n{\"stop\":1}\n{}\n"));
	struct seen *s = read_all_of(a, dir, false, &err);
	assert_int_equal(s->taken, 2);
	assert_string_equal(err.text, "told to stop");
}

/* Standard input is a pipe that is written in small pieces. */
static const char *
read_stdin(struct arena *a, struct str text)
{
	int pipe_of[2], kept = dup(STDIN_FILENO);
	struct err err;

	assert_int_equal(pipe(pipe_of), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < text.n; i += 3)
			if (write(pipe_of[1], text.p + i, text.n - i < 3 ? text.n - i : 3) < 0)
				_exit(1);
		_exit(0);
	}
	(void)close(pipe_of[1]);
	(void)dup2(pipe_of[0], STDIN_FILENO);
	struct seen *s = read_all_of(a, "-", true, &err);
	(void)dup2(kept, STDIN_FILENO);
	(void)close(kept);
	(void)close(pipe_of[0]);
	return arena_copy(a, buf_str(s->log)).p;
}

static void
standard_input_is_lines_or_one_xml_document(void **state)
{
	assert_string_equal(read_stdin(*state, STR("{\"a\":1}\n{\"b\":2}")),
	    "-:1 1 json {\"a\":1}\n-:2 2 json {\"b\":2}\n");
	assert_string_equal(read_stdin(*state, STR("<document>\n</document>\n")),
	    "- 1 xml <document>\n</document>\n\n");
	assert_string_equal(read_stdin(*state, STR("")), "");
	assert_string_equal(read_stdin(*state, STR("\n\n{\"a\":1}\n")), "-:3 3 json {\"a\":1}\n");
}

static void
standard_input_may_be_what_a_json_file_holds(void **state)
{
	assert_string_equal(read_stdin(*state, STR("{\n  \"a\": 1\n}\n")),
	    "- 1 json {\n  \"a\": 1\n}\n\n");
	assert_string_equal(read_stdin(*state, STR("{ \"a\": 1,\n  \"b\": 2 }")),
	    "- 1 json { \"a\": 1,\n  \"b\": 2 }\n");
	assert_string_equal(read_stdin(*state, STR("[{\"a\":1},\n{\"b\":2}]\n")),
	    "-:1 1 json {\"a\":1}\n-:2 2 json {\"b\":2}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_xml_file_is_one_document),
		TEST(a_json_file_is_one_document_or_an_array),
		TEST(a_broken_array_gives_the_documents_before_the_break),
		TEST(ndjson_is_one_document_a_line),
		TEST(a_line_that_is_too_long_is_refused_and_reading_goes_on),
		TEST(a_file_that_is_too_large_is_refused_unread),
		TEST(gzip_is_refused),
		TEST(a_folder_is_read_in_byte_order_and_other_files_are_left_alone),
		TEST(a_missing_path_and_an_unknown_ending_are_errors),
		TEST(a_fifo_does_not_hang_the_reader),
		TEST(the_taker_can_stop_the_reading),
		TEST(standard_input_is_lines_or_one_xml_document),
		TEST(standard_input_may_be_what_a_json_file_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
