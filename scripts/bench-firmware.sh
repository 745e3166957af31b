#!/usr/bin/env bash
# Counts what the agent costs a firmware: instructions and stack on a Cortex-M4 in QEMU, flash and RAM of the firmwares of Agent/firmware
# on each board, with the agent and without. Three tables, then the same as one line of JSON. Progress goes to stderr; all files are in
# .build/bench-firmware.
#
# QEMU runs with -icount, so that every instruction takes the same time, and a timer of the board counts them: the numbers are the same in
# every run. They depend on the versions of the compilers, and leave out what a real core waits for.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."
scripts/install-missing.sh cmake ninja-build gcc-arm-none-eabi gcc-riscv64-unknown-elf qemu-system-arm

work=.build/bench-firmware
results=$work/results
mkdir -p "$work"
: >"$results"

say() { echo "bench-firmware: $*" >&2; }

for board in mps2-an386 microbit virt; do
    say "building for $board"
    {
        cmake -S Agent/firmware -B "$work/$board" -G Ninja -DBOARD="$board" -DBENCHMARKS=ON && cmake --build "$work/$board"
    } >"$work/$board.log" 2>&1 || {
        cat "$work/$board.log" >&2
        exit 1
    }
    tool=arm-none-eabi-size
    [ "$board" != virt ] || tool=riscv64-unknown-elf-size
    for watched in "$work/$board"/*-watched.elf; do
        image=$(basename "$watched" -watched.elf)
        [[ $image != bench-* ]] || continue
        for variant in watched alone; do
            "$tool" -A "$work/$board/$image-$variant.elf" \
                | awk -v row="section $board $image $variant" '/^\.(text|data|bss|noinit) / { print row, $1, $2 }' >>"$results"
        done
    done
done

# With sleep=off, time that the processor sleeps through passes at once.
run() { # PROGRAM SHIFT LABEL
    say "running $1"
    timeout 300 qemu-system-arm -M mps2-an386 -display none -monitor none -serial null -serial null \
        -semihosting-config enable=on,target=native -icount "shift=$2,sleep=off" \
        -kernel "$work/mps2-an386/$1.elf" >"$work/$1.out" 2>&1 || {
        cat "$work/$1.out" >&2
        say "$1 failed"
        exit 1
    }
    sed "s/^/$3 /" "$work/$1.out" >>"$results"
}
run bench-operations 10 operation
run bench-sensor-watched 6 watched
run bench-sensor-alone 6 alone

awk '
    function key(name, value) { json = json (json == "" ? "" : ", ") "\"" name "\": " value }
    function verdict(met) { return met ? "met" : "missed" }
    $1 == "section" {
        image = $2 " " $3
        if (!(image in seen)) { seen[image] = 1; images[++image_count] = image }
        size[image, $4, $5] = $6
    }
    $1 == "operation" { value[$2] = $3 }
    $1 == "watched" || $1 == "alone" { sensor[$1, $2] = $3 }
    function row(title, alone, recorded) {
        printf "%-44s %10d %10d %10d %8.1f %%\n", title, alone, recorded, recorded - alone, 100 * (recorded - alone) / alone
    }
    function single(title, name) {
        printf "%-44s %10d\n", title, value[name]
        key(name "_instructions", value[name])
    }
    function stack(title, name) {
        printf "%-44s %10d\n", title, value["stack_" name]
        key("stack_" name, value["stack_" name])
    }
    function target(title, number, pattern, bound) {
        printf "%-52s %8s   at most %6s   %s\n", title, sprintf(pattern, number), bound, verdict(number <= bound)
    }
    END {
        printf "%-44s %10s %10s %10s\n", "Instructions on a Cortex-M4", "alone", "recorded", "recording"
        for (live = 10; live <= 100; live = live == 10 ? 50 : live + 50) {
            row("dalloc of 64 bytes, " live " blocks", value["alloc_" live], value["alloc_" live "_recorded"])
            key("alloc_" live "_instructions", value["alloc_" live])
            row("dfree, " live " blocks of 64 bytes", value["free_" live], value["free_" live "_recorded"])
            key("free_" live "_instructions", value["free_" live])
        }
        row("c-sensor-node: def_dalloc, mean", sensor["alone", "sensor_alloc"], sensor["watched", "sensor_alloc"])
        row("c-sensor-node: def_dfree, mean", sensor["alone", "sensor_free"], sensor["watched", "sensor_free"])
        key("sensor_free_instructions", sensor["alone", "sensor_free"])
        key("record_alloc_instructions", value["alloc_50_recorded"] - value["alloc_50"])
        key("record_free_instructions", value["free_50_recorded"] - value["free_50"])
        print ""
        single("dalloc_agent_poll, nothing to do", "poll_idle")
        single("  that cuts 16 operations of 100 blocks", "poll_delta_100_blocks_16_operations")
        single("  that hears an acknowledgement", "poll_acknowledged")
        single("  that cuts a keyframe of 10 blocks", "keyframe_10")
        single("  of 50 blocks", "keyframe_50")
        single("  of 100 blocks", "keyframe_100")

        printf "\n%-44s\n", "Bytes of stack on a Cortex-M4"
        stack("dalloc_agent_init", "init")
        stack("dalloc_agent_attach", "attach")
        stack("dalloc_agent_poll", "poll")
        stack("dalloc_agent_flush", "flush")
        stack("dalloc_agent_is_drained", "is_drained")
        stack("dalloc_agent_counters", "counters")
        stack("dalloc_agent_deinit", "deinit")
        stack("recording an operation, below the allocator", "record")
        stack("the allocator, alone", "heap_alone")
        stack("the allocator, recorded", "heap_recorded")

        printf "\n%-38s %8s %8s %8s %8s %8s %8s\n", "Bytes of an image", ".text", ".data", ".bss", ".noinit", "flash", "RAM"
        for (number = 1; number <= image_count; number++) {
            image = images[number]
            for (each = 1; each <= 2; each++) {
                variant = each == 1 ? "alone" : "watched"
                flash[variant] = size[image, variant, ".text"] + size[image, variant, ".data"]
                ram[variant] = size[image, variant, ".data"] + size[image, variant, ".bss"] + size[image, variant, ".noinit"]
                printf "%-38s %8d %8d %8d %8d %8d %8d\n", image (each == 1 ? ", no agent" : ""), \
                    size[image, variant, ".text"], size[image, variant, ".data"], size[image, variant, ".bss"], \
                    size[image, variant, ".noinit"], flash[variant], ram[variant]
            }
            name = image
            gsub(/[- ]/, "_", name)
            key(name "_flash_added", flash["watched"] - flash["alone"])
            key(name "_ram_added", ram["watched"] - ram["alone"])
            added_flash[image] = flash["watched"] - flash["alone"]
            added_ram[image] = ram["watched"] - ram["alone"]
        }
        share = (sensor["watched", "sensor_free"] - sensor["alone", "sensor_free"]) / sensor["alone", "sensor_free"]
        sensor_node = "mps2-an386 c-sensor-node"
        print "\nTargets, on the Cortex-M4"
        target("flash that the agent adds to c-sensor-node", added_flash[sensor_node], "%d", 6144)
        target("RAM that it adds beside 6144 of frames, bytes", added_ram[sensor_node] - 6144, "%d", 640)
        target("share of recording in the average free, %", 100 * share, "%.1f", 15)
        target("stack of any entry point, bytes", value["stack_bytes"], "%d", 400)
        key("flash_added", added_flash[sensor_node])
        key("ram_added", added_ram[sensor_node])
        key("record_share_of_free", sprintf("%.3f", share))
        key("stack_bytes", value["stack_bytes"])
        print ""
        print "{" json "}"
    }
' "$results"
