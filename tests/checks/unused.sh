#!/bin/sh
# usage: unused.sh OBJECT...
# Refuses a global function that no other object uses: it must be static, or go.  The verbs
# that release are kept whole.
set -eu
nm "$@" | awk '
	/:$/ { object = $1; next }
	NF == 3 && $2 == "T" { defined[$3] = object }
	NF == 2 && $1 == "U" { used[$2] = 1 }
	END { for (f in defined) if (f != "main" && f !~ /_(free|freep|release|closep?)$/ && !(f in used)) print defined[f], f, "is used by no other file" }' |
	LC_ALL=C sort | { ! grep .; }
