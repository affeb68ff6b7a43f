#!/bin/sh
# "make check-deb": the packages are made again, by one more build from nothing in a folder with
# another name, and are the same bytes.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "reproducible: $*"
	exit 1
}
make -s -C "$here" B="$RESTUDY_BUILD" deb >"$work/log" 2>&1 || { cat "$work/log"; fail "make deb failed"; }
mkdir -p "$work/another-name"
cd "$work/another-name"
(cd "$here" && git ls-files -z | tar --null -T - -cf -) | tar -xf -
make -s -j2 B=build deb >"$work/log" 2>&1 || { tail "$work/log"; fail "make deb failed in another folder"; }
for f in build/deb/*.deb; do
	cmp "$f" "$RESTUDY_BUILD/deb/${f##*/}" ||
		fail "${f##*/} differs when it is made elsewhere (run make clean first if options of the build changed)"
done
echo "reproducible: the same bytes"
