#!/usr/bin/env bash
# Boots a firmware of Agent/firmware in QEMU, in the foreground:
#
#   scripts/boot-firmware.sh BOARD IMAGE FOLDER
#
# The agent's UART is a pseudo-terminal, whose path QEMU prints: a serial line for a collector. In FOLDER is what else there is
# to a board: `commands`, a socket for QEMU's own commands (QMP), and `console`. On mps2-an386, console is a socket on the
# second UART: send a `?`, and the firmware prints what is in its heaps. The other boards print into the file console when they
# find a file `ask` in FOLDER.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0

if [ $# -ne 3 ]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
fi
board=$1
image=$(realpath "$2")
cd "$3"

case $board in
    mps2-an386 | microbit) machine=(qemu-system-arm -M "$board") ;;
    virt) machine=(qemu-system-riscv32 -M virt -bios none -m 8M) ;;
    *)
        echo "boot-firmware: there is no board $board" >&2
        exit 64
        ;;
esac
if ! command -v "${machine[0]}" >/dev/null; then
    echo "Missing: ${machine[0]}. Install it, on Debian or Ubuntu with:  sudo apt-get install -y qemu-system-arm qemu-system-misc" >&2
    exit 69
fi
# A path in the options of a socket may have about a hundred letters, so all are relative.
if [ "$board" = mps2-an386 ]; then
    console=(-chardev socket,id=console,path=console,server=on,wait=off -serial chardev:console
        -semihosting-config enable=on,target=native)
else
    console=(-chardev file,id=console,path=console -semihosting-config enable=on,target=native,chardev=console)
fi
exec "${machine[@]}" -display none -monitor none -qmp unix:commands,server=on,wait=off \
    -chardev pty,id=agent -serial chardev:agent "${console[@]}" -kernel "$image"
