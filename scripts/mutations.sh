#!/usr/bin/env bash
# Changes true frames at random and looks whether the replica ever takes a table that is not the heap's:
#
#   scripts/mutations.sh [--count N] [--seed N]
#
# A million changes unless told otherwise, from seed 1. The last line is JSON; exit code 1 when a wrong table was taken.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

count=1000000 seed=1
while (($#)); do
    case $1 in
        --count) count=${2:?} ;;
        --seed) seed=${2:?} ;;
        *)
            sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
            exit 64
            ;;
    esac
    shift 2
done

build=.build/mutations
# Assertions are checked, too.
flags=(-assert-config Debug)
source scripts/compile-fuzzing.sh
module HeapWire Sources/HeapWire/*.swift
module HeapReplica Sources/HeapReplica/*.swift
program mutations Mutations Fuzzing/Mutations/*.swift Fuzzing/Support/*.swift Fuzzing/FrameReader/{FrameReading,PlainFraming}.swift \
    Tests/HeapWireTests/WireText.swift Collector/DallocCollector/Model/{ReplicaTable,Checkpoint,Varint+Append}.swift
"$build/mutations" "$count" "$seed"
