#!/bin/sh
# usage: unused.sh OBJECT...
# Refuses a global function that no other object uses and no public header offers: it must be
# static, or go.  The verbs that release are kept whole.
set -eu
offered=$(find include -name '*.h' -exec grep -ohE 'rs_[a-z0-9_]+ *\(' {} + | tr -d ' (' | LC_ALL=C sort -u)
nm "$@" | awk -v offered="$offered" '
	BEGIN { n = split(offered, name, "\n"); for (i = 1; i <= n; i++) public[name[i]] = 1 }
	/:$/ { object = $1; next }
	NF == 3 && $2 == "T" { defined[$3] = object }
	NF == 2 && $1 == "U" { used[$2] = 1 }
	END {
		for (f in defined)
			if (f != "main" && f !~ /_(free|freep|release|closep?)$/ && !(f in used) && !(f in public))
				print defined[f], f, "is used by no other file"
	}' | LC_ALL=C sort | { ! grep .; }
