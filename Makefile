# edgepress: `make` builds, `make help` lists everything.
# Variants live side by side: make SAN=address, SAN=thread, CC=clang.

ifeq ($(origin CC),default)
CC := gcc
endif
SAN ?=
# V=1 shows the commands.
Q := $(if $(V),,@)
B := build$(if $(filter-out gcc,$(CC)),/$(CC))$(if $(SAN),/$(SAN))
VERSION := 0.1.0
JOBS ?= $(shell nproc)

PACKAGES := libmicrohttpd libxml-2.0 libcurl zlib libbrotlienc libbrotlidec libzstd libsodium nettle \
	jansson icu-i18n icu-uc
CPPFLAGS += -I. -D_GNU_SOURCE -DEDGEPRESS_VERSION='"$(VERSION)"' \
	$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CFLAGS ?= -O2 -g
# A struct may gain a field whose zero means "none" without touching those who never set it.
STRICT := -std=c17 -Wall -Wextra -Wno-missing-field-initializers -Werror -Wshadow -Wformat=2 \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wvla -Wwrite-strings \
	-Wundef -Wimplicit-fallthrough -Wnull-dereference \
	-fstack-protector-strong -fPIE -fno-strict-aliasing -pthread
LDFLAGS += -pie -Wl,-z,relro,-z,now -pthread
LIBS = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -linih

# SAN=address, SAN=thread; SAN=fuzzer is for `make fuzz`.
sanitizers_address := address,undefined
sanitizers_thread := thread
sanitizers_fuzzer := fuzzer-no-link,address,undefined
ifneq ($(SAN),)
CFLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=$(sanitizers_$(SAN))
LDFLAGS += -fsanitize=$(sanitizers_$(SAN))
else
CPPFLAGS += -D_FORTIFY_SOURCE=2
endif

# One archive per half, plus the signing code apart: the origin is linked without it.
part = $(patsubst %.c,$(B)/%.o,$(sort $(shell find $(1) -name '*.c')))
BASE := $(call part,base)
GENERATOR := $(call part,generator)
SERVE := $(filter-out %/origin/main.o,$(call part,publisher/store publisher/trust \
	publisher/tlog publisher/bundle publisher/purge publisher/origin publisher/config publisher/webhook))
SIGNING := $(call part,publisher/signing publisher/release publisher/upkeep publisher/transfer)
CLI := $(call part,publisher/cli)
ARCHIVES := $(B)/signing.a $(B)/serve.a $(B)/generator.a $(B)/base.a
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 5
# Clang's analyzer looks deep for `make lint`, which takes minutes, and shallow for `make check`.
ANALYZE ?= deep
TIDY := $(patsubst %.o,%.$(ANALYZE)-tidy,$(BASE) $(GENERATOR) $(SERVE) $(SIGNING) $(CLI) \
	$(patsubst %.c,$(B)/%.o,$(wildcard publisher/origin/main.c)))

.PHONY: all
all: $(B)/edgepress $(B)/edgepress-origin ## build both programs into build/

$(B)/base.a: $(BASE)
$(B)/generator.a: $(GENERATOR)
$(B)/serve.a: $(SERVE)
$(B)/signing.a: $(SIGNING)
%.a:
	@mkdir -p $(@D) && rm -f $@
	$(Q)ar qcsD $@ $^

$(B)/edgepress: $(CLI) $(ARCHIVES)
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(CLI) $(ARCHIVES) $(LIBS)
$(B)/edgepress-origin: $(B)/publisher/origin/main.o $(B)/serve.a $(B)/base.a
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(STRICT) -MMD -MP -c -o $@ $<
# A client for the public tuf-conformance suite; OpenSSL for its keys of other kinds.
CONFORMANCE := $(B)/tuf-conformance-client
$(CONFORMANCE): $(B)/tests/tools/tuf-conformance-client.o $(ARCHIVES)
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS) -lcrypto
$(B)/unit/%: $(B)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) -lcmocka $(LIBS)
$(B)/e2e/%: $(B)/tests/e2e/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) -lcmocka $(LIBS)
# What is preloaded into a program to end it at a system call.
CRASH := $(B)/e2e/crash.so
$(CRASH): tests/tools/crash.c
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) -D_GNU_SOURCE $(CFLAGS) $(filter-out -fPIE,$(STRICT)) -fPIC -shared -o $@ $<
# Objects of tests are kept, or each run would build them again.
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)

# Tests write to memory where there is enough of it for everybody: what is synced there costs nothing.
SCRATCH := $(shell [ -k /dev/shm ] && df -P /dev/shm | \
	awk '$$4 > 1000000 && $$6 == "/dev/shm" { print $$6 }')
SCRATCH := $(or $(SCRATCH),/tmp)

.PHONY: unit
unit: $(UNIT:%=%.run) ## run the unit tests; with -j several at a time
$(UNIT:%=%.run): %.run: %
	$(Q)TMPDIR=$(SCRATCH) $< >$<.log 2>&1 || { cat $<.log; exit 1; }
	@printf '  OK %-40s %s\n' $< "$$(sed -n 's/.* \([0-9]* test(s)\) run.*/\1/p' $<.log)"

