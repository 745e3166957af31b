#!/usr/bin/env bash
# Builds the firmwares of Agent/firmware for the boards named, or for all, in .build/firmware/BOARD, and prints the path of each image:
#
#   scripts/build-firmware.sh [mps2-an386|microbit|virt]…
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then set -- mps2-an386 microbit virt; fi
scripts/install-missing.sh cmake ninja-build gcc-arm-none-eabi gcc-riscv64-unknown-elf qemu-system-arm qemu-system-misc
for board; do
    output=.build/firmware/$board
    log=$output/build.log
    mkdir -p "$output"
    # Quiet unless it fails.
    {
        cmake -S Agent/firmware -B "$output" -G Ninja -DBOARD="$board" && cmake --build "$output"
    } >"$log" 2>&1 || {
        cat "$log" >&2
        exit 1
    }
    ls "$output"/*.elf
done
