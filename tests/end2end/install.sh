#!/bin/sh
# "make install" into a root of its own: the installed program finds its data below its prefix,
# not where it was built; its manual, completion, examples and library are there; a program of
# a stranger compiles and runs with what pkg-config says.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache"
fail() {
	echo "install: $*"
	exit 1
}
# Where a packager's DESTDIR ends up is not where the program looks: it runs from PREFIX.
prefix=$work/prefix
umask 077
make -s -C "$here" B="$RESTUDY_BUILD" PREFIX="$prefix" DESTDIR="$work/root" install >"$work/log" 2>&1 ||
	{ cat "$work/log"; fail "make install failed"; }
[ ! -e "$prefix" ] || fail "DESTDIR is not respected"
root=$work/root$prefix
find "$work/root" -type f ! -perm -444 | grep . && fail "files above cannot be read by everybody"
for f in bin/restudy libexec/restudy/restudy-kernels libexec/restudy/restudy-agent \
	share/restudy/schema/plan.xsd share/restudy/index/george.csv share/restudy/templates/report.xml \
	share/restudy/templates/testbed/init share/man/man1/restudy.1 share/man/man1/restudy-run.1 \
	share/man/man5/restudy-plan.5 share/man/man7/restudy-siege.7 share/bash-completion/completions/restudy \
	share/zsh/site-functions/_restudy share/doc/restudy/LICENSE share/doc/restudy/README.md \
	share/doc/restudy/examples/thesis-plan.xml lib/librestudy.a lib/pkgconfig/restudy.pc \
	include/restudy/plan.h include/restudy/model/plan.h; do
	[ -s "$root/$f" ] || fail "$f is missing or empty"
done
# Every file of data and templates, byte by byte.
(cd "$here/data" && find . -type f ! -name '.*') | while read -r f; do
	cmp "$here/data/$f" "$root/share/restudy/$f" || fail "data/$f differs"
done
(cd "$here/templates" && find . -type f ! -name '.*') | while read -r f; do
	cmp "$here/templates/$f" "$root/share/restudy/templates/$f" || fail "templates/$f differs"
done

# Nothing but the prefix: a data file that is not there is missed, and the tree is not told.
mkdir "$work/elsewhere"
cd "$work/elsewhere"
lacks() { "$root/bin/restudy" doctor 2>&1 | grep "^lacks *schema/plan.xsd" >/dev/null; }
lacks || fail "the program found data before it was at its prefix"
mv "$root" "$prefix"
root=$prefix
! lacks || fail "the program does not find its data at its prefix"
grep -qF "$here/data" "$prefix/bin/restudy" && fail "the installed program knows where it was built"
grep -qF "$here/data" "$RESTUDY_BUILD/restudy" || fail "the test looks for what is never there"
# A folder called "schema" where it is run is not its data.
mkdir schema && mv "$prefix/share/restudy/schema" "$work/away" && cp "$work/away/plan.xsd" schema/
lacks || fail "data is taken from the current folder"
mv "$work/away" "$prefix/share/restudy/schema"

# What needs no machine works.
status() {
	wanted=$1 got=0
	shift
	"$@" >"$work/out" 2>"$work/err" || got=$?
	[ $got -eq "$wanted" ] || { cat "$work/out" "$work/err"; fail "\"$*\" ended with $got, not $wanted"; }
}
restudy=$prefix/bin/restudy
example=$prefix/share/doc/restudy/examples/thesis-plan.xml
status 0 "$restudy" --version
status 0 "$restudy" check "$example"
status 2 "$restudy" check "$prefix/share/restudy/schema/plan.xsd"
status 1 "$restudy" audit "$example"
grep -q 'cannot be right' "$work/out" || fail "audit of the example found nothing"
status 0 "$restudy" steps "$example" --testbed local
grep -q 'restudy-kernels\|UnixBench\|siege' "$work/out" || fail "steps tells no command"
status 3 env RESTUDY_DATA="$work/elsewhere" "$restudy" doctor

# A stranger's program: the one of doc/library.md.
awk '/^```c$/ { f = 1; next } /^```$/ { f = 0 } f' "$here/doc/library.md" >systems.c
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
[ "$(pkg-config --modversion restudy)" = "$("$restudy" --version | cut -d' ' -f2)" ] || fail "version of restudy.pc"
flags=$(nm "$prefix/lib/librestudy.a" 2>/dev/null | grep -q __asan_init && echo -fsanitize=address,undefined || :)
${CC:-cc} -Wall -Werror $flags $(pkg-config --cflags restudy) -o systems systems.c $(pkg-config --libs restudy) ||
	fail "a program does not compile with what pkg-config says"
status 0 ./systems "$example"
sed -n 's/.*<system id="[^"]*" title="\([^"]*\)".*/\1/p' "$example" | cmp - "$work/out" ||
	fail "the library names other systems"
status 1 ./systems "$prefix/share/restudy/schema/plan.xsd"
! ${CC:-cc} $(pkg-config --cflags restudy) -o bad systems.c 2>/dev/null || fail "the library is not needed"

# Every header is complete by itself, and the guide names those that there are.
grep -o '`[a-z/]*\.h`' "$here/doc/library.md" | tr -d '`' | while read -r h; do
	[ -f "$prefix/include/restudy/$h" ] || fail "doc/library.md names $h, which is not installed"
done
for h in $(cd "$prefix/include/restudy" && echo *.h); do
	grep -qF "\`$h\`" "$here/doc/library.md" || fail "doc/library.md does not name $h"
done
for h in $(cd "$prefix/include" && find restudy -name '*.h'); do
	echo "#include <$h>"
done >all.c
${CC:-cc} -fsyntax-only $(pkg-config --cflags restudy) all.c || fail "the headers do not stand alone"
