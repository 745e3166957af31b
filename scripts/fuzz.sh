#!/usr/bin/env bash
# Fuzzes what reads bytes from devices, with libFuzzer and AddressSanitizer:
#
#   scripts/fuzz.sh [--seconds N] [frame-reader|replica|session]…
#
# Each target of Fuzzing/, or each that is named, first takes the inputs of Fuzzing/Findings, which showed something once, then runs for N
# seconds, 600 unless given, from the inputs of Fuzzing/Corpus on; what it finds of interest stays in .build/fuzzing. A finding ends it
# with exit code 1, and names the input that shows it. To see it again: .build/fuzzing/TARGET FILE. Once it is mended, the file belongs
# into Fuzzing/Findings/TARGET.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
}

seconds=600 targets=()
while (($#)); do
    case $1 in
        --seconds)
            seconds=${2:?}
            shift
            ;;
        frame-reader | replica | session) targets+=("$1") ;;
        *) usage ;;
    esac
    shift
done
((${#targets[@]})) || targets=(frame-reader replica session)

build=.build/fuzzing
model=Collector/DallocCollector/Model ingest=Collector/DallocCollector/Ingest
replica=("$model"/{ReplicaTable,Checkpoint,Varint+Append}.swift)
session=("${replica[@]}" "$model"/{OpenedBoot,FrameRecord,HeapFigures,StoredFrame,HeapWork,HeapWork+Plausible,GapRecord,IngestedFrame}.swift
    "$model"/{BootClock,ClockSegment,ReplayMaterial,WorkBudget,DeviceHello,OtherVersion}.swift
    "$ingest"/{DeviceSession,FrameSeries,HeapTrack,ClockDiscipline,ClockWatch}.swift)
source scripts/compile-fuzzing.sh
# The code under test is instrumented like the targets, and its assertions are checked.
flags=(-sanitize=fuzzer,address -assert-config Debug)
module HeapWire Sources/HeapWire/*.swift
module HeapReplica Sources/HeapReplica/*.swift
module HeapHistory Sources/HeapHistory/*.swift

for target in "${targets[@]}"; do
    case $target in
        frame-reader)
            program frame-reader FrameReaderFuzz Fuzzing/FrameReader/*.swift Fuzzing/Support/{FuzzInput,Hold}.swift \
                Tests/HeapWireTests/WireText.swift
            ;;
        replica) program replica ReplicaFuzz Fuzzing/Replica/*.swift Fuzzing/Support/*.swift "${replica[@]}" ;;
        session) program session SessionFuzz Fuzzing/Session/*.swift Fuzzing/Support/*.swift "${session[@]}" ;;
    esac
    mkdir -p "$build/corpus/$target"
    log=$build/$target.log
    # A trap is reported by libFuzzer; Swift's own reports take minutes under it.
    export SWIFT_BACKTRACE=enable=no
    fail() {
        grep -E "atal error|ERROR|SUMMARY|Test unit written" "$log" >&2 || tail -5 "$log" >&2
        exit 1
    }
    for finding in Fuzzing/Findings/"$target"/*; do
        [ ! -e "$finding" ] || "$build/$target" "$finding" >"$log" 2>&1 || {
            echo "$finding, which was mended, shows itself again." >&2
            fail
        }
    done
    echo "Fuzzing: $target, $seconds s" >&2
    "$build/$target" -max_total_time="$seconds" -max_len=1024 -timeout=10 -artifact_prefix="$build/$target-" \
        "$build/corpus/$target" "Fuzzing/Corpus/$target" >"$log" 2>&1 || fail
    runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")
    coverage=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -1)
    echo "{\"target\": \"$target\", \"seconds\": $seconds, \"runs\": ${runs:-0}, \"coverage\": ${coverage:-0}}"
done
echo "No finding." >&2
