#!/usr/bin/env bash
# Holds the HTTP API to its description, with Schemathesis:
#
#   scripts/api-test.sh [--seed N] [--examples N]
#
# A collector of its own, with a history of some days and devices that have just reported, gets requests that schema/openapi.yaml
# allows and requests that it forbids, for a minute or two. No answer may be a 5xx, all must match the description, what it allows
# must be answered and what it forbids refused. The same seed makes the same requests, except for times and numbers that are the
# collector's. Schemathesis comes from PyPI, into .build/api-test.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

seed=1 examples=250
while (($#)); do
    case $1 in
        --seed) seed=${2:?} ;;
        --examples) examples=${2:?} ;;
        *)
            sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
            exit 64
            ;;
    esac
    shift 2
done

folder=$PWD/.build/api-test
mkdir -p "$folder"
if ! "$folder/venv/bin/schemathesis" --version 2>/dev/null | grep -q '4\.32\.5$'; then
    echo "Installing Schemathesis into $folder/venv" >&2
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5 >&2
fi

swift build >&2
PATH=$PWD/.build/debug:$PATH

scratch=$(mktemp -d "${TMPDIR:-/tmp}/dalloc-api-test.XXXXXX")
processes=()
finish() {
    local status=$?
    trap - EXIT INT TERM
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${processes[@]}"; do wait "$process" 2>/dev/null || true; done
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Of the collector's first line that says it: api=HOST:PORT, listen=HOST:PORT.
address() { sed -n "s/.* $1=\([^ ]*\) .*the collector is ready.*/\1/p" "$scratch/collector.log" | head -n 1; }

# In the background alone: it takes the place of the shell that starts it, so that it can be ended.
simulate() { exec dalloc-simulator --collector "$(address listen)" --frame-interval 200 "$@" 2>>"$scratch/devices.log"; }

dalloc-simulator history --database "$scratch/api.sqlite" --devices 6 --days 5 --watched 1 --watched-interval 2m --streams 4 \
    --builds 1.0,1.1 >"$scratch/history.log" 2>&1
dalloc-collector serve --listen 127.0.0.1:0 --api 127.0.0.1:0 --database "$scratch/api.sqlite" 2>"$scratch/collector.log" &
processes+=($!)
until [ -n "$(address api)" ]; do
    kill -0 "${processes[0]}" || { cat "$scratch/collector.log" >&2; exit 1; }
    sleep 0.1
done
api=http://$(address api)
echo "Devices report for some seconds" >&2
simulate --name leaky --devices 2 --build 1.0 --workload leak --heap-size 6000 --rate 300 --duration 8s &
processes+=($!)
simulate --name churn --devices 2 --build 1.1 --workload churn,burst --heap-size 8192 --rate 300 --duration 8s &
processes+=($!)
simulate --name forgotten --devices 1 --duration 3s &
processes+=($!)
wait "${processes[@]:1}"
processes=("${processes[0]}")
# Another boot, which lasts while the questions are asked.
simulate --name leaky --devices 2 --build 1.1 --workload steady &
processes+=($!)
simulate --name labelled --devices 1 --workload steady &
processes+=($!)

# The hooks learn from the collector what there is to ask for. Schemathesis leaves files where it runs.
description=$PWD/schema/openapi.yaml hooks=$PWD/scripts/api-test
cd "$folder"
DALLOC_API=$api SCHEMATHESIS_HOOKS=hooks PYTHONPATH=$hooks PYTHONDONTWRITEBYTECODE=1 \
    venv/bin/schemathesis run "$description" --url "$api" --phases examples,coverage,fuzzing \
    --seed "$seed" --max-examples "$examples" --continue-on-failure --generation-database none --no-color
