#!/usr/bin/env bash
# Builds the firmwares of Agent/firmware for the boards named, or for all, in .build/firmware/BOARD, and prints the path of each image:
#
#   scripts/build-firmware.sh [mps2-an386|microbit|virt]…
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then set -- mps2-an386 microbit virt; fi
packages=(cmake ninja-build)
for board; do
    if [ "$board" = virt ]; then
        packages+=(gcc-riscv64-unknown-elf qemu-system-misc)
    else
        packages+=(gcc-arm-none-eabi qemu-system-arm)
    fi
done
scripts/install-missing.sh "${packages[@]}"
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
