# Restudy. "make help" lists the targets.
VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
B       ?= build
CC      ?= gcc
V       ?= 0

PKGS := libxml-2.0 libvirt libvirt-qemu libvirt-lxc cairo pangocairo libcurl sqlite3 gsl libarchive jansson libcrypto
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

OPT := -O2 -g
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2
ifeq ($(SAN),1)
B := build-san
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
HARDEN :=
endif

CPPFLAGS_ALL := -Iinclude -D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' \
	-DRS_SOURCE_DIR='"$(CURDIR)"' -DRS_PREFIX='"$(PREFIX)"' $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL := -std=gnu11 $(OPT) $(HARDEN) $(WARN) -pthread $(CFLAGS)
LIBS := $(PKG_LIBS) -lm -pthread

MODULES := base model plan channel testbed platform bench store stats chart report archive run
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
HDRS := $(sort $(wildcard include/restudy/*.h include/restudy/*/*.h src/*/*_priv.h))

ifeq ($(V),0)
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
endif

PROGRAMS := $(if $(CLI_SRC),$(B)/restudy) \
	$(if $(KERNELS_SRC),$(B)/restudy-kernels $(B)/restudy-kernels-dynamic) \
	$(if $(AGENT_SRC),$(B)/restudy-agent)

.PHONY: all
all: $(PROGRAMS)

$(B)/librestudy.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/restudy: $(CLI_OBJ) $(B)/librestudy.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)

# Static: they are pushed into guests that have no library of ours, and they are never
# sanitized, since what they do is measured or runs as a guest's first process.
STATIC_CFLAGS := -std=gnu11 -O2 -g $(WARN) -fstack-protector-strong
$(B)/restudy-kernels: $(KERNELS_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -static -o $@ $^ -lm
# The twin for the tests whose cost lies in the dynamic loader (execl) and in libc's mappings
# (spawn).  UnixBench's programs link nothing but libc, so what needs libm is left out.
TWIN_OBJ := $(B)/twin/table.o $(filter-out %/table.o %/whetstone.o,$(KERNELS_OBJ))
$(B)/restudy-kernels-dynamic: $(TWIN_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -o $@ $^
$(B)/twin/%.o: src/kernels/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -Iinclude -D_GNU_SOURCE -DKERNELS_TWIN=1 $(STATIC_CFLAGS) -MMD -MP -c -o $@ $<
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

$(B)/tests/%: $(B)/tests/unit/%.o $(B)/librestudy.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: unit
unit: $(PROGRAMS) $(UNIT_BIN)
	@for t in $(UNIT_BIN); do echo "== $$t"; RESTUDY_BUILD=$(B) $$t || exit 1; done

.PHONY: lint
lint:
	@sh tests/checks/run-all.sh $(B)

.PHONY: clean
clean:
	rm -rf build build-san
