#!/bin/sh
# run.sh SECONDS PROGRAM...: fuzz with each program for so long. What it finds interesting is
# kept beside the programs; seeds come from tests/fuzz/corpus/NAME for a program fuzz_NAME,
# words from tests/fuzz/NAME.dict. A failing input is left beside the programs and named.
set -u
seconds=$1
failed=0
shift
for program; do
	name=${program##*/fuzz_}
	kept=${program%/*}/kept/$name
	seeds=tests/fuzz/corpus/$name
	words=tests/fuzz/$name.dict
	mkdir -p "$kept"
	set -- -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="${program%/*}/$name-" "$kept"
	[ -d "$seeds" ] && set -- "$@" "$seeds"
	[ -f "$words" ] && set -- -dict="$words" "$@"
	if "$program" "$@" >"$program.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$program.log")
		printf '%-16s %s runs, nothing found\n' "$name" "$runs"
	else
		tail -n 60 "$program.log"
		printf '%-16s FAILED, see %s\n' "$name" "$program.log"
		failed=1
	fi
done
exit $failed
