# Restudy. "make help" lists the targets.
VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
B       ?= $(if $(filter 1,$(SAN)),build-san,build)
CC      ?= gcc
V       ?= 0
# As many jobs as processors, but for those who said how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))

PKGS := libxml-2.0 libvirt libvirt-qemu libvirt-lxc cairo pangocairo fontconfig harfbuzz libcurl sqlite3 gsl libarchive libzstd jansson libcrypto
ifeq ($(shell pkg-config --exists $(PKGS) 2>/dev/null && echo yes),yes)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g')
PKG_LIBS   := $(shell pkg-config --libs $(PKGS))
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wvla -Wwrite-strings -Wcast-qual -Wpointer-arith -Wformat=2 \
	-Wconversion -Wdouble-promotion -Wswitch-enum -Wundef -Wunused-macros \
	-Wnull-dereference -Wredundant-decls -Wnested-externs -Wbad-function-cast \
	-Wframe-larger-than=16384 -Wdate-time -fno-common
GCC_WARN := -Warith-conversion -Wduplicated-cond -Wduplicated-branches -Wlogical-op \
	-Wjump-misses-init -Wimplicit-fallthrough=5 -Wcast-align=strict -Walloca \
	-Wuse-after-free=3 -Wtrampolines
ifeq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),)
WARN += $(GCC_WARN)
endif
ifeq ($(DEVELOPER),1)
WARN += -Werror
endif

OPT ?= -O2 -g
HARDEN ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2
SAN ?= 0
ifeq ($(SAN),1)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
HARDEN :=
endif

CPPFLAGS_ALL := -Iinclude -D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' \
	-DRS_SOURCE_DIR='"$(CURDIR)"' -DRS_PREFIX='"$(PREFIX)"' $(PKG_CFLAGS) $(CPPFLAGS)
# Objects do not tell where they were made.
CFLAGS_ALL := -std=gnu11 $(OPT) -fdebug-prefix-map=$(CURDIR)=. $(HARDEN) $(WARN) -pthread $(CFLAGS)
LIBS := $(PKG_LIBS) -lm -pthread -Wl,-z,relro,-z,now

