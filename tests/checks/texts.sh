#!/bin/sh
# usage: texts.sh FILE...
# Words and habits that have no place in a source file.
set -eu
bad=0
for f; do
	case $f in
	*.[ch])
		head -n 1 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || { echo "$f: no licence line"; bad=1; } ;;
	esac
	case ${f##*/} in
	util*.[ch] | common*.[ch] | misc*.[ch] | helper*.[ch]) echo "$f: a name that says nothing"; bad=1 ;;
	esac
	case $f in
	src/cli/* | src/agent/* | src/kernels/* | tests/*) ;;
	*.c) ! grep -n 'fprintf *(stderr\|perror *(' "$f" | sed "s|^|$f:|" | grep . || { echo "$f: prints an error itself"; bad=1; } ;;
	esac
	if grep -nE '(TO''DO|FIX''ME)' "$f"; then echo "$f: unfinished work"; bad=1; fi
	if grep -n '__attribute__ *((constructor' "$f"; then echo "$f: hidden order"; bad=1; fi
	if grep -n '[[:space:]]$' "$f"; then echo "$f: blanks at the end of a line"; bad=1; fi
done
exit $bad
