#!/bin/sh
# An ordinary user needs no root: plans are checked and explained, a study is measured on the
# virtual testbed, rendered, archived and verified; what does need root says so, with the mend.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(cd "$(dirname "$0")" && pwd)
plan=$here/../../thesis-plan.xml
cache=${XDG_CACHE_HOME:-$HOME/.cache}/restudy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "user: $*"
	exit 1
}
if [ "$(id -u)" -eq 0 ]; then
	chown 65534:65534 "$work"
	user() {
		setpriv --reuid=65534 --regid=65534 --clear-groups \
			env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$work" "$@"
	}
	user test -x "$restudy" -a -r "$plan" || { echo "an ordinary user cannot read this folder"; exit 77; }
else
	user() { env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$work" "$@"; }
fi
# say STATUS TEXT COMMAND...: runs it as the user; the exit status and a text are promised.
say() {
	wanted=$1 text=$2
	shift 2
	got=0
	(cd "$work" && user "$restudy" "$@") >"$work/out" 2>&1 || got=$?
	[ $got -eq "$wanted" ] || { cat "$work/out"; fail "\"$*\" ended with $got, not $wanted"; }
	grep -q "$text" "$work/out" || { cat "$work/out"; fail "\"$*\" did not say \"$text\""; }
}

[ "$(user id -u)" -ne 0 ] || fail "the user is root"
say 0 'valid: 3 systems' check "$plan"
say 0 'qemu:///embed' steps "$plan"
say 1 'Table 3.1' audit "$plan"
say 3 'local platform lxc *needs root' doctor
say 0 'nothing is left behind' clean
say 2 'there is no folder "nowhere"' clean nowhere
say 1 'cannot make the folder.*Permission denied' \
	import csv "$here/../golden/exchange/tidy.csv" --better higher -o /usr/recorded
# What cannot begin leaves no folder, so that it can be tried again.
say 2 'testbed "lokal" is unknown' steps "$plan" --testbed lokal
say 2 'testbed "lokal" is unknown' run "$plan" --testbed lokal -o none
say 2 'cannot find "none"' run "$plan" --resume -o none
[ ! -e "$work/none" ] || fail "a run that could not begin left a folder"
: >"$work/file"
say 1 'cannot make the folder "file"' run "$plan" --testbed local -o file
# What is no run is a wrong argument, with its cause.
say 2 'it is neither tar nor zip' status file
chmod 0 "$work/file"
say 2 'cannot read "file": Permission denied' verify file
say 1 'missing: .*needs root: run it with sudo' run "$plan" --testbed local --only system=openvz -o local

# Images take long to build: root's are used where they are.
ls "$cache"/images/*.img >/dev/null 2>&1 ||
	{ echo "the virtual testbed is not tried: no image is in the cache yet"; exit 77; }
mkdir -p "$work/.cache/restudy/images"
cp --sparse=always "$cache"/images/*.img "$cache"/images/*.packages "$work/.cache/restudy/images"
cp -r "$cache/kernels" "$work/.cache/restudy"
[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$work/.cache"
say 0 'report: ' run "$here/virtual.xml" --only system=host -o night
say 0 '3 cells: 3 done' status night
say 0 'report: ' report night -o again
cmp "$work/night/report.html" "$work/again/report.html" || fail "rendered again, the report differs"
say 0 'bag: ' archive night -o bag.zip
say 0 'byte for byte the same' verify bag.zip
say 0 'nothing is left behind' clean
