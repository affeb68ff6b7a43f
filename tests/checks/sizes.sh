#!/bin/sh
# usage: sizes.sh ALLOW FILE...
# Bodies of at most 60 lines, files of at most 800, headers of at most 250.  ALLOW has lines
# "file function-line-or-* reason"; it may only shrink.
set -eu
allow=$1
shift
awk -v allow="$allow" '
BEGIN {
	while ((getline line < allow) > 0)
		if (line !~ /^#/ && split(line, word, " ") >= 3)
			excused[word[1], word[2]] = 1
}
function complain(name, text) {
	if (!((FILENAME, name) in excused)) {
		print FILENAME ": " text
		status = 1
	}
}
FNR == 1 { start = 0; previous = "" }
FNR == (FILENAME ~ /\.h$/ ? 251 : 801) { complain("*", "more than " (FNR - 1) " lines") }
/^\{/ { start = FNR; name = title }
/^\}/ && start {
	if (FNR - start - 1 > 60)
		complain(name, name ": a body of " (FNR - start - 1) " lines, more than 60")
	start = 0
}
/^[a-z].*\(/ { title = $0; sub(/\(.*/, "", title); sub(/.*[ *]/, "", title) }
END { exit status }' "$@"
