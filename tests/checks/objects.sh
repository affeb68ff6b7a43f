#!/bin/sh
# usage: objects.sh ALLOW OBJECT...
# Refuses mutable data with file scope and calls that have no place here.  ALLOW has lines
# "object symbol reason".  The section tells mutable data from constant tables of pointers,
# which nm shows alike.
set -eu
allow=$1
shift
banned='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|system|popen|ctime|asctime|localtime|gmtime|rand|srand|atoi|atol|atof|strtod|setlocale|tmpnam|mktemp|strtod_l'
for object; do
	{
		objdump -t "$object" | awk '
			/ O / && ($0 ~ /[ \t](\.data|\.bss|\.tbss|\.tdata|\.data\.rel|\.data\.rel\.local)[ \t]/) { print "mutable", $NF }
			/\*COM\*/ { print "mutable", $NF }'
		nm -u "$object" | sed 's/^ *[Uwv] //; s/@.*//; s/^__isoc99_//; s/^__\(.*\)_chk$/\1/' |
			grep -xE "$banned" | sed 's/^/banned /' || :
	} | while read -r what symbol; do
		grep -q "^$(basename "$object") ${symbol%%.[0-9]*} " "$allow" || echo "$object: $what $symbol"
	done
done | { ! grep .; }
