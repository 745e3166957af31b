#!/usr/bin/env bash
# Compiles a program in Embedded Swift against the library that scripts/build-library.sh has built with MODULES=yes:
#
#   scripts/compile-swift-program.sh TARGET LIBRARY_FOLDER OBJECT HEADER SOURCE… [-- FLAG…]
#
# HEADER is a C header with what the board gives; the program sees it without an import. FLAGs go to both compilers, as they do there; those
# of the library are known. It leaves OBJECT.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0

if [ $# -lt 5 ]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
fi
target=$1
library=$2
object=$3
header=$4
shift 4
sources=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    sources+=("$1")
    shift
done
[ $# -eq 0 ] || shift
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
source "$root/scripts/toolchain.sh"

importer=()
while IFS= read -r flag; do importer+=(-Xcc "$flag"); done <"$library/modules/flags"
for flag; do importer+=(-Xcc "$flag"); done
"$tools/swiftc" -target "$target" -module-name Firmware "${program_flags[@]}" "${embedded_flags[@]}" "${importer[@]}" \
    -import-objc-header "$header" \
    -I "$library/modules" -I "$root/Sources/CDalloc/include" -I "$root/Agent/DallocAgent/include" \
    -c -o "$object" "${sources[@]}"
"$tools/llvm-objcopy" --remove-section=.swift_modhash --remove-section=.note.GNU-stack "$object"
