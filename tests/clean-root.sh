#!/bin/sh
# "make check-deb": the packages are installed by apt into a Debian that mmdebstrap has just made,
# used there and removed.  Needs root (or user namespaces) and this machine's sources of apt.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
for p in mmdebstrap dpkg-deb; do
	command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "clean-root: $*"
	exit 1
}
make -s -C "$here" B="$RESTUDY_BUILD" deb
mkdir "$work/debs"
cp "$RESTUDY_BUILD"/deb/*.deb "$work/debs/"
cat >"$work/inside" <<'I'
set -eu
export DEBIAN_FRONTEND=noninteractive HOME=/root
apt-get install -qq -y --no-install-recommends /debs/restudy_*.deb >/debs/log 2>&1 || { tail /debs/log; exit 1; }
restudy --version
restudy check /usr/share/doc/restudy/examples/thesis-plan.xml
got=0
restudy doctor || got=$?
[ $got -eq 3 ] || { echo "doctor ended with $got where no testbed is installed"; exit 1; }
dpkg --verify restudy
apt-get purge -qq -y restudy >/dev/null 2>&1
[ ! -e /usr/share/restudy ] || { echo "files are left behind"; exit 1; }
I
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# Packages come from where this machine's do.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
	grep -E " $release(-security|-updates)? " | sort -u >"$work/sources.list"
apt-config dump | grep -E '^Acquire::(https?::|Retries |Check-)' | grep -v ' "";' >"$work/apt.conf" || :
mmdebstrap --quiet --variant=apt "$release" /dev/null \
	--aptopt="$work/apt.conf" \
	--customize-hook='mkdir "$1/debs"' \
	--customize-hook="copy-in $work/debs/. /debs" \
	--customize-hook="upload $work/inside /debs/inside" \
	--customize-hook='chroot "$1" sh /debs/inside' \
	"$work/sources.list" \
	>"$work/log" 2>&1 || { cat "$work/log"; fail "the packages do not work in a clean root"; }
grep -q 'thesis-plan.xml: valid' "$work/log" || { cat "$work/log"; fail "the example was not checked"; }
echo "clean-root: installed, used and removed"
