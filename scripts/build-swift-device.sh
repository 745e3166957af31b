#!/usr/bin/env bash
# Compiles Examples/swift-device, a program in Embedded Swift with an agent in static memory only, and links it with the library as
# far as that goes without a board:
#
#   scripts/build-swift-device.sh TARGET OUTPUT_FOLDER
#
# It leaves OUTPUT_FOLDER/device.o, and fails when that asks for anything but the functions of board.h.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0

if [ $# -ne 2 ]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
fi
target=$1
output=$2
cd "$(dirname "$0")/.."
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
example=Examples/swift-device

MODULES=yes scripts/build-library.sh DallocAgent "$target" "$output" >/dev/null
scripts/compile-swift-program.sh "$target" "$output" "$output/program.o" "$example/board.h" "$example/Device.swift"
"$tools/ld.lld" -r --gc-sections -u main -o "$output/device.o" "$output/program.o" "$output/libDallocAgent.a"
rm "$output/program.o"
foreign=$(
    "$tools/llvm-nm" --undefined-only --format=just-symbols "$output/device.o" \
        | grep -vxE 'board_.*|mem(cpy|move|set)' || true
)
if [ -n "$foreign" ]; then
    echo "build-swift-device: the program for $target needs what a device may not have:" $foreign >&2
    exit 1
fi
echo "$output/device.o"
