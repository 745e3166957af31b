#!/usr/bin/env bash
# Measures how fast answers about a month of a fleet come while 200,000 operations a second come in, beside plain SQLite that
# reads the same rows; the bytes on disk of the sums that they are made from; and the CPU of an operation with and without these sums, if
# you name a folder with a collector from before them. A table, then the same as one line of JSON, in which `missed` names the goals that
# were missed. Progress goes to stderr; all files are in .build/bench-collector.
#
#   scripts/bench-query.sh [--devices 10000] [--days 30] [--month FILE] [--before FOLDER] [--only disk,answers,cpu] …    see --help
#
# A collector from before the sums: git worktree add ../before 3c71285 && cd ../before && swift build -c release.
# Load generator, collector and whoever asks share the machine's cores: what is measured is all of it together.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."
log=.build/bench-collector/release.log
mkdir -p "$(dirname "$log")"

echo "bench-query: building" >&2
swift build -c release >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}

exec python3 Benchmarks/collector/query.py "$@"
