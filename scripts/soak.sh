#!/usr/bin/env bash
# The long runs, which find what short ones don't. Progress goes to stderr; the last line of each is its figures as JSON.
#
#   scripts/soak.sh loss [--operations N] [--seed N]
#     Real agents and the real collector on lines that lose, double, mix up and flip bytes at rates from 1e-6 to 1e-2 per byte, that break,
#     and whose ends are killed and started again; by default 10 million operations, a quarter of an hour. Ends with exit
#     code 1 when the collector has given one wrong answer.
#
#   scripts/soak.sh damage [--places N]
#     A stopped and a running history with a flipped bit, a zeroed page or a cut file at N seeded places each, by default 500:
#     no answer may be wrong, and a collector that starts on it must take frames again. A tenth as many places each under the real collector
#     with devices connected, and the root pages of its tables.
#
#   scripts/soak.sh clock [--seeds N]
#     A collector whose clock is set at random, by seconds to years, while devices reset and sleep and the machine restarts; by
#     default 500 seeds. No answer may be about a moment that was not known, and nothing may be lost that is to be kept.
#
#   scripts/soak.sh trouble [--minutes N] [--rate N]
#     A collector with all its troubles at once for 20 minutes, and 206 devices that work well: a program that reads one moment
#     of its database for a minute, devices on a proxy that freezes, that fall silent, that don't read, that share an id, bytes
#     without a frame, clients of the API that leave, that don't read, that only sit there. Memory, descriptors, the database's log and what
#     is logged must stay within the bounds that Benchmarks/collector/trouble.py names, and the good devices' histories without a gap.
#
#   scripts/soak.sh collector [--minutes N] [--rate N]
#     A collector that 1,000 devices send 200,000 operations a second to, for an hour, while retention keeps ten minutes of it: memory must
#     stay flat within 5 %, descriptors must not become more, and the database must be as large as what is kept. Then all of it is replayed
#     by `dalloc-collector check`.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
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

# One test of the suite in its long form: its name, the variable that says how long, and what the script's option is called.
long_test() {
    local name=$1 variable=$2 option=$3 count=500 log=.build/soak/$1.log
    shift 3
    while (($#)); do
        [[ $1 == "$option" ]] || usage
        count=${2:?}
        shift 2
    done
    mkdir -p .build/soak
    swift build --build-tests >.build/soak/build.log 2>&1 || {
        cat .build/soak/build.log >&2
        exit 1
    }
    env "$variable=$count" swift test --skip-build --no-parallel --filter "$name" >"$log" 2>&1 || {
        grep -E '✘|error' "$log" >&2
        exit 1
    }
    # What it says in words, "running: 60 places, 7 answers refused", as {"running": {"places": 60, "answers_refused": 7}}.
    python3 -c '
import json, re, sys
found = re.findall(r"^([A-Za-z_ ]+): (\d+ [a-z ]+(?:, \d+ [a-z ]+)+)$", open(sys.argv[1]).read(), re.M)
if not found:
    sys.exit(f"{sys.argv[1]} has no figures")
parts = lambda words: dict((name.replace(" ", "_"), int(count)) for count, name in (part.split(" ", 1) for part in words.split(", ")))
print(json.dumps({title.replace(" ", "_"): parts(words) for title, words in found}))' "$log"
}

damage() { long_test DamagedPlacesTests DALLOC_DAMAGED_PLACES --places "$@"; }

clock() { long_test WallClockTests DALLOC_TORTURE_SEEDS --seeds "$@"; }

on_release() {
    mkdir -p .build/soak
    swift build -c release >.build/soak/build.log 2>&1 || {
        cat .build/soak/build.log >&2
        exit 1
    }
    exec python3 "Benchmarks/collector/$1" "${@:2}"
}

trouble() { on_release trouble.py "$@"; }

collector() { on_release soak.py "$@"; }

case ${1:-} in
    loss | damage | clock | trouble | collector) "$@" ;;
    *) usage ;;
esac
