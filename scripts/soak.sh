#!/usr/bin/env bash
# The long runs, which find what short ones don't. Progress goes to stderr; the last line of each is its figures as JSON.
#
#   scripts/soak.sh loss [--operations N] [--seed N]
#     Real agents and the real collector on lines that lose, double, mix up and flip bytes at rates from 1e-6 to 1e-2 per byte, that break,
#     and whose ends are killed and started again; 10 million operations unless told otherwise, a quarter of an hour. Ends with exit code 1
#     when the collector has said one wrong thing.
#
#   scripts/soak.sh collector [--minutes N] [--rate N]
#     A collector that 1,000 devices send 200,000 operations a second to, for an hour, while retention keeps ten minutes of it: memory must
#     stay flat within 5 %, descriptors must not become more, and the database must be as large as what is kept. Then all of it is replayed
#     by `dalloc-collector check`.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
}

loss() {
    local operations=10000000 seed=1
    while (($#)); do
        case $1 in
            --operations) operations=${2:?} ;;
            --seed) seed=${2:?} ;;
            *) usage ;;
        esac
        shift 2
    done
    local figures=.build/soak/loss.json
    mkdir -p .build/soak
    rm -f "$figures"
    swift build --build-tests >.build/soak/build.log 2>&1 || {
        cat .build/soak/build.log >&2
        exit 1
    }
    DALLOC_SOAK=$PWD/$figures DALLOC_SOAK_OPERATIONS=$operations DALLOC_SOAK_SEED=$seed \
        swift test --skip-build --no-parallel --filter LossSoak >.build/soak/loss.log 2> >(grep -E '^( |rate)' >&2) || {
        grep -E '✘|error' .build/soak/loss.log >&2
        exit 1
    }
    cat "$figures"
    echo
}

collector() {
    mkdir -p .build/soak
    swift build -c release >.build/soak/build.log 2>&1 || {
        cat .build/soak/build.log >&2
        exit 1
    }
    exec python3 Benchmarks/collector/soak.py "$@"
}

case ${1:-} in
    loss | collector) "$@" ;;
    *) usage ;;
esac
