#!/bin/sh
# usage: names.sh OBJECT...
# Every symbol that others can see begins with rs_.
set -eu
nm -g --defined-only "$@" | awk 'NF == 3 && $3 != "main" && $3 !~ /^(rs_|_|LLVMFuzzer)/ { print "global without rs_:", $3; bad = 1 } END { exit bad }'
