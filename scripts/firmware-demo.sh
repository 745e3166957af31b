#!/usr/bin/env bash
# Boots every firmware on every board in QEMU, each with its agent's UART on a pseudo-terminal, lets a collector read these as
# serial lines, and shows what it knows of them. On a terminal it ends with a view that refreshes until Ctrl-C. Nothing is left
# behind.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

swift build -c release >&2
PATH=$PWD/.build/release:$PATH
echo "Building the firmwares" >&2
images=$(scripts/build-firmware.sh)

scratch=$(mktemp -d "${TMPDIR:-/tmp}/dalloc-firmware.XXXXXX")
boards=()
collector=
finish() {
    local status=$?
    trap - EXIT INT TERM
    for process in $collector "${boards[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in $collector "${boards[@]}"; do wait "$process" 2>/dev/null || true; done
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

# Waits up to 30 seconds until a command succeeds, and gives up as soon as the collector or a board is gone.
await() { # WHAT COMMAND…
    local what=$1 deadline=$((SECONDS + 30))
    shift
    until "$@" >/dev/null 2>&1; do
        for process in $collector "${boards[@]}"; do
            kill -0 "$process" 2>/dev/null || deadline=0
        done
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "firmware-demo: waited in vain for $what" >&2
            tail -n 20 "$scratch"/*.log >&2 || true
            exit 1
        fi
        sleep 0.1
    done
}

free_port() { # the first that is free from PORT on, in steps of ten
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 10)); done
    echo "$port"
}

lines=()
count=0
for image in $images; do
    board=$(basename "$(dirname "$image")")
    name=$(basename "$image" .elf)-$board
    mkdir "$scratch/$name"
    scripts/boot-firmware.sh "$board" "$image" "$scratch/$name" >"$scratch/$name.log" 2>&1 &
    boards+=($!)
    await "$name to boot" grep -q redirected "$scratch/$name.log"
    lines+=(--serial "$(sed -n 's/.*redirected to \([^ ]*\) .*/\1/p' "$scratch/$name.log")")
    count=$((count + 1))
done

listen=127.0.0.1:$(free_port 7420)
api=127.0.0.1:$(free_port 7421)
command="dalloc-collector serve --listen $listen --api $api ${lines[*]} --database $scratch/demo.sqlite"
say "$count firmwares run in QEMU; a collector reads their UARTs"
printf '\n$ %s &\n' "$command"
$command 2>"$scratch/collector.log" &
collector=$!
export DALLOC_COLLECTOR=http://$api
if [ "$api" != 127.0.0.1:7421 ]; then printf '\n$ export DALLOC_COLLECTOR=%s\n' "$DALLOC_COLLECTOR"; fi
await "the collector" dalloc devices

all_report() {
    [ "$(dalloc devices --format json | grep -cE '"id" *:')" -eq "$count" ] \
        && ! dalloc devices --format json | grep -qE '"sequence" *: *[0-4],?$'
}
have_moves() {
    dalloc moves c-sensor-node-mps2-an386 --limit 1 --format json | grep -q '"from"' \
        && dalloc moves c-sensor-node-virt --limit 1 --format json | grep -q '"from"'
}
await "all boards" all_report
say "Cortex-M4, Cortex-M0 and RISC-V; firmwares in C, C++ and Swift"
show dalloc devices
await "moves" have_moves
say "The sensor node's heap on a Cortex-M0 with 16 KB of RAM"
show "dalloc snapshot c-sensor-node-microbit | head -n 12"
say "The gateway's second heap, in memory outside the chip"
show "dalloc snapshot cpp-gateway-mps2-an386 --heap large | head -n 12"
say "What compaction moved, and why"
show "dalloc moves c-sensor-node-mps2-an386 --limit 5"
show "dalloc moves c-sensor-node-virt --limit 5"

if [ -t 1 ]; then
    trap 'exit 0' INT
    show dalloc devices --watch
fi
