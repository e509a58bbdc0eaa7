/* fuzz_document, of XML. */
#include "tests/fuzz/fuzz_document.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(FORM_XML, data, size);
}
