#!/usr/bin/env bash
# Measures the cost of recording a heap. On the line: bytes for an operation, by field, and the bytes that other formats take
# for the same operations. On the device: instructions, RAM and code. Four tables, then the same as one line of JSON. Progress
# goes to stderr; all files are in .build/bench-wire.
#
# The operations are those of Benchmarks/wire/workload.h, on the real allocator with the real agent. Instructions are counted by
# callgrind as in scripts/bench-allocator.sh, with the same choice of libc's memory functions: from entering a function to leaving
# it, all that it calls included. They depend on the versions of the compilers.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null || ! echo '#include <valgrind/callgrind.h>' | gcc -E - >/dev/null 2>&1; then
    echo "Missing: valgrind. Install it, on Debian or Ubuntu with:  sudo apt-get install -y valgrind gcc libc6-dev" >&2
    exit 69
fi
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
# Both print the same; the second comes with gcc.
size=$(command -v llvm-size || command -v size)

device=armv7em-none-none-eabi
sources=Benchmarks/wire
work=.build/bench-wire
rm -rf "$work"
mkdir -p "$work"
results=$work/results
operations=300000

say() { echo "bench-wire: $*" >&2; }

build() { # PROGRAM LIBRARY SOURCE…
    local files=("${@:3}")
    # Nothing is resolved in the midst of a measurement, and addresses are the same in every run.
    gcc -std=c99 -O2 -Wall -Wextra -pedantic -Werror -no-pie -Wl,-z,now -I"$2/include" -o "$work/$1" \
        "${files[@]/#/$sources/}" "$2/libDallocAgent.a" -lm
}

# The default recorder, of which a frame is made when a quarter of its 192 bytes are in use; and one that holds a second's operations,
# in a device that polls once a second.
shared=(device.c workload.c collector.c)
say "building for this machine"
scripts/build-library.sh DallocAgent host "$work/default" >/dev/null
scripts/build-library.sh DallocAgent host "$work/large" -DDALLOC_RECORDER_BYTES=2560 >/dev/null
build bytes-default "$work/default" bytes.c formats.c "${shared[@]}"
build bytes-large "$work/large" bytes.c formats.c "${shared[@]}"
build instructions "$work/default" instructions.c "${shared[@]}"

say "counting bytes"
"$work/bytes-large" 100 8192 "$operations" | sed 's/^/large /' >>"$results"
"$work/bytes-default" 10 1024 "$operations" | sed 's/^/default /' >>"$results"

# callgrind toggles: entering such a function while it collects switches collecting off until the function returns.
count() { # NAME FUNCTION…: the first function, without what it calls of the others
    local output=$work/$1.callgrind functions=("${@:2}")
    say "counting instructions: $1"
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-ERMS valgrind -q --tool=callgrind --callgrind-out-file="$output" \
        "${functions[@]/#/--toggle-collect=}" "$work/instructions" >&2
    # Each measurement is a file of its own, numbered.
    printf '%s\n' "$output".* | sort -V | xargs awk -v counted="$1" '
        sub(/^desc: Trigger: Client Request: /, "") { label = $0 }
        /^totals: / && label != "" { print "instructions", counted, label, $2; label = "" }
    ' >>"$results"
}

count nothing nothing
if ! grep -qx 'instructions nothing nothing 1 0 0 1' "$results"; then
    say "callgrind counted more or less than the functions it was told to"
    exit 70
fi
for function in dalloc dfree drealloc; do count "$function" "$function"; done
count poll dalloc_agent_poll
# Without what the device brings itself: its clock and its link, which here reads and verifies all that it is given.
count poll_alone dalloc_agent_poll device_now collector_read collector_write

say "building for $device"
# What a firmware with an agent needs: dalloc 1.5's core, and the agent. Linked as a firmware does it, as far as that goes.
functions=(heap_init heap_deinit dalloc dfree drealloc replace_pointers validate_ptr heap_lock heap_unlock
    dalloc_agent_init dalloc_agent_deinit dalloc_agent_attach dalloc_agent_poll dalloc_agent_flush
    dalloc_agent_is_drained dalloc_agent_counters)
