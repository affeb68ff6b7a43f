#!/bin/sh
# usage: packages.sh WHEN...
# Installs what packages.txt lists for WHEN (build, run, check, deb) and is missing.  Without root
# it prints the one command that does, and exits 3.
set -eu
list=$(dirname "$0")/packages.txt
command -v dpkg-query >/dev/null || {
	echo "packages.sh: not a Debian system: install what \"$list\" lists by hand" >&2
	exit 3
}
missing=
for when; do
	for package in $(awk -v when="$when" '$1 !~ /^#/ && $2 == when { print $1 }' "$list"); do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)
		[ "$state" = installed ] || missing="$missing $package"
	done
done
# libvirt's QEMU driver looks this user up when root runs it, and only a package that also
# starts a system-wide libvirtd would make it.
case " $* " in
*" run "*)
	if [ "$(id -u)" -eq 0 ] && ! getent passwd libvirt-qemu >/dev/null; then
		useradd --system --user-group --no-create-home --shell /usr/sbin/nologin libvirt-qemu
	fi
	;;
esac
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
	echo "packages are missing; install them with:" >&2
	echo "  sudo apt-get install --no-install-recommends$missing" >&2
	exit 3
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing:$missing"
# Services that packages would start are not wanted: Restudy starts its own.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
	made=$policy
fi
status=0
{ apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 || status=$?
[ -z "$made" ] || rm -f "$made"
if [ $status -ne 0 ]; then
	tail -n 20 "$log" >&2
	echo "packages.sh: apt-get failed; see above" >&2
	exit 3
fi
