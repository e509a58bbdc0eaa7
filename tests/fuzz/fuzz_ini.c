/* Every entry names an existing line, behind that of the one before. */
#include "base/ini.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct ini ini;
	struct err e = { 0 };
	if (ini_parse_text(a, "fuzz.ini", (struct str){ (const char *)bytes, n }, &ini, &e)) {
		for (size_t i = 0; i < ini.n; i++) {
			const struct ini_entry *entry = &ini.entry[i];
			PROMISE(entry->line >= 1 && entry->line <= n + 1);
			PROMISE(entry->key.n > 0 && str_is_utf8(entry->value));
			PROMISE(i == 0 || entry->line > ini.entry[i - 1].line);
		}
	} else {
		PROMISE(e.code == ERR_INPUT && str_starts(str_of(e.text), STR("fuzz.ini:")));
	}
	arena_free(a);
	return 0;
}