library=$(scripts/build-library.sh DallocAgent "$device" "$work/$device")
"$tools/ld.lld" -r --gc-sections $(printf -- '-u %s ' "${functions[@]}") -o "$work/$device/firmware.o" "$library"
"$size" "$work/$device/firmware.o" | awk 'NR == 2 { print "code text", $1; print "code static", $2 + $3 }' >>"$results"
"$tools/clang" --target="$device" -ffreestanding -fshort-enums -std=c99 -Wall -Wextra -pedantic -Werror \
    -I"$work/$device/include" -c -o "$work/$device/ram.o" "$sources/ram.c"
"$tools/llvm-nm" --print-size --radix=d "$work/$device/ram.o" | awk '{ print $4, $2 + 0 }' >>"$results"

awk -v operations="$operations" '
    function key(name, value) { json = json (json == "" ? "" : ", ") "\"" name "\": " value }
    function each(which, name) { return value[which, name] / operations }
    function verdict(number, pattern, how, bound) {
        return number < bound || how == "at most" && number == bound ? "met" : sprintf("missed by " pattern, number - bound)
    }
    function part(title, name) {
        printf "%-58s %9.3f %9.3f\n", title, each("large", name) / 8, each("default", name) / 8
        key(name "_bytes_per_op", sprintf("%.4f", each("large", name) / 8))
    }
    function format(title, name, remark) {
        printf "%-34s %9.2f %9.1f   %s\n", title, each("large", name), value["large", name] / value["large", "bytes"], remark
        key(name "_bytes_per_op", sprintf("%.3f", each("large", name)))
    }
    function target(title, name, number, pattern, how, bound) {
        printf "%-46s %9s   %-8s %6s   %s\n", title, sprintf(pattern, number), how, bound, \
            verdict(number, pattern, how, bound)
        key(name, sprintf(pattern, number))
    }
    function recording(title, counted, column, calls, alone, recorded) {
        calls = count[counted, "recorded", column]
        alone = total[counted, "alone"]
        recorded = total[counted, "recorded"]
        printf "%-26s %9d %15.1f %15.1f %15.1f\n", title, calls, alone / calls, recorded / calls, (recorded - alone) / calls
        key("record_" title "_instructions", sprintf("%.1f", (recorded - alone) / calls))
        all_calls += calls
        all += recorded - alone
        all_alone += alone
    }

    $1 == "large" || $1 == "default" || $1 == "code" { value[$1, $2] = $3 }
    $1 == "instructions" {
        for (column = 1; column <= 3; column++) count[$2, $3, column] = $(3 + column)
        total[$2, $3] = $7
    }
    /^ram_/ { ram[$1] = $2 }

    END {
        printf "%d operations in %.0f s: %d allocations, %d frees, %d resizes, %d moves; %d blocks live on average\n\n", \
            operations, value["large", "milliseconds"] / 1000, value["large", "allocs"], value["large", "frees"], \
            value["large", "resizes"], value["large", "moves"], value["large", "live"]

        printf "%-58s %9s %9s\n", "Bytes on the line for an operation", "large", "default"
        printf "%-58s %9d %9d\n", "  recorder (DALLOC_RECORDER_BYTES)", value["large", "recorder"], value["default", "recorder"]
        printf "%-58s %9d %9d\n", "  transmit buffer", value["large", "transmit"], value["default", "transmit"]
        printf "%-58s %9d %9d\n", "  milliseconds between polls", value["large", "poll"], value["default", "poll"]
        printf "%-58s %9d %9d\n", "  DELTAs", value["large", "deltas"], value["default", "deltas"]
        printf "%-58s %9.1f %9.1f\n", "  operations in a DELTA", operations / value["large", "deltas"], \
            operations / value["default", "deltas"]
        printf "%-58s %9d %9d\n", "  longest DELTA, bytes", value["large", "delta_bytes_max"], value["default", "delta_bytes_max"]
        print ""
        part("heads: kinds of operations", "heads")
        part("ticks: between operations", "ticks")
        part("depths: of the blocks that are freed or resized", "depths")
        part("sizes", "sizes")
        part("owners", "owners")
        part("states: totals, digest and ticks of DELTAs", "states")
        part("keyframes: the table once a minute", "keyframes")
        part("hello", "hello")
        part("framing: stuffing, checksums, zeros", "framing")
        printf "%-58s %9.3f %9.3f\n", "all", each("large", "bytes"), each("default", "bytes")
        printf "%-58s %9.3f %9.3f\n", "(to the device: WELCOME and ACK)", each("large", "replies"), each("default", "replies")

        printf "\n%-34s %9s %9s\n", "The same operations", "bytes", "ratio"
        printf "%-34s %9.2f %9.1f   %s\n", "HeapWire, large", each("large", "bytes"), 1, "all included"
        printf "%-34s %9.2f %9.1f   %s\n", "HeapWire, default", each("default", "bytes"), \
            value["default", "bytes"] / value["large", "bytes"], "all included"
        format("protobuf, length-delimited", "protobuf", "messages only")
        format("CBOR, a map each", "cbor", "messages only")
        format("JSON, an object each", "json", "messages only")
        format("SystemView", "systemview", "computed, not measured; no owners, no moves, times in ms")
        format("Tracealyzer", "tracealyzer", "computed, not measured; no owners, no moves")

        printf "\n%-26s %9s %15s %15s %15s\n", "Instructions of a call", "calls", "alone", "recorded", "for recording"
        recording("dalloc", "dalloc", 1)
        recording("dfree", "dfree", 2)
        recording("drealloc", "drealloc", 3)
        record = all / all_calls
        printf "%-26s %9d %15.1f %15.1f %15.1f\n", "mean", all_calls, all_alone / all_calls, \
            all_alone / all_calls + record, record
        polls = count["poll", "idle", 1]
        idle = total["poll", "idle"] / polls
        alone = total["poll_alone", "idle"] / polls
        framing = total["poll_alone", "recorded"] / all_calls
        printf "\n%-58s %15.1f\n", "An idle dalloc_agent_poll", idle
        printf "%-58s %15.1f\n", "  without the instructions of its clock and link", alone
        printf "%-58s %15.1f\n", "All polls, without clock and link, for an operation", framing
        key("poll_idle_alone_instructions", sprintf("%.1f", alone))
        key("poll_instructions_per_op", sprintf("%.1f", framing))

        print "\nTargets"
        target("bytes for an operation, large", "bytes_per_op", each("large", "bytes"), "%.3f", "at most", 1.9)
        target("bytes for an operation, default", "bytes_per_op_default", each("default", "bytes"), "%.3f", "at most", 2.3)
        target("bytes of a keyframe of 100 blocks", "keyframe_bytes_100", value["large", "keyframe_bytes"], "%d", "at most", 300)
        target("instructions to record an operation", "record_instructions", record, "%.1f", "below", 100)
        target("instructions of an idle poll", "poll_idle_instructions", idle, "%.1f", "below", 50)
        agent_ram = ram["ram_agent"] + ram["ram_recorder"] + 1024
        target("RAM, bytes (armv7em, default)", "ram_bytes", agent_ram, "%d", "below", 1700)
        target("text, bytes (armv7em, -Osize)", "text_bytes_armv7em", value["code", "text"], "%d", "below", 9216)
        printf "\nRAM: agent %d, recorder %d, transmit buffer 1024; beside them the heap_t of 100 entries, %d\n", \
            ram["ram_agent"], ram["ram_recorder"], ram["ram_heap_table"]
        key("ram_agent_bytes", ram["ram_agent"])
        key("ram_recorder_bytes", ram["ram_recorder"])
        key("static_ram_bytes_armv7em", value["code", "static"])
        print ""
        print "{" json "}"
    }
' "$results"
