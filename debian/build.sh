#!/bin/sh
# usage: build.sh BUILD MAKE
# Makes the Debian packages of what BUILD has, into BUILD/deb: without network, without root,
# and the same bytes from the same sources.  Needs nothing but dpkg-dev.
set -eu
build=$1 make=$2
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)
export SOURCE_DATE_EPOCH
version=$(dpkg-parsechangelog -S Version)
architecture=$(dpkg --print-architecture)
multiarch=$(dpkg-architecture -q DEB_HOST_MULTIARCH)
out=$build/deb
stage=$out/stage
rm -rf "$out"
mkdir -p "$stage"

install_into() {
	"$make" -s --no-print-directory B="$build" PREFIX=/usr LIBDIR="/usr/lib/$multiarch" MANDIR=/usr/share/man \
		ZSHDIR=/usr/share/zsh/vendor-completions DESTDIR="$(cd "$stage" && pwd)/$1" "$2"
}
# What policy asks of every package's folder of documents.
document() {
	doc=$stage/$1/usr/share/doc/$1
	install -D -m 644 debian/copyright "$doc/copyright"
	gzip -9nc debian/changelog >"$doc/changelog.gz"
}
# pack PACKAGE: control, checksums, archive.
pack() {
	root=$stage/$1
	mkdir -p "$root/DEBIAN"
	substvars=$stage/$1.substvars
	: >"$substvars"
	programs=$(find "$root" -type f -perm -100 -path '*/bin/*')
	[ -z "$programs" ] || dpkg-shlibdeps -T"$substvars" $programs
	dpkg-gencontrol -p"$1" -P"$root" -T"$substvars" -f"$stage/files"
	(cd "$root" && find usr -type f | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
	dpkg-deb --root-owner-group -Zxz --build "$root" "$out/$1_${version}_$architecture.deb" >/dev/null
	echo "package: $out/$1_${version}_$architecture.deb"
}

install_into restudy install-programs
root=$stage/restudy
find "$root/usr/bin" "$root/usr/libexec" -type f -exec strip --strip-unneeded -R .comment -R .note {} +
# The licence is every Debian's; overrides tell why lintian is wrong.
rm "$root/usr/share/doc/restudy/LICENSE"
find "$root/usr/share/man" -type f -exec gzip -9n {} +
gzip -9n "$root/usr/share/doc/restudy/NEWS"
install -D -m 644 debian/restudy.lintian-overrides "$root/usr/share/lintian/overrides/restudy"
document restudy
pack restudy

install_into librestudy-dev install-library
find "$stage/librestudy-dev" -name '*.a' -exec strip --strip-debug -D -R .comment {} +
document librestudy-dev
pack librestudy-dev
rm -rf "$stage"
