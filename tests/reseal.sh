#!/bin/sh
# usage: reseal.sh BAG
# Makes every digest of a bag folder anew, as somebody would who changed something in it.
set -eu
cd "$1"
oxum=$(find data -type f -printf '%s\n' | awk '{ s += $1 } END { print s "." NR }')
sed -i "s/^Payload-Oxum: .*/Payload-Oxum: $oxum/" bag-info.txt
for sum in sha256 sha512; do
	find data -type f | LC_ALL=C sort | xargs -d '\n' ${sum}sum >manifest-$sum.txt
done
for sum in sha256 sha512; do
	${sum}sum bag-info.txt bagit.txt manifest-*.txt >tagmanifest-$sum.txt
done