# Figures about quality for people to read; tests hold the floors.
.PHONY: report
REPORT := $(patsubst tests/report/%.c,$(B)/report/%,$(wildcard tests/report/*.c))
report: $(REPORT) ## print how often the gate grounding is right, by locale and kind of error
	@for r in $(REPORT); do $$r || exit 1; done
$(B)/report/%: $(B)/tests/report/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) -lcmocka $(LIBS)

.PHONY: asan tsan
asan: ## run the unit tests under the address and undefined-behaviour sanitizers
	@$(MAKE) SAN=address unit
tsan: ## run the unit tests under the thread sanitizer
	@$(MAKE) SAN=thread unit

# Fuzzers and lint share the objects that clang makes.
CLANG := CC=clang SAN=fuzzer B=build/fuzz

.PHONY: fuzz fuzz-run
fuzz: ## fuzz every parser for FUZZ_SECONDS (5) each, from tests/fuzz/corpus
	@$(MAKE) $(CLANG) fuzz-run
fuzz-run: $(FUZZ:%=%.run)
$(FUZZ:%=%.run): %.run: %
	@tests/fuzz/run.sh $(FUZZ_SECONDS) $<
$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(ARCHIVES)
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(ARCHIVES) $(LIBS)

.PHONY: lint lint-run layers
BANNED := str(cpy|cat|tok)|v?sprintf|ato[il]|system|popen|gets|alloca
lint: layers ## build with clang, then clang-tidy (only what changed) and cppcheck
	@$(MAKE) $(CLANG) lint-run
	@! grep -rnE --include='*.[ch]' '^\s*goto |\<($(BANNED))\(' base generator publisher
	@mkdir -p build/cppcheck
	@cppcheck --quiet --enable=warning,performance,portability --std=c11 --inline-suppr \
		--cppcheck-build-dir=build/cppcheck -j $(JOBS) \
		--error-exitcode=1 -I. -D_GNU_SOURCE base generator publisher
lint-run: $(TIDY)
$(B)/%.$(ANALYZE)-tidy: %.c $(B)/%.o .clang-tidy
	@echo "  TIDY $<"
	$(Q)clang-tidy --quiet --extra-arg=-Xclang --extra-arg=-analyzer-config \
		--extra-arg=-Xclang --extra-arg=mode=$(ANALYZE) $< -- $(CPPFLAGS) $(STRICT) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@
layers: ## prove from the #include lines that knowledge flows one way
	@tests/tools/layers.sh

.PHONY: e2e
E2E := $(wildcard tests/e2e/*.test.mjs)
E2E_PROGRAMS := $(patsubst tests/e2e/%.c,$(B)/e2e/%,$(wildcard tests/e2e/*.c))
# Most of a test is waiting.
E2E_JOBS ?= $(shell expr $(JOBS) + 1)
NODE_MODULES := tests/node_modules/.package-lock.json
e2e: all $(CONFORMANCE) $(CRASH) $(E2E_PROGRAMS) $(NODE_MODULES) ## run the end-to-end tests; the runner's counts come last
	@TMPDIR=$(SCRATCH) node --test --test-concurrency=$(E2E_JOBS) \
		--test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=tap --test-reporter-destination=build/e2e.tap $(E2E); \
	status=$$?; sed -n '/^# [a-z_]* [0-9.]*$$/p' build/e2e.tap | tail -8; exit $$status
$(NODE_MODULES): tests/package.json tests/package-lock.json
	@cd tests && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

# Each program says in its first lines what it measures.
.PHONY: bench bench-generator bench-codings bench-scale
bench: bench-codings bench-generator bench-scale ## measure what documents cost, on this machine
bench-generator: $(B)/bench/generator
	$(Q)$<
bench-codings: all $(B)/bench/codings ## measure MB/s and size of each content coding and level
	$(Q)rm -rf $(B)/bench/site
	$(Q)$(B)/edgepress render --site tests/site --out $(abspath $(B))/bench/site >/dev/null
	$(Q)$(B)/bench/codings $$(find $(B)/bench/site -type f | LC_ALL=C sort)
DOCUMENTS ?= 20000
bench-scale: all ## measure time and memory of runs over many documents: DOCUMENTS=20000
	$(Q)node tests/bench/scale.mjs $(DOCUMENTS)
$(B)/bench/%: $(B)/tests/bench/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

# One after the other, so that what is cheap fails first and node's counts close the log. The
# unit tests run once, under the sanitizers; the end-to-end tests run what is shipped.
.PHONY: check check-quick
check: ## install what the tests need, run them all
	@deploy/debian/install build check
	@$(MAKE) -s --no-print-directory -j$(JOBS) all
	@$(MAKE) -s --no-print-directory layers
	@$(MAKE) -s --no-print-directory -j$(JOBS) asan
	@$(MAKE) -s --no-print-directory -j$(JOBS) fuzz FUZZ_SECONDS=2
	@$(MAKE) -s --no-print-directory -j$(JOBS) lint ANALYZE=shallow
	@$(MAKE) -s --no-print-directory e2e
check-quick: ## layers, unit and end-to-end tests, with what is installed
	@$(MAKE) -s --no-print-directory -j$(JOBS) all
	@$(MAKE) -s --no-print-directory layers
	@$(MAKE) -s --no-print-directory -j$(JOBS) unit
	@$(MAKE) -s --no-print-directory e2e

.PHONY: quickstart
quickstart: ## install what is missing, build, publish the sample site, serve and verify it
	@deploy/quickstart

.PHONY: install
PREFIX ?= /usr/local
install: all ## install programs, schemas and templates below PREFIX (/usr/local)
	install -D -t $(DESTDIR)$(PREFIX)/bin $(B)/edgepress $(B)/edgepress-origin
	@mkdir -p $(DESTDIR)$(PREFIX)/share/edgepress
	cp -R schemas templates $(DESTDIR)$(PREFIX)/share/edgepress/

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16
