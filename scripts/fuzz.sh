#!/usr/bin/env bash
# Fuzzes what reads bytes from devices, with libFuzzer and AddressSanitizer:
#
#   scripts/fuzz.sh [--seconds N]
#
# Each target of Fuzzing/ runs for N seconds, 600 unless given. A finding ends it with exit code 1, and names the input that shows it;
# the target's program, in .build/fuzzing, takes that file as its argument.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=600
case ${1:-} in
    '') ;;
    --seconds) seconds=${2:?} ;;
    *)
        sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
        exit 64
        ;;
esac
build=.build/fuzzing
mkdir -p "$build/corpus/frame-reader"
flags=(-sanitize=fuzzer,address -O -wmo -parse-as-library -swift-version 6 -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault -I "$build")
# The code under test is instrumented like the target.
swiftc "${flags[@]}" -module-name HeapWire -emit-module -emit-module-path "$build/HeapWire.swiftmodule" \
    -c -o "$build/HeapWire.o" Sources/HeapWire/*.swift
swiftc -use-ld=lld "${flags[@]}" -module-name FrameReaderFuzz Fuzzing/FrameReader/*.swift \
    Fuzzing/Support/{FuzzInput,Hold}.swift Tests/HeapWireTests/WireText.swift "$build/HeapWire.o" \
    -o "$build/frame-reader"

echo "Fuzzing the frame reader for $seconds s." >&2
if ! "$build/frame-reader" -max_total_time="$seconds" -max_len=2048 -timeout=10 -verbosity=0 \
    -artifact_prefix="$build/frame-reader-" "$build/corpus/frame-reader" 2>"$build/frame-reader.log"; then
    grep -E "ERROR|SUMMARY|Test unit written" "$build/frame-reader.log" >&2 || tail -5 "$build/frame-reader.log" >&2
    exit 1
fi
echo "No finding." >&2
