#!/bin/sh
# Images that are no mmdebstrap's: RPM packages from a repository made here, by dnf and by
# yum's name for it; an archive over a connection that breaks, resumed, verified, trusted on
# first use and refused when it changed.  Containers are started from both.
set -eu
restudy=$RESTUDY_BUILD/restudy
if [ "$(id -u)" -ne 0 ]; then
	echo "needs root"
	exit 77
fi
for p in dnf rpmbuild rpm createrepo_c python3 busybox libvirtd unshare ip; do
	PATH=$PATH:/usr/sbin command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done
if [ "${1-}" != inside ]; then
	exec unshare --net --mount --propagation private sh "$0" inside
fi
work=$(mktemp -d /tmp/rs-img-XXXXXX)
server= secure=
finish() {
	for p in $server $secure; do kill "$p" 2>/dev/null || :; done
	rm -rf "$work"
}
trap finish EXIT
fail() {
	echo "images: $*"
	exit 1
}
status() {
	wanted=$1
	shift
	got=0
	"$@" >"$work/out" 2>"$work/err" || got=$?
	[ $got -eq "$wanted" ] || { cat "$work/out" "$work/err"; fail "\"$*\" ended with $got, not $wanted"; }
}
said() { grep -q -- "$1" "$work/out" "$work/err" || { cat "$work/out" "$work/err"; fail "did not say \"$1\""; }; }

# A /sys that shows this network, with the control groups in it.
mkdir "$work/cgroup"
mount --rbind /sys/fs/cgroup "$work/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$work/cgroup" /sys/fs/cgroup
umount -l "$work/cgroup"
ip link set dev lo up
export XDG_CACHE_HOME="$work/cache"

# --- packages ---------------------------------------------------------------------------
mkdir "$work/rpm" "$work/repo"
cp "$(command -v busybox)" "$work/rpm/busybox"
cat >"$work/rpm/tiny.spec" <<'SPEC'
%global debug_package %{nil}
%global __os_install_post %{nil}
Name: tiny-base
Version: 1.2
Release: 3
Summary: A root tree of busybox
License: GPL-2.0-only
%package -n tiny-web
Summary: Its web server
Requires: tiny-base
%description
A root tree of busybox.
%description -n tiny-web
Its web server.
%install
mkdir -p %{buildroot}/bin %{buildroot}/etc %{buildroot}/tmp %{buildroot}/proc %{buildroot}/sys %{buildroot}/dev %{buildroot}/var/tmp %{buildroot}/usr/lib %{buildroot}/srv
cp %{_sourcedir}/busybox %{buildroot}/bin/busybox
for n in sh cat ls touch sleep rm mkdir; do ln -s busybox %{buildroot}/bin/$n; done
echo tiny >%{buildroot}/etc/hostname
echo hello >%{buildroot}/srv/index.html
%files
/bin
/etc/hostname
%dir /tmp
%dir /proc
%dir /sys
%dir /var/tmp
%files -n tiny-web
/srv/index.html
# A scriptlet runs inside the tree, with devices.
%post -n tiny-web -p /bin/sh
echo configured >/srv/state; echo gone >/dev/null
SPEC
rpmbuild --quiet --define "_topdir $work/rpm/top" --define "_sourcedir $work/rpm" \
	--define "_rpmdir $work/repo" --nodeps -bb "$work/rpm/tiny.spec" >"$work/rpm.log" 2>&1 ||
	{ cat "$work/rpm.log"; fail "rpmbuild"; }
cat >"$work/comps.xml" <<'COMPS'
<?xml version="1.0" encoding="UTF-8"?>
<comps><group><id>web-server</id><name>Web Server</name><description>Serves pages</description>
<default>false</default><uservisible>true</uservisible>
<packagelist><packagereq type="mandatory">tiny-web</packagereq></packagelist></group></comps>
COMPS
createrepo_c --quiet --groupfile "$work/comps.xml" "$work/repo" >/dev/null

# plan NAME BUILDER URL MORE-ATTRIBUTES PACKAGES
plan() {
	mkdir -p "$work/$1"
	cat >"$work/$1/plan.xml" <<PLAN
<?xml version="1.0" encoding="UTF-8"?>
<plan xmlns="urn:restudy:plan:1">
  <study id="$1" title="Images" language="en" seed="7"/>
  <image id="tiny" title="Tiny" distribution="Tiny Linux" release="5" builder="$2" url="$3" $4>
    $5
  </image>
  <system id="host" title="Host" platform="host" image="tiny" baseline="yes"/>
  <system id="box" title="Container" platform="lxc" image="tiny">
    <guests count="${6-1}" names="box1 box2 box3" memory="64MiB"><network address="198.18.7.2" netmask="255.255.255.0" gateway="198.18.7.1"/></guests>
  </system>
  <benchmark id="kernels" title="Kernels" adapter="kernels" tests="pipe" duration="50ms" trials="2" warmup="0"/>
  <figure id="fig-1" number="1" caption="Scaling" chart="guests" benchmark="kernels" value="absolute" over="sum"><bar metric="pipe" label="Pipe"/></figure>
  <table id="table-1" number="1" caption="Pipe" benchmark="kernels" value="absolute" over="mean"><row metric="pipe" label="Pipe"/></table>
</plan>
PLAN
}
run() {	# STATUS NAME
	rm -rf "$work/$2/run"
	status "$1" "$restudy" run "$work/$2/plan.xml" --testbed local -o "$work/$2/run"
}

