#!/bin/sh
# usage: layers.sh RULES FILE...
# Refuses an include of a module or of a foreign library that RULES does not allow, an
# include of another module's private header, and rules that go round in a circle.
set -eu
rules=$1
shift
awk -v rules="$rules" '
# The module of a source file, and of an include as it is written.
function module_of(path,   part, n) {
	n = split(path, part, "/")
	if (part[1] == "src")
		return part[2]
	if (part[1] == "include") {
		sub(/\.h$/, "", part[3])
		return part[3]
	}
	return part[n - 1]
}
function module_of_include(path,   part) {
	split(path, part, "/")
	if (part[1] != "restudy")
		return here
	sub(/\.h$/, "", part[2])
	return part[2]
}
function complain(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	status = 1
}
BEGIN {
	while ((getline line < rules) > 0) {
		sub(/#.*/, "", line)
		n = split(line, word, " ")
		if (n == 0)
			continue
		for (i = 2; i <= n; i++)
			allowed[word[1], word[i]] = 1
		if (word[1] ~ /^</)
			foreign[word[1]] = 1
		else
			known[substr(word[1], 1, length(word[1]) - 1)] = 1
	}
}
FNR == 1 { here = module_of(FILENAME) }
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	target = quoted[2]
	to = module_of_include(target)
	if (target ~ /^\.\.\/\.\./ || target ~ /^src\//)
		complain("a path into another module: " target)
	else if (to != here && (here in known) && !((here ":", to) in allowed))
		complain(here " may not know " to)
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	target = $0
	sub(/^[^<]*/, "", target)
	for (prefix in foreign)
		if (index(target, prefix) == 1 && (here in known) && !((prefix, here) in allowed))
			complain(target " is not for " here)
}
END { exit status }' "$@"
# A circle makes tsort complain.
sed 's/#.*//; /^[a-z]*:/!d; s/:/ /' "$rules" |
	awk '{ for (i = 2; i <= NF; i++) print $1, $i }' | tsort >/dev/null
