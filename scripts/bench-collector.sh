#!/usr/bin/env bash
# Measures what a collector carries on this machine: operations a second over 1,000 connections, beside the same bytes in a plain
# SQLite table and a listener that only reads; bytes on disk, memory and CPU with up to 10,000 devices; answers from a month of a fleet
# while operations come in. A table, then the same as one line of JSON. Progress goes to stderr; all files are in
# .build/bench-collector. Takes twenty minutes, most of them for the month, and 6 GB of disk.
#
#   scripts/bench-collector.sh [--only throughput,growth,queries] [--interval 30m] [--month FILE] …    see --help
#
# Load generator, collector and whoever asks share the machine's cores: what is measured is all of it together.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

work=.build/bench-collector
mkdir -p "$work"
say() { echo "bench-collector: $*" >&2; }

build() { # NAME COMMAND…
    "${@:2}" >"$work/$1.log" 2>&1 || {
        cat "$work/$1.log" >&2
        exit 1
    }
}

say "building"
build release swift build -c release
build sink swift build -c release --package-path Benchmarks/collector --scratch-path "$work/sink-build"
cp "$work/sink-build/release/sink" "$work/sink"
gcc -std=c99 -O2 -Wall -Wextra -pedantic -Werror -o "$work/floor" Benchmarks/collector/floor.c -lsqlite3

exec python3 Benchmarks/collector/bench.py "$@"
