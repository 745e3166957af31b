#!/usr/bin/env bash
# Builds dalloc-preload.so, which watches malloc in any program of this machine:
#
#   scripts/build-preload.sh OUTPUT_FOLDER
#
# It leaves OUTPUT_FOLDER/dalloc-preload.so. CC is the compiler, `cc` unless given.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0

if [ $# -ne 1 ]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
fi
root=$(cd "$(dirname "$0")/.." && pwd)
hook=$root/Agent/hooks/preload
mkdir -p "$1"
output=$(cd "$1" && pwd)

"$root/scripts/build-library.sh" DallocAgent host "$output/library" -DDALLOC_CUSTOM_CONF_FILE='"preload_conf.h"' "-I$hook" >/dev/null

# Nothing but malloc and its like may be seen from outside: the program may have an agent of its own.
"${CC:-cc}" -std=c99 -O2 -fPIC -fvisibility=hidden -fno-builtin -Wall -Wextra -Werror -pedantic \
    -I"$output/library/include" "$hook"/*.c "$output/library/libDallocAgent.a" \
    -shared -Wl,--exclude-libs,ALL -Wl,-z,now,-z,defs,-z,nodelete -pthread -ldl -o "$output/dalloc-preload.so"
echo "$output/dalloc-preload.so"
