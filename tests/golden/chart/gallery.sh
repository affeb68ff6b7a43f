#!/bin/sh
# usage: gallery.sh [FOLDER]
# Draws every kind of figure from recorded samples into FOLDER (default build/gallery), to be
# looked at.
set -eu
cd "$(dirname "$0")/../../.."
build=${RESTUDY_BUILD:-build}
folder=${1:-$build/gallery}
make --no-print-directory B="$build" "$build/librestudy.a"
mkdir -p "$folder"
cc -O2 -D_GNU_SOURCE -Iinclude -o "$build/gallery-program" tests/golden/chart/gallery.c "$build/librestudy.a" \
	$(pkg-config --cflags --libs cairo pangocairo fontconfig libxml-2.0 gsl libcrypto) -lm -pthread
"$build/gallery-program" tests/golden/chart/recorded.csv thesis-plan.xml \
	tests/golden/chart/load.csv "$folder"
echo "$folder/index.html"
