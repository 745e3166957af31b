#!/usr/bin/env bash
# A fleet of nine simulated devices, with an emulated board where QEMU and a cross compiler are there, and a collector of their
# own, in a scratch folder. On a terminal it ends with a view that refreshes until Ctrl-C, otherwise after DEMO_SECONDS (20).
# Nothing is left behind.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."
seconds=${DEMO_SECONDS:-20}

swift build -c release >&2
PATH=$PWD/.build/release:$PATH

has() { command -v "$1" >/dev/null; }
board=mps2-an386
image=
if has qemu-system-arm && has arm-none-eabi-gcc && has cmake && has ninja; then
    echo "Building a firmware" >&2
    image=$(scripts/build-firmware.sh "$board" | grep '/c-sensor-node.elf$')
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/dalloc-demo.XXXXXX")
simulators=()
collector=
finish() {
    local status=$?
    trap - EXIT INT TERM
    # Devices first, so that the collector still takes their last frames.
    for process in "${simulators[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${simulators[@]}"; do wait "$process" 2>/dev/null || true; done
    if [ -n "$collector" ]; then
        kill "$collector" 2>/dev/null || true
        wait "$collector" 2>/dev/null || true
    fi
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n\033[2m# %s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }

# Prints a command as it is typed, and runs it. Ending a long answer early with head is no failure.
show() {
    printf '\n$ %s\n' "$*"
    local status=0
    bash -c "set -o pipefail; $*" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 141 ]
}

# Waits up to 30 seconds until a command succeeds, and gives up as soon as the collector or a simulator is gone.
await() { # WHAT COMMAND…
    local what=$1 deadline=$((SECONDS + 30))
    shift
    until "$@" >/dev/null 2>&1; do
        for process in $collector "${simulators[@]}"; do
            kill -0 "$process" 2>/dev/null || deadline=0
        done
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "demo: waited in vain for $what" >&2
            tail -n 20 "$scratch"/*.log >&2 || true
            exit 1
        fi
        sleep 0.1
    done
}

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() { # the first that is free from PORT on, in steps of ten
    local port=$1
    while is_taken "$port"; do port=$((port + 10)); done
    echo "$port"
}

simulate() { # LOG OPTION…
    local log=$1
    shift
    dalloc-simulator "$@" 2>"$scratch/$log.log" &
    simulators+=($!)
}

# The first frame of a device is its empty heap.
all_report() { [ "$(dalloc devices --format json | grep -cE '"sequence" *: *([2-9]|[1-9][0-9])')" -eq "$devices" ]; }
has_leak() { dalloc leaks --format csv | grep -q leaky-01; }
has_history() { dalloc moves leaky-01 --limit 1 --format json | grep -q '"from"'; }

listen=127.0.0.1:$(free_port 7420)
api=127.0.0.1:$(free_port 7421)

# The serial line's device comes first: the collector needs a line to open.
simulate tty --pty "$scratch/line" --name tty --workload churn --seed 9
await "the pseudo-terminal" test -e "$scratch/line"

lines="--serial $scratch/line"
devices=9
if [ -n "$image" ]; then
    mkdir "$scratch/board"
    scripts/boot-firmware.sh "$board" "$image" "$scratch/board" >"$scratch/board.log" 2>&1 &
    simulators+=($!)
    await "the board" grep -q redirected "$scratch/board.log"
    lines+=" --serial $(sed -n 's/.*redirected to \([^ ]*\) .*/\1/p' "$scratch/board.log")"
    devices=10
fi

command="dalloc-collector serve --listen $listen --api $api $lines --database $scratch/demo.sqlite"
say "A collector for devices on $listen and on serial lines"
printf '\n$ %s &\n' "$command"
$command 2>"$scratch/collector.log" &
collector=$!
export DALLOC_COLLECTOR=http://$api
if [ "$api" != 127.0.0.1:7421 ]; then printf '\n$ export DALLOC_COLLECTOR=%s\n' "$DALLOC_COLLECTOR"; fi
await "the collector" dalloc devices

simulate fleet --collector "$listen" --devices 7 --name sim --workload steady,churn,burst --seed 1
simulate leaky --collector "$listen" --devices 1 --name leaky --workload leak --rate 400 --frame-interval 250 --seed 8
started=$SECONDS

await "$devices devices" all_report
say "Nine devices report: seven in balance, one that leaks, one on a serial line"
if [ -n "$image" ]; then say "And a firmware in C on an emulated Cortex-M4, on a serial line, too"; fi
show dalloc devices

await "a history" has_history
if [ -t 1 ] && [ "$seconds" -gt 8 ]; then look=8; else look=$seconds; fi
remaining=$((started + look - SECONDS))
if [ "$remaining" -gt 0 ]; then
    say "They run for $remaining more seconds"
    sleep "$remaining"
fi

await "a leak" has_leak
say "One of them leaks: it never frees all that it allocated, until allocations fail"
show dalloc leaks
show dalloc history leaky-01 --since "$((look + 5))s" --step "$((look / 30 + 1))s"
say "What is in its heap now, and who holds it"
if [ -t 1 ]; then show dalloc snapshot leaky-01; else show "dalloc snapshot leaky-01 | head -n 25"; fi
say "What compaction moved, and why"
show "dalloc moves leaky-01 --limit 10"

if [ -t 1 ]; then
    trap 'exit 0' INT
    show dalloc devices --watch
else
    say "That was $((SECONDS - started)) seconds of nine devices"
fi
