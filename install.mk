# The manual, what "make install" installs, and the Debian packages.
LIBDIR  ?= $(PREFIX)/lib
MANDIR  ?= $(PREFIX)/share/man
DOCDIR  ?= $(PREFIX)/share/doc/restudy
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
BASHDIR ?= $(PREFIX)/share/bash-completion/completions

PAGES := $(sort $(wildcard doc/*.1))

# The reference of the plan is written from the schema's own words.
$(B)/doc/plan-page: doc/plan-page.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O1 $(WARN) -Wno-format-nonliteral -D_GNU_SOURCE \
		$(shell pkg-config --cflags libxml-2.0 | sed 's/-I/-isystem /g') -o $@ $< \
		$(shell pkg-config --libs libxml-2.0)
$(B)/doc/plan-elements: $(B)/doc/plan-page data/schema/plan.xsd
	$(Q)$(B)/doc/plan-page data/schema/plan.xsd >$@.new && mv $@.new $@
$(B)/doc/restudy-plan.5: doc/restudy-plan.5.in $(B)/doc/plan-elements
	$(call say,DOC,$@)
	$(Q)sed -e '/^@schema@$$/{r $(B)/doc/plan-elements' -e 'd;}' $< >$@

# A page for each benchmark adapter, from its section of the guide to all of them.
ADAPTERS := $(shell sed -n 's/^\#\# //p' doc/adapters.md)
ADAPTER_PAGES := $(ADAPTERS:%=$(B)/doc/restudy-%.7)
$(B)/doc/restudy-%.7: doc/adapters.md doc/adapter-page.awk
	$(call say,DOC,$@)
	@mkdir -p $(@D)
	$(Q)awk -v adapter=$* -f doc/adapter-page.awk doc/adapters.md >$@.new && mv $@.new $@

.PHONY: doc
doc: $(B)/doc/restudy-plan.5 $(ADAPTER_PAGES)

# An installed program finds its data below PREFIX and knows nothing of this folder: the one
# object that does is compiled again, for whatever PREFIX is now.
IB := $(B)/installed
$(IB)/prefix: always
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = '$(PREFIX)' ] || echo '$(PREFIX)' >$@
.PHONY: always
always:
$(IB)/path.o: src/base/path.c $(IB)/prefix
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) -URS_SOURCE_DIR $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$(IB)/librestudy.a: $(filter-out $(B)/src/base/path.o,$(LIB_OBJ)) $(IB)/path.o
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $^
$(IB)/restudy: $(CLI_OBJ) $(IB)/librestudy.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)
$(IB)/restudy.pc: restudy.pc.in $(IB)/prefix
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@REQUIRES@|$(PKGS)|' $< >$@

# $(call put,MODE,FILES,FOLDER)
put = install -d $(DESTDIR)$(3) && install -m $(1) $(2) $(DESTDIR)$(3)/
# $(call put_tree,FROM,FILES,FOLDER): files below FROM keep their folders
put_tree = for f in $(2); do install -D -m 644 $(1)/$$f $(DESTDIR)$(3)/$$f || exit 1; done

.PHONY: install
install: install-programs install-library

.PHONY: install-programs
install-programs: $(PROGRAMS) $(IB)/restudy $(B)/doc/restudy-plan.5 $(ADAPTER_PAGES)
	$(call put,755,$(IB)/restudy,$(PREFIX)/bin)
	$(call put,755,$(filter-out $(B)/restudy,$(PROGRAMS)),$(PREFIX)/libexec/restudy)
	$(call put_tree,data,$$(cd data && find . -type f ! -name '.*'),$(PREFIX)/share/restudy)
	$(call put_tree,templates,$$(cd templates && find . -type f ! -name '.*'),$(PREFIX)/share/restudy/templates)
	$(call put,644,$(PAGES),$(MANDIR)/man1)
	$(call put,644,$(B)/doc/restudy-plan.5,$(MANDIR)/man5)
	$(call put,644,$(ADAPTER_PAGES),$(MANDIR)/man7)
	$(call put,644,README.md NEWS LICENSE CITATION.cff $(wildcard doc/*.md),$(DOCDIR))
	$(call put,644,thesis-plan.xml,$(DOCDIR)/examples)
	install -D -m 644 completion/restudy.bash $(DESTDIR)$(BASHDIR)/restudy
	install -D -m 644 completion/restudy.zsh $(DESTDIR)$(ZSHDIR)/_restudy

# The library is static: what it stands on is found by pkg-config.
.PHONY: install-library
install-library: $(IB)/librestudy.a $(IB)/restudy.pc
	$(call put,644,$(IB)/librestudy.a,$(LIBDIR))
	$(call put,644,$(IB)/restudy.pc,$(LIBDIR)/pkgconfig)
	$(call put_tree,include,$$(cd include && find restudy -name '*.h'),$(PREFIX)/include)

.PHONY: deb
deb: all
	@sh debian/build.sh $(B) "$(MAKE)"

.PHONY: check-deb
check-deb:
	@sh packages.sh build run check deb
	@$(MAKE) --no-print-directory all doc
	@sh tests/run.sh $(B) tests/end2end/deb.sh
	@RESTUDY_BUILD=$$(cd $(B) && pwd) sh tests/reproducible.sh
	@RESTUDY_BUILD=$$(cd $(B) && pwd) sh tests/clean-root.sh
