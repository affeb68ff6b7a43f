#!/bin/sh
# kill -9 at 20 random moments (seeded): 14 times of the coordinator on this machine, where it is
# the worker too, and 6 times of the worker on a server (an sshd on the loopback interface); then of
# the coordinator of such a run.  After each, what was finished is untouched, "clean" removes what was
# left, and --resume goes on.  In the end the cells are those of a run that nobody killed.
# run-virtual.sh kills the virtual machine.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(dirname "$0")
work=$(mktemp -d)
sshd=
trap '[ -z "$sshd" ] || kill $sshd; rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache"
for p in siege apache2 sqlite3; do
	PATH=$PATH:/usr/sbin command -v $p >/dev/null || { echo "$p is not installed"; exit 77; }
done
fail() {
	echo "resume-kills: $*"
	exit 1
}
db() { sqlite3 -readonly "$1/run.db" "$2"; }
done_cells="select system, guests, benchmark, trial, finished_s from cell where state = 'done' order by 1, 2, 3, 4"
all_cells="select system, guests, benchmark, trial, state from cell order by 1, 2, 3, 4"

"$restudy" run "$here/small.xml" --testbed local -o "$work/whole" >/dev/null 2>&1 || fail "the run without kills failed"
db "$work/whole" "$all_cells" >"$work/expected"

kills=0 runs=0 run= resume=
for delay in $(awk 'BEGIN { srand(2006); for (i = 0; i < 60; i++) printf "%.2f ", 0.05 + rand() * 1.6 }'); do
	[ $kills -lt 14 ] || break
	if [ -z "$run" ]; then
		runs=$((runs + 1))
		run=$work/run-$runs
		resume=
		: >"$work/before"
	fi
	setsid "$restudy" run "$here/small.xml" --testbed local -o "$run" $resume >"$work/log" 2>&1 &
	pid=$!
	sleep "$delay"
	if kill -9 $pid 2>/dev/null; then
		kills=$((kills + 1))
		wait $pid 2>/dev/null || :
	else
		wait $pid || { cat "$work/log"; fail "a resumed run ended badly"; }
		db "$run" "$all_cells" | cmp - "$work/expected" || fail "run $runs has other cells"
		run=
		continue
	fi
	# Every second time the resumed run itself must cope with what was left.
	if [ $((kills % 2)) -eq 0 ]; then
		"$restudy" clean >"$work/clean" 2>&1 || { cat "$work/clean"; fail "clean failed after kill $kills"; }
		"$restudy" clean | grep -q 'nothing is left behind' || fail "clean leaves something after kill $kills"
		! pgrep -f "restudy-www|$work" >/dev/null || fail "a process is left after kill $kills"
	fi
	# Killed before the store was there: that run never began.
	if ! db "$run" "$done_cells" >"$work/after" 2>/dev/null || [ "$(db "$run" 'select count(*) from cell')" = 0 ]; then
		rm -rf "$run"
		run=
		continue
	fi
	[ -z "$(comm -23 "$work/before" "$work/after")" ] || fail "kill $kills lost or repeated a finished cell"
	mv "$work/after" "$work/before"
	resume=--resume
done
[ $kills -ge 14 ] || fail "only $kills kills"
if [ -n "$run" ]; then
	"$restudy" run "$here/small.xml" --testbed local -o "$run" $resume >"$work/log" 2>&1 || { cat "$work/log"; fail "the last resume failed"; }
	db "$run" "$all_cells" | cmp - "$work/expected" || fail "the last run has other cells"
	db "$run" "$done_cells" >"$work/after"
	[ -z "$(comm -23 "$work/before" "$work/after")" ] || fail "the last resume repeated a finished cell"
fi

server=$(PATH=$PATH:/usr/sbin command -v sshd) || { echo "$kills kills in $runs runs; sshd is not installed: no worker was killed"; exit 0; }
port=$((20000 + $$ % 10000))
ssh-keygen -q -t ed25519 -N "" -f "$work/host_key"
ssh-keygen -q -t ed25519 -N "" -f "$work/key"
echo "[127.0.0.1]:$port $(cat "$work/host_key.pub")" >"$work/known_hosts"
# The variable tells this server's workers from those of others.
cat >"$work/sshd_config" <<end
ListenAddress 127.0.0.1
Port $port
HostKey $work/host_key
AuthorizedKeysFile $work/key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
SetEnv RESUME_KILLS=$work
end
cat >"$work/ssh_config" <<end
User $(id -un)
IdentityFile $work/key
IdentitiesOnly yes
IdentityAgent none
UserKnownHostsFile $work/known_hosts
GlobalKnownHostsFile /dev/null
end
export RESTUDY_SSH_CONFIG="$work/ssh_config"
mkdir -p /run/sshd 2>/dev/null || :
"$server" -D -q -f "$work/sshd_config" &
sshd=$!
far() { "$restudy" run "$here/small.xml" --testbed "ssh://127.0.0.1:$port" -o "$run" "$@" >"$work/log" 2>&1; }
workers() {
	for p in $(pgrep -f 'restudy worker .*/shard.json'); do
		if grep -qzx "RESUME_KILLS=$work" "/proc/$p/environ" 2>/dev/null; then echo "$p"; fi
	done
}

run=$work/far killed=0 resume= rounds=0
: >"$work/before"
set -- $(awk 'BEGIN { srand(1976); for (i = 0; i < 40; i++) printf "%.2f ", rand() * 1.2 }')
while :; do
	rounds=$((rounds + 1))
	[ $rounds -le 20 ] || fail "the workers' run comes to no end"
	far $resume &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		victim=$(workers)
		if [ $killed -lt 6 ] && [ -n "$victim" ]; then
			sleep "$1"
			shift
			kill -9 $victim 2>/dev/null && killed=$((killed + 1))
		fi
		sleep 0.1
	done
	got=0
	wait $pid || got=$?
	[ $got -le 1 ] || { cat "$work/log"; fail "a run whose worker was killed ended with $got"; }
	db "$run" "$done_cells" >"$work/after"
	[ -z "$(comm -23 "$work/before" "$work/after")" ] || fail "a worker's end lost or repeated a finished cell"
	mv "$work/after" "$work/before"
	resume=--resume
	[ $got -ne 0 ] || break
done
db "$run" "$all_cells" | cmp - "$work/expected" || fail "the run with killed workers has other cells"
[ -z "$(workers)" ] || fail "a worker is left"
[ $killed -ge 1 ] || fail "no worker was killed"

# The coordinator of a server's run killed: its folder there stays until the run is resumed.
run=$work/lost
"$restudy" run "$here/small.xml" --testbed "ssh://127.0.0.1:$port" -o "$run" >"$work/log" 2>&1 &
pid=$!
until [ -n "$(workers)" ]; do
	kill -0 $pid || { cat "$work/log"; fail "the run on the server ended before its worker was seen"; }
	sleep 0.1
done
kill -9 $pid
wait $pid 2>/dev/null || :
there() { find /var/tmp -maxdepth 1 -name "restudy-$(db "$run" "select value from fact where key = 'run'")-??????" | wc -l; }
[ "$(there)" = 1 ] || fail "a killed coordinator has $(there) folders on the server"
far --resume || { cat "$work/log"; fail "the run whose coordinator was killed cannot be resumed"; }
[ "$(there)" = 0 ] || fail "a resumed run leaves $(there) folders on the server"
db "$run" "$all_cells" | cmp - "$work/expected" || fail "the run with a killed coordinator has other cells"
[ -z "$(workers)" ] || fail "a worker of the killed coordinator is left"
echo "$kills kills of the coordinator in $runs runs, $killed of the worker in $rounds"
