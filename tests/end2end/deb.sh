#!/bin/sh
# "make deb": both packages, made twice under another umask, time zone and locale, are the same
# bytes; they hold what they should, need what the program links, and lintian has no complaint.
# "make check-deb" makes them elsewhere and installs them.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
for p in dpkg-deb dpkg-shlibdeps dpkg-gencontrol; do
	command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "deb: $*"
	exit 1
}
if nm "$RESTUDY_BUILD/restudy" | grep -q __asan_init; then
	echo "a build with sanitizers is not packed"
	exit 77
fi
build() {
	make -s -C "$here" B="$1" deb >"$work/log" 2>&1 || { cat "$work/log"; fail "make deb failed"; }
}
build "$RESTUDY_BUILD"
mkdir "$work/one"
mv "$RESTUDY_BUILD"/deb/*.deb "$work/one/"
(
	umask 077
	export TZ=Asia/Tokyo LC_ALL=C SOURCE_DATE_EPOCH=1
	build "$RESTUDY_BUILD"
)
[ "$(find "$work/one" -name '*.deb' | wc -l)" -eq 2 ] || fail "not two packages"
for f in "$work"/one/*.deb; do
	cmp "$f" "$RESTUDY_BUILD/deb/${f##*/}" || fail "made twice, they differ"
done
deb=$(echo "$work"/one/restudy_*.deb) dev=$(echo "$work"/one/librestudy-dev_*.deb)

# Names and versions agree.
version=$("$RESTUDY_BUILD/restudy" --version | cut -d' ' -f2)
for f in "$deb" "$dev"; do
	[ "$(dpkg-deb -f "$f" Version)" = "$version" ] || fail "the version in debian/changelog is not $version"
done

# What is in them, owned by root, and whole.
dpkg-deb -c "$deb" >"$work/list"
awk '$2 != "root/root" { print; bad = 1 } END { exit !bad }' "$work/list" && fail "files that are not root's"
for f in usr/bin/restudy usr/libexec/restudy/restudy-agent usr/share/restudy/schema/plan.xsd \
	usr/share/restudy/templates/report.xml usr/share/man/man1/restudy.1.gz \
	usr/share/man/man5/restudy-plan.5.gz usr/share/doc/restudy/copyright \
	usr/share/doc/restudy/examples/thesis-plan.xml; do
	grep -q " \./$f\$" "$work/list" || fail "$f is not in the package"
done
dpkg-deb -c "$dev" >"$work/list"
grep -q 'librestudy\.a$' "$work/list" || fail "librestudy.a is not in the package"
for f in "$deb" "$dev"; do
	rm -rf "$work/root" && mkdir "$work/root"
	dpkg-deb -R "$f" "$work/root"
	(cd "$work/root" && md5sum --quiet -c DEBIAN/md5sums) || fail "md5sums are wrong"
	grep -rlF "$here" "$work/root" && fail "files above tell where they were built"
done
dpkg-deb -R "$deb" "$work/unpacked"
"$work/unpacked/usr/bin/restudy" check "$work/unpacked/usr/share/doc/restudy/examples/thesis-plan.xml" >/dev/null 2>&1 ||
	fail "the unpacked program does not check the example"

# Every library the program asks the loader for is in a package it depends on; what a run
# needs is recommended.
multiarch=$(dpkg-architecture -q DEB_HOST_MULTIARCH)
depends=$(dpkg-deb -f "$deb" Depends)
objdump -p "$work/unpacked/usr/bin/restudy" | awk -v m="$multiarch" '$1 == "NEEDED" { print "*/" m "/" $2 }' >"$work/needed"
[ -s "$work/needed" ] || fail "the program needs no library"
dpkg -S $(cat "$work/needed") >"$work/owners" 2>/dev/null || fail "a library belongs to no package"
for owner in $(sed 's/:.*//' "$work/owners" | sort -u); do
	echo "$depends" | grep -q "\(^\|, \)$owner " || fail "$owner is not a dependency"
done
known="$depends, $(dpkg-deb -f "$deb" Recommends),"
for p in $(awk '$2 == "run" { print $1 }' "$here/packages.txt"); do
	case "$known" in
	*" $p,"* | "$p,"* | *" $p ("*) ;;
	*) fail "$p of packages.txt is not recommended" ;;
	esac
done
for p in $(awk '$2 == "build" && $1 ~ /-dev$/ { print $1 }' "$here/packages.txt"); do
	dpkg-deb -f "$dev" Depends | grep -qw -- "$p" || fail "librestudy-dev does not depend on $p"
done

# lintian, and that it would complain of a package without its overrides.
if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning,info "$deb" "$dev" >"$work/said" 2>&1 ||
		{ cat "$work/said"; fail "lintian complains"; }
	mkdir -p "$work/bad/DEBIAN" "$work/bad/usr/bin"
	cp "$work/unpacked/DEBIAN/control" "$work/bad/DEBIAN/"
	cp "$work/unpacked/usr/libexec/restudy/restudy-agent" "$work/bad/usr/bin/"
	dpkg-deb --root-owner-group -b "$work/bad" "$work/bad.deb" >/dev/null
	! lintian --allow-root --fail-on error "$work/bad.deb" >/dev/null 2>&1 || fail "lintian accepts anything"
fi
