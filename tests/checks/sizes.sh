#!/bin/sh
# usage: sizes.sh FILE...
# Bodies of at most 60 lines, files of at most 800, headers of at most 250.
set -eu
awk '
function complain(text) {
	print FILENAME ": " text
	status = 1
}
FNR == 1 { start = 0; previous = "" }
FNR == (FILENAME ~ /\.h$/ ? 251 : 801) { complain("more than " (FNR - 1) " lines") }
/^\{/ { start = FNR; name = title }
/^\}/ && start {
	if (FNR - start - 1 > 60)
		complain(name ": a body of " (FNR - start - 1) " lines, more than 60")
	start = 0
}
/^[a-z].*\(/ { title = $0; sub(/\(.*/, "", title); sub(/.*[ *]/, "", title) }
END { exit status }' "$@"