plan dnf dnf "file://$work/repo" "" "<packages>@web-server</packages>" "1 2 3"
run 0 dnf
for p in "package tiny-base 1.2-3" "package tiny-web 1.2-3"; do
	grep -qx "$p" "$work/dnf/run/plan.lock" || { cat "$work/dnf/run/plan.lock"; fail "plan.lock has no \"$p\""; }
done
tree=$(ls -d "$work"/cache/restudy/images/*.tree)
[ "$(cat "$tree/srv/state")" = configured ] || fail "the scriptlet of tiny-web did not run"
[ -c "$tree/dev/null" ] || fail "/dev/null is no device: a scriptlet made it a file"
grep -q 'packages that the plan does not name' "$work/dnf/run/report.md" ||
	fail "the report has no row for the packages that guests alone have"
# One, two and three guests: the figure's numbers are sums over guests of the raw samples, the
# table's are their means.
for n in 1 2 3; do
	awk -F, -v n=$n '$5 == "box" && $6 == n && $2 == "pipe" { print $9 }' "$work/dnf/run/tables/fig-1.csv" >"$work/shown"
	"$restudy" export csv "$work/dnf/run" | awk -F, -v n=$n \
		'$1 == "box" && $2 == n && $5 == "pipe" { s += $8 } END { printf "%.10g\n", s / 2 }' >"$work/sum"
	awk 'NR == FNR { a = $1; next } { d = a - $1; if (d < 0) d = -d; exit !(a > 0 && d <= a * 1e-6) }' \
		"$work/shown" "$work/sum" || fail "$n guests: $(cat "$work/shown") is shown, $(cat "$work/sum") was measured"
done
[ "$("$restudy" export csv "$work/dnf/run" | awk -F, '$1 == "box" && $2 == 3 { print $3 }' | sort -u | paste -sd' ')" = \
	"box1 box2 box3" ] || fail "three guests have not three names"
# What it took: each guest's own time, six commands and two for each further one, no package manager.
ask() { python3 -c 'import sqlite3, sys
print((sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone() or [""])[0])' "$work/$1/run/run.db" "$2" 2>/dev/null; }
db() { ask dnf "select value from fact where key='$1'"; }
[ "$(db setup.box.guest_install_s | wc -w)" -eq 12 ] || fail "not one time for each of 2 x (1 + 2 + 3) guests"
[ "$(db setup.box.first_guest_s | wc -w)" -eq 6 ] || fail "not one time to the first guest for each launch"
[ "$(db effort.box.commands_further_guest)" = 2 ] || fail "a further container takes two commands"
case $(db effort.box.packages) in "missing: "?*) ;; *) fail "packages without a package manager: $(db effort.box.packages)" ;; esac
for text in 'Time for each further guest' 'not measured: no package manager' 'Really used'; do
	grep -q "$text" "$work/dnf/run/report.md" || fail "the report does not say \"$text\""
done
status 0 "$restudy" steps "$work/dnf/plan.xml" --testbed local
said "as really used, first guest"
said 'dnf .*--installroot=TREE .*install .*@web-server'

# A container that dies while it is measured: its cell fails and names it, the next one has new
# containers, nothing is left.  A second run meanwhile learns who measures.
plan crash dnf "file://$work/repo" "" "<packages>@web-server</packages>" 2
sed -i 's/duration="50ms"/duration="2s"/' "$work/crash/plan.xml"
"$restudy" run "$work/crash/plan.xml" --testbed local -o "$work/crash/run" >"$work/crash/said" 2>&1 &
pid=$!
victim=
while [ -z "$victim" ]; do
	kill -0 $pid 2>/dev/null || { cat "$work/crash/said"; fail "no container was seen measuring"; }
	sleep 0.05
	for d in $(grep -lzx box2 /proc/[0-9]*/cmdline 2>/dev/null); do
		d=${d%/cmdline}
		if grep -q '^NSpid:.*[[:space:]]1$' "$d/status" 2>/dev/null &&
			pgrep -P "$(cat "$d/task/${d#/proc/}/children" | tr -s ' ' ,)0" >/dev/null; then victim=${d#/proc/}; fi
	done
done
# It must not be done before the second run has asked.
kill -STOP "$victim"
status 3 "$restudy" run "$work/crash/plan.xml" --testbed local -o "$work/crash/second"
said "process $pid holds it since 2.*(run $(ask crash "select value from fact where key='run'"))"
kill -9 "$victim"
got=0
wait $pid || got=$?
[ $got -eq 1 ] || { cat "$work/crash/said"; fail "a run whose container died ended with $got, not 1"; }
[ "$(ask crash "select count(*) from cell where state='failed' and system='box' and reason like 'guest \"box2\" ended while it was measured%'")" = 1 ] &&
	[ "$(ask crash "select count(*) from cell where state='done'")" = 3 ] ||
	{ cat "$work/crash/said"; ask crash "select group_concat(reason) from cell"; fail "not one cell failed for box2 and the others are done"; }
status 0 "$restudy" clean
said 'nothing is left behind'

# yum is the same under its old name; a package nobody has is named.
plan yum yum "file://$work/repo" "" "<packages>tiny-web</packages>"
run 0 yum
plan none dnf "file://$work/repo" "" "<packages>tiny-nothing</packages>"

rm -rf "$work/none/run"
"$restudy" run "$work/none/plan.xml" --testbed local -o "$work/none/run" >"$work/out" 2>"$work/err" &&
	fail "an image with a package that nobody has was built"
said 'tiny-nothing'
plan far dnf "file://$work/no-repository" "" "<packages>tiny-web</packages>"
"$restudy" run "$work/far/plan.xml" --testbed local -o "$work/far/run" >"$work/out" 2>"$work/err" &&
	fail "an image came from a repository that does not exist"
said 'dnf could not build it'

# --- archives ---------------------------------------------------------------------------
mkdir "$work/www"
# Random bytes make it long enough to break in the middle.
head -c 3000000 /dev/urandom >"$tree/srv/noise"
tar -C "$tree" -czf "$work/www/root.tar.gz" .
rm "$tree/srv/noise"
sum=$(sha256sum "$work/www/root.tar.gz" | cut -d' ' -f1)
cat >"$work/server.py" <<'PY'
# One line per request in its log.  /break/: the first answer ends in the middle, the second is
# 503, later ones go on where asked; /plain/: breaks once, knows no ranges; else a usual server.
import http.server, os, sys, re
root, log, seen = sys.argv[1], open(sys.argv[2], "a", buffering=1), {}
class H(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        kind, name = re.match(r"/(\w+)/(.+)", self.path).groups()
        n = seen[self.path] = seen.get(self.path, 0) + 1
        asked = self.headers.get("Range")
        log.write("%s %s\n" % (self.path, asked))
        try: data = open(os.path.join(root, name), "rb").read()
        except OSError: return self.send_error(404)
        if kind == "break" and n == 2: return self.send_error(503)
        begin = 0
        if asked and kind != "plain":
            begin = int(re.match(r"bytes=(\d+)-", asked).group(1))
            self.send_response(206)
            self.send_header("Content-Range", "bytes %d-%d/%d" % (begin, len(data) - 1, len(data)))
        else: self.send_response(200)
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        cut = kind in ("break", "plain") and n == 1
        self.wfile.write(data[begin:len(data) // 2] if cut else data[begin:])
        if cut: self.close_connection = True
s = http.server.HTTPServer(("127.0.0.1", 0), H)
open(sys.argv[3], "w").write(str(s.server_port))
s.serve_forever()
PY
python3 "$work/server.py" "$work/www" "$work/requests" "$work/port" 2>/dev/null &
server=$!
tries=0
until [ -s "$work/port" ]; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || fail "the server does not start"
	sleep 0.05
done
web=http://127.0.0.1:$(cat "$work/port")

# Broken in the middle, refused once, then the rest alone is asked for.
plan break archive "$web/break/root.tar.gz" "sha256=\"$sum\"" ""
run 0 break
said 'going on with the download at byte'
said 'attempt 2 of 5'
half=$(($(stat -c %s "$work/www/root.tar.gz") / 2))
grep -qx "/break/root.tar.gz bytes=$half-" "$work/requests" || { cat "$work/requests"; fail "not resumed at $half"; }
grep -qx "archive tiny $sum $web/break/root.tar.gz" "$work/break/run/plan.lock" ||
	{ cat "$work/break/run/plan.lock"; fail "plan.lock has no line of the archive"; }
# Once here, it is not asked for again.
before=$(wc -l <"$work/requests")
run 0 break
[ "$(wc -l <"$work/requests")" -eq "$before" ] || fail "an archive in the cache was fetched again"
# A server that cannot go on in the middle begins again.
plan plain archive "$web/plain/root.tar.gz" "sha256=\"$sum\"" ""
rm "$work"/cache/restudy/images/*.archive
run 0 plain
said 'from the start'
# A build that was killed left what its tree had mounted: it goes with the tree, and nothing else.
own=$work/cache/restudy/images/$(awk '$1 == "image" { print $4 }' "$work/plain/run/plan.lock").tree
[ -d "$own" ] || fail "plan.lock does not name the image"
rm -rf "$own"
mkdir -p "$own.work/tree/proc" "$own.workshop/proc"
mount -t tmpfs none "$own.work/tree/proc"
mount -t tmpfs none "$own.workshop/proc"
run 0 plain
! grep -q "$own.work/" /proc/mounts || fail "a killed build's mount is left"
umount "$own.workshop/proc" || fail "a mount of somebody else was taken"
rm -r "$own.workshop"

# Another file than the plan's is refused, and nothing of it is kept.
plan wrong archive "$web/file/root.tar.gz" "sha256=\"$(printf '%064d' 7)\"" ""
"$restudy" run "$work/wrong/plan.xml" --testbed local -o "$work/wrong/run" >"$work/out" 2>"$work/err" &&
	fail "an archive with another checksum was used"
said "has the checksum $sum, and the plan says"
[ -z "$(find "$work/cache" -name '*.part' -o -name '*.fetched')" ] || fail "the refused file was kept"

# Trusted on first use, in the cache and in plan.lock; changed, it is an error.
plan trust archive "$web/file/root.tar.gz" "" ""
run 0 trust
said 'is trusted from now on'
cp "$work/trust/run/plan.lock" "$work/trust/plan.lock"
rm "$work"/cache/restudy/images/*.archive
run 0 trust
echo more >>"$tree/etc/hostname"
tar -C "$tree" -czf "$work/www/root.tar.gz" .
rm "$work"/cache/restudy/images/*.archive
"$restudy" run "$work/trust/plan.xml" --testbed local -o "$work/trust/changed" >"$work/out" 2>"$work/err" &&
	fail "a changed archive was used"
said "\"$work/trust/plan.lock\" says $sum"
rm "$work/trust/plan.lock"
"$restudy" run "$work/trust/plan.xml" --testbed local -o "$work/trust/again" >"$work/out" 2>"$work/err" &&
	fail "a changed archive was used by a machine that knew another"
said 'its first use here'
# The plan and the lock must not contradict each other.
plan both archive "$web/file/root.tar.gz" "sha256=\"$(sha256sum "$work/www/root.tar.gz" | cut -d' ' -f1)\"" ""
echo "archive tiny $sum $web/file/root.tar.gz" >"$work/both/plan.lock"
"$restudy" run "$work/both/plan.xml" --testbed local -o "$work/both/run" >"$work/out" 2>"$work/err" &&
	fail "a plan that contradicts its lock was run"
said 'the plan says sha256'

# A file of this machine needs no server; it is looked at each time.
plan file archive "file://$work/www/root.tar.gz" "" ""
run 0 file
echo more >>"$work/www/root.tar.gz"
"$restudy" run "$work/file/plan.xml" --testbed local -o "$work/file/changed" >"$work/out" 2>"$work/err" &&
	fail "a changed file was used"
said 'somebody changed it'
# What is no archive, and what is not there.
echo text >"$work/www/text"
plan text archive "$web/file/text" "" ""
"$restudy" run "$work/text/plan.xml" --testbed local -o "$work/text/run" >"$work/out" 2>"$work/err" &&
	fail "a text was unpacked"
said 'is no tar file of a root tree'
plan gone archive "$web/file/nothing" "" ""
"$restudy" run "$work/gone/plan.xml" --testbed local -o "$work/gone/run" >"$work/out" 2>"$work/err" &&
	fail "a file that is not there was used"
said '404'
# A server whose certificate nobody vouches for, even if the checksum is right.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null || fail "no certificate"
(cd "$work/www" && exec openssl s_server -quiet -accept 127.0.0.1:4433 -cert "$work/cert.pem" -key "$work/key.pem" -WWW) \
	>"$work/tls.log" 2>&1 &
secure=$!
tries=0
until grep -q ':1151 ' /proc/net/tcp; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || fail "the server with a certificate does not start"
	sleep 0.05
done
plan tls archive "https://127.0.0.1:4433/root.tar.gz" "sha256=\"$(sha256sum "$work/www/root.tar.gz" | cut -d' ' -f1)\"" ""
"$restudy" run "$work/tls/plan.xml" --testbed local -o "$work/tls/run" >"$work/out" 2>"$work/err" &&
	fail "a server that nobody vouches for was believed"
said 'cannot be fetched: SSL certificate problem: self-signed certificate'
[ -z "$(find "$work/cache" -name '*.part' -size +0)" ] || fail "what it sent was kept"
status 0 "$restudy" clean
