# SPDX-License-Identifier: GPL-3.0-or-later
# The page of the manual of one benchmark adapter, from its section of doc/adapters.md:
#   awk -v adapter=siege -f adapter-page.awk adapters.md
# Knows what that file uses: paragraphs, **Title.** at their beginning, `code`.  mdoc wants every
# sentence on a line of its own and no line longer than 80 bytes.

function flush(    rest, at, title) {
	if (text == "")
		return
	rest = text
	text = ""
	if (match(rest, /^\*\*[^*]*\.\*\* /)) {
		title = substr(rest, 3, RLENGTH - 6)
		rest = substr(rest, RLENGTH + 1)
		print ".Ss " (title == "Runs" ? "What it runs" : title == "Reads" ? "What it reads" : "What it cannot know")
	} else if (paragraphs++ > 0) {
		print ".Pp"
	}
	while (match(rest, /[.:] [A-Z`]/)) {
		sentence(substr(rest, 1, RSTART))
		rest = substr(rest, RSTART + 2)
	}
	sentence(rest)
}

# Wraps; code becomes bold.
function sentence(s,    n, i, word, line, shown) {
	gsub(/\\/, "\\e", s)
	n = split(s, word, / +/)
	line = ""
	for (i = 1; i <= n; i++) {
		shown = word[i]
		if (shown ~ /`/)	# a name is not broken at its hyphens
			gsub(/-/, "\\-", shown)
		while (index(shown, "`") > 0) {
			sub(/`/, bold ? "\\fR" : "\\fB", shown)
			bold = !bold
		}
		if (line != "" && length(line) + length(shown) > 76) {
			put(line)
			line = ""
		}
		line = line (line == "" ? "" : " ") shown
	}
	put(line)
}

function put(line) {
	print (line ~ /^[.']/ ? "\\&" : "") line
}

BEGIN {
	print ".\\\" SPDX-License-Identifier: GPL-3.0-or-later"
	print ".Dd November 23, 2026"
	print ".Dt RESTUDY-" toupper(adapter) " 7"
	print ".Os"
	print ".Sh NAME"
	print ".Nm restudy-" adapter
	print ".Nd the benchmark adapter " adapter
	print ".Sh SYNOPSIS"
	print ".Li <benchmark adapter=\\(dq" adapter "\\(dq ...>"
	print ".Sh DESCRIPTION"
}

/^#/ {
	flush()
	inside = $0 == "## " adapter
	if (inside)
		found = 1
	intro = $0 == "# Benchmark adapters"
	next
}
/^$/ { flush(); next }
inside || intro { text = text (text == "" ? "" : " ") $0 }

END {
	flush()
	print ".Sh SEE ALSO"
	print ".Xr restudy-run 1 ,"
	print ".Xr restudy-plan 5"
	exit !found
}
