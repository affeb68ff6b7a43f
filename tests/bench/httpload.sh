#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# httpload against siege, on loopback, against Apache and nginx with a page of 90 bytes and 15
# connections: medians of interleaved runs of transactions per second and of the generator's
# processor time per transaction, of each program from its start to its end.  Server and generator
# are pinned to different CPUs.  What is asked of Restudy: 1.2 times Siege's transactions per second, at
# 0.75 of its processor time without keep-alive and 0.6 with it.
#   RESTUDY_BUILD=build ROUNDS=5 SECONDS_EACH=3 SERVERS="apache nginx" CPU_SERVER=0 CPU_LOAD=1
set -eu
PATH=$PATH:/usr/sbin
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-3}
servers=${SERVERS:-apache nginx}
cpu_server=${CPU_SERVER:-0}
cpu_load=${CPU_LOAD:-1}
restudy=$(cd "${RESTUDY_BUILD:-build}" && pwd)/restudy
for program in siege apache2 nginx taskset /usr/bin/time; do
	command -v "$program" >/dev/null || { echo "left out: no $program"; exit 0; }
done
work=$(mktemp -d)
chmod 755 "$work"
port=18473

stop_server() {
	[ ! -s "$work/pid" ] || kill "$(cat "$work/pid")" 2>/dev/null || :
	n=0
	while [ -e "$work/pid" ] && [ $n -lt 100 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}
trap 'stop_server; rm -rf "$work"' EXIT

mkdir "$work/www"
printf '%089d\n' 0 >"$work/www/index.html"
modules=/usr/lib/apache2/modules
cat >"$work/apache.conf" <<CONF
ServerRoot "$work"
ServerName localhost
PidFile "$work/pid"
Listen 127.0.0.1:$port
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule dir_module $modules/mod_dir.so
DefaultRuntimeDir "$work"
User www-data
ErrorLog "$work/error.log"
KeepAlive On
MaxKeepAliveRequests 0
DocumentRoot "$work/www"
CONF
cat >"$work/nginx.conf" <<CONF
worker_processes 1;
pid $work/pid;
error_log $work/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	keepalive_requests 100000000;
	server { listen 127.0.0.1:$port; root $work/www; }
}
CONF

start_server() {
	case $1 in
	apache) taskset -c "$cpu_server" apache2 -d "$work" -f "$work/apache.conf" -k start ;;
	nginx) taskset -c "$cpu_server" nginx -c "$work/nginx.conf" ;;
	esac
	n=0
	until "$restudy" httpload "http://127.0.0.1:$port/" --connections 1 --duration 0.1 2>/dev/null |
		grep -q '"done":[1-9]'; do
		n=$((n + 1))
		[ $n -lt 50 ] || { echo "$1 does not answer" >&2; exit 1; }
		sleep 0.1
	done
}

# Each prints "transactions-per-second us-per-transaction".
run_siege() {
	cat >"$work/siegerc" <<CONF
verbose = false
quiet = false
json_output = false
show-logfile = false
logging = false
parser = false
protocol = HTTP/1.1
connection = $1
CONF
	HOME=$work LC_ALL=C /usr/bin/time -f 'time %U %S' taskset -c "$cpu_load" timeout -k 1 $((seconds + 10)) \
		siege -R "$work/siegerc" -b -c 15 "-t${seconds}S" "http://127.0.0.1:$port/" 2>"$work/said" >/dev/null || :
	awk '/^Transactions:/ { n = $2 } /^Transaction rate:/ { rate = $3 } /^time / { cpu = $2 + $3 }
		END { if (n > 0) print rate, cpu * 1e6 / n }' "$work/said"
}
run_httpload() {
	[ "$1" = close ] || set -- "$1" --keep-alive
	shift
	/usr/bin/time -f 'time: %U %S' taskset -c "$cpu_load" "$restudy" httpload "http://127.0.0.1:$port/" \
		--connections 15 --duration "$seconds" "$@" >"$work/said" 2>"$work/time"
	sed 's/[{}]//g' "$work/said" | tr ',' '\n' | cat - "$work/time" |
		awk -F: '{ gsub(/"/, "", $1); v[$1] = $2 }
		END { split(v["time"], t, " "); print v["done"] * 1e9 / v["elapsed_ns"], (t[1] + t[2]) * 1e6 / v["done"] }'
}

median() {
	cut -d' ' -f"$2" "$1" | sort -g |
		awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

echo "$rounds rounds of $seconds s, medians; load average before: $(cut -d' ' -f1-3 /proc/loadavg)"
printf '%-8s %-10s %12s %12s %7s %10s %10s %7s\n' server connection siege/s httpload/s ratio \
	'siege us' 'httpl. us' ratio
for server in $servers; do
	start_server "$server"
	for kind in close keep-alive; do
		: >"$work/siege" >"$work/httpload"
		i=0
		while [ $i -lt "$rounds" ]; do
			run_siege $kind >>"$work/siege"
			run_httpload $kind >>"$work/httpload"
			i=$((i + 1))
		done
		echo "$server $kind $(median "$work/siege" 1) $(median "$work/httpload" 1)" \
			"$(median "$work/siege" 2) $(median "$work/httpload" 2)" |
			awk '{ printf "%-8s %-10s %12.0f %12.0f %7.2f %10.1f %10.1f %7.2f\n", $1, $2, $3, $4, $4 / $3, $5, $6, $6 / $5 }'
	done
	stop_server
done
echo "load average after: $(cut -d' ' -f1-3 /proc/loadavg)"
