#!/usr/bin/env bash
# From the downloads to the first frame, without Swift: unpacks what scripts/release.sh has made, and lets a Linux program and a
# firmware for a Cortex-M4, in QEMU, report to the collector in it. Prints each command and how long it took:
#
#   scripts/release-test.sh [RELEASE_FOLDER]
#
# Swift is hidden, whatever folder it is in; that takes root.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."
release=$(cd "${1:-.build/release-files}" && pwd)
if [ -z "${DALLOC_HIDDEN:-}" ]; then
    scripts/install-missing.sh gcc-arm-none-eabi qemu-system-arm xz-utils
    toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
    export DALLOC_HIDDEN=yes PATH=/usr/sbin:/usr/bin:/sbin:/bin
    exec unshare --mount bash -c "mount -t tmpfs none '$toolchain' && exec bash '$PWD/scripts/release-test.sh' '$release'"
fi
if command -v swift swiftc >/dev/null || [ -n "$(ldconfig -p | grep libswiftCore)" ]; then
    echo "release-test: there is a Swift here" >&2
    exit 1
fi
home=$(mktemp -d)
started=()
finish() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    wait
    rm -rf "$home"
}
trap finish EXIT
cd "$home"
begin=0
count=0
step() { # COMMAND, as a person would type it
    local start=$EPOCHREALTIME
    echo "$ $1"
    eval "$1"
    if [[ $1 == *'&' ]]; then started+=($!); fi
    count=$((count + 1))
    awk -v from="$start" -v to="$EPOCHREALTIME" 'BEGIN { printf "      %.1f s\n", to - from }'
}
first_frame() { # DEVICE COMMANDS
    until bin/dalloc devices --format csv 2>/dev/null | grep -q "^$1,"; do
        if awk -v from="$begin" -v to="$EPOCHREALTIME" 'BEGIN { exit to - from < 120 }'; then
            echo "release-test: no frame of $1 in two minutes" >&2
            exit 1
        fi
        sleep 0.1
    done
    awk -v name="$1" -v count="$2" -v from="$begin" -v to="$EPOCHREALTIME" \
        'BEGIN { printf "%s: first frame %.1f s after the download, %d commands\n\n", name, to - from, count }'
}

cp "$release"/dalloc-*.tar.xz .
mkdir bin
begin=$EPOCHREALTIME
step 'for archive in dalloc-*.tar.xz; do tar xf $archive --strip-components=1; done'
step 'bin/dalloc-collector serve --database fleet.sqlite 2>collector.log &'
# Both programs need these two.
shared=$EPOCHREALTIME
step 'gcc -Iinclude -Ilib/x86_64-linux examples/linux-agent.c lib/x86_64-linux/libDallocAgent.a -lpthread -o linux-agent'
step './linux-agent || ./linux-agent'
first_frame linux-agent "$count"
begin=$(awk -v begin="$begin" -v shared="$shared" -v now="$EPOCHREALTIME" 'BEGIN { printf "%.6f", now - (shared - begin) }')
step 'make -s -C examples/firmware'
step 'qemu-system-arm -M mps2-an386 -display none -semihosting -kernel examples/firmware/node.elf -serial tcp:127.0.0.1:7420 &'
first_frame c-sensor-node-mps2-an386 4
bin/dalloc devices
