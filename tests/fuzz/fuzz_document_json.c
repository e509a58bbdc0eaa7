/* fuzz_document, of JSON. */
#include "tests/fuzz/fuzz_document.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(FORM_JSON, data, size);
}