MODULES := base model plan channel testbed platform bench store stats chart report archive exchange run
LIB_SRC := $(sort $(wildcard $(MODULES:%=src/%/*.c)))
CLI_SRC := $(sort $(wildcard src/cli/*.c))
KERNELS_SRC := $(sort $(wildcard src/kernels/*.c))
AGENT_SRC := $(sort $(wildcard src/agent/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)
KERNELS_OBJ := $(KERNELS_SRC:%.c=$(B)/static/%.o)
AGENT_OBJ := $(AGENT_SRC:%.c=$(B)/static/%.o)
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/%)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
END2END := $(sort $(wildcard tests/end2end/*.sh))
HDRS := $(sort $(wildcard include/restudy/*.h include/restudy/*/*.h src/*/*_priv.h))

ifeq ($(V),0)
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
endif

# What the leak sanitizer is told, in all that it is linked into.
SAN_OBJ := $(if $(findstring address,$(OPT)),$(B)/tests/sanitizers.o)

PROGRAMS := $(if $(CLI_SRC),$(B)/restudy) \
	$(if $(KERNELS_SRC),$(B)/restudy-kernels) \
	$(if $(AGENT_SRC),$(B)/restudy-agent)

.PHONY: all
all: $(PROGRAMS)

$(B)/librestudy.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/restudy: $(CLI_OBJ) $(SAN_OBJ) $(B)/librestudy.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)

# Static: they are pushed into guests that have no library of ours, and they are never
# sanitized, since what they do is measured or runs as a guest's first process.
STATIC_CFLAGS := -std=gnu11 -O2 -g -fdebug-prefix-map=$(CURDIR)=. $(WARN) -fstack-protector-strong
$(B)/restudy-kernels: $(KERNELS_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -static -o $@ $^ -lm
# The twin for the tests whose cost lies in the dynamic loader (execl) and in libc's mappings
# (spawn): small and linked with nothing but libc, as UnixBench's programs are.
# restudy-kernels carries it inside, so that one file is brought into a guest.
TWIN := $(B)/static/kernels-twin
TWIN_OBJ := $(B)/static/src/kernels/twin/main.o \
	$(addprefix $(B)/static/src/kernels/,clock.o copy.o process.o)
$(TWIN): $(TWIN_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -s -o $@ $^
$(B)/static/src/kernels/embedded.o: $(TWIN)
$(B)/static/src/kernels/embedded.o: STATIC_CFLAGS += -DKERNELS_TWIN='"$(TWIN)"'
$(B)/restudy-agent: $(AGENT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -static -o $@ $^
$(B)/static/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -Iinclude -D_GNU_SOURCE $(STATIC_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/tests/%: $(B)/tests/unit/%.o $(SAN_OBJ) $(B)/librestudy.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

# Tests are linked again without being compiled again, and tests/checks/unused.sh sees what they use.
.SECONDARY: $(UNIT_SRC:%.c=$(B)/%.o) $(FUZZ_SRC:%.c=$(B)/%.o)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- what users and developers call ---------------------------------------------------

.PHONY: help
help:
	@echo 'make            build/restudy and its helpers'
	@echo 'make run        install what is missing, build, run thesis-plan.xml (quick profile)'
	@echo 'make check      install what is missing, build, test'
	@echo 'make unit       build, and the unit tests alone'
	@echo 'make lint       build, and the rules of tests/checks alone'
	@echo 'make gallery    every kind of figure from recorded data, $(B)/gallery/index.html'
	@echo 'make bench      measure against peers, as ratios'
	@echo 'make install    PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
	@echo 'make deb        Debian packages in $(B)/deb'
	@echo 'make check-deb  installs them into a clean root'
	@echo 'make check-san  the same tests with the address and undefined behaviour sanitizers'
	@echo 'make fuzz       a minute of fuzzing of each parser (FUZZ_SECONDS=60)'
	@echo 'make check-fuzz a minute of fuzzing of all parsers together'
	@echo 'make check-faults  each fault of doc/faults.md, made; its outcome, checked'
	@echo 'make check-oom  the commands with one allocation refused, each in turn'
	@echo 'make doc        the pages of the manual that are made from the schema and the guide'
	@echo 'make regen      rewrite the golden files; look at the difference'
	@echo 'make clean      remove what was built'
	@echo 'V=1 shows commands, DEVELOPER=1 makes warnings errors, CC=clang works'

.PHONY: run
run:
	@sh packages.sh build run
	@$(MAKE) --no-print-directory $(JOBS) all
	$(B)/restudy run thesis-plan.xml --profile quick

.PHONY: check
check:
	@sh packages.sh build run check
	@$(MAKE) --no-print-directory $(JOBS) check-built DEVELOPER=1

.PHONY: check-built
check-built: $(PROGRAMS) $(UNIT_BIN)
	@sh tests/checks/run-all.sh $(B) "$(CC)" "-std=gnu11 $(CPPFLAGS_ALL)"
	@sh tests/run.sh $(B) $(UNIT_BIN) $(END2END)

.PHONY: check-san
check-san:
	@$(MAKE) --no-print-directory $(JOBS) unit SAN=1 DEVELOPER=1

.PHONY: unit
unit: $(PROGRAMS) $(UNIT_BIN)
	@sh tests/run.sh $(B) $(UNIT_BIN)

.PHONY: lint
lint: $(PROGRAMS) $(UNIT_BIN)
	@sh tests/checks/run-all.sh $(B) "$(CC)" "-std=gnu11 $(CPPFLAGS_ALL)"

.PHONY: regen
regen: $(UNIT_BIN)
	@git diff --quiet -- tests/golden || { echo "tests/golden has changes: commit them first"; exit 1; }
	@RESTUDY_REGEN=1 sh tests/run.sh $(B) $(UNIT_BIN)
	@git diff --stat -- tests/golden

.PHONY: gallery
gallery:
	@RESTUDY_BUILD=$(B) sh tests/golden/chart/gallery.sh $(B)/gallery

.PHONY: bench
bench:
	@sh packages.sh build run check
	@$(MAKE) --no-print-directory $(JOBS) all
	@for s in tests/bench/*.sh; do echo "== $$s"; RESTUDY_BUILD=$(B) sh $$s || exit 1; done

# --- bad days ---------------------------------------------------------------------------

.PHONY: check-faults
check-faults: $(PROGRAMS) $(UNIT_BIN)
	@RESTUDY_BUILD="$(CURDIR)/$(B)" CC="$(CC)" sh tests/faults/faults.sh $(FAULTS)

# The program with the allocator of tests/faults/refuse.c in its own calls (compiled as it is linked,
# since the linker alone uses its functions); SAN=1 also finds leaks.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup
$(B)/restudy-oom: $(CLI_OBJ) tests/faults/refuse.c $(SAN_OBJ) $(B)/librestudy.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) $(WRAP) -o $@ $^ $(LIBS)

.PHONY: check-oom
check-oom: $(PROGRAMS) $(B)/restudy-oom
	@RESTUDY_BUILD="$(CURDIR)/$(B)" sh tests/faults/oom.sh

FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_SECONDS ?= 60
FUZZ_BUILD = $(MAKE) --no-print-directory CC=clang B=build-fuzz \
	OPT='-O1 -g -fsanitize=address,undefined,fuzzer-no-link' HARDEN=
.PHONY: fuzz
fuzz: $(B)/restudy
	@$(FUZZ_BUILD) fuzz-run

# All targets in one minute of fuzzing.
.PHONY: check-fuzz
check-fuzz: $(B)/restudy
	@$(FUZZ_BUILD) fuzz-run FUZZ_SECONDS=$$((60 / $(words $(FUZZ_SRC))))

.PHONY: fuzz-run
fuzz-run: $(FUZZ_BIN)
	@for f in $^; do RESTUDY_PROGRAM=build/restudy sh tests/fuzz/run.sh $$f $(FUZZ_SECONDS) || exit 1; done

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(SAN_OBJ) $(B)/librestudy.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS)

include install.mk

.PHONY: clean
clean:
	rm -rf build build-san build-fuzz build-clang
