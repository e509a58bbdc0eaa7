#!/bin/sh
# Knowledge flows one way: prove it from the #include lines. Run from the root of the sources.
#     base       includes base
#     generator  includes base, generator
#     publisher  includes base, publisher; publisher/cli both halves, and nobody includes it
# The half of the publisher that the origin is linked from knows nothing of signing.
# Each of the libraries below is seen by the one file that wraps it.
set -u
failed=0

# no FILES-REGEX INCLUDES-REGEX REASON: a file of the first must not include the second
no() {
	found=$(find base generator publisher -name '*.[ch]' | LC_ALL=C sort | grep -E "$1" |
		xargs -r grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*$2" /dev/null)
	if [ -n "$found" ]; then
		printf '%s\n%s\n' "layers: $3:" "$found" >&2
		failed=1
	fi
}

# one REGEX-OF-ALLOWED-FILES HEADER
one() {
	found=$(grep -rlE --include='*.[ch]' "^[[:space:]]*#[[:space:]]*include[[:space:]]*<$2>" \
		base generator publisher | grep -vE "$1")
	if [ -n "$found" ]; then
		printf '%s\n%s\n' "layers: <$2> belongs to $1 alone:" "$found" >&2
		failed=1
	fi
}

no '^base/' '"(generator|publisher)/' 'base knows nobody'
no '^generator/' '"publisher/' 'the generator does not know the publisher'
no '^publisher/(cli[^/]|[^c]|c[^l])[^/]*/' '"generator/' \
	'of the publisher only the command line knows the generator'
no '^(base|generator)/|^publisher/(cli[^/]|[^c]|c[^l])[^/]*/' \
	'"publisher/cli/' 'nobody knows the command line'
no '^publisher/tlog/' '"publisher/(store|bundle|purge|origin|config|webhook)/' \
	'the format of the log knows no store'
no '^publisher/(store|trust|tlog|bundle|purge|origin|config|webhook)/' '"publisher/signing/' \
	'what the origin is linked from cannot sign'
no '^publisher/(signing|release)/' '"publisher/(upkeep|transfer)/' \
	'making a version knows neither what looks after it nor what carries it'
no '^publisher/upkeep/' '"publisher/transfer/' 'upkeep carries nothing'
no '^publisher/signing/' '"publisher/release/' 'keys sign what they are given'
found=$(ls publisher/*.[ch] 2>/dev/null) && {
	printf '%s\n%s\n' 'layers: every file of the publisher has a room:' "$found" >&2
	failed=1
}
no '' '"(\.|[^"/]*")' 'includes start at the root'

one '^base/http\.c$' 'curl/.*'
one '^base/ini\.c$' 'ini\.h'
one '^base/(md5|digest)\.c$' 'nettle/.*'
one '^base/coding\.c$' '(zlib|zstd|brotli/(en|de)code)\.h'
one '^publisher/(origin/server|cli/preview/web)\.c$' 'microhttpd\.h'
exit $failed
