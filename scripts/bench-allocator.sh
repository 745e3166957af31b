#!/usr/bin/env bash
# Counts the instructions that the allocator takes for an operation, next to those that any compacting allocator must take,
# and the bytes of its code: three tables, then the same as one line of JSON. Progress goes to stderr; all files are in
# .build/bench-allocator.
#
# Instructions are counted by callgrind (--toggle-collect: from entering dalloc, dfree, drealloc or a floor to leaving it, all
# that they call included), so each run gives the same numbers; they depend on the versions of the compilers and of libc.
# memmove and memset are counted as libc chooses them for the processor that valgrind presents, on both sides alike, but
# without `rep movsb`: callgrind takes that for one instruction a byte, and nothing else would be visible beside it.
# What the floor includes is said in Benchmarks/allocator/floor.h.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null || ! echo '#include <valgrind/callgrind.h>' | gcc -E - >/dev/null 2>&1; then
    echo "Missing: valgrind. Install it, on Debian or Ubuntu with:  sudo apt-get install -y valgrind gcc libc6-dev" >&2
    exit 69
fi
# Both print the same; the second comes with gcc.
size=$(command -v llvm-size || command -v size)
linker=$(dirname "$(readlink -f "$(command -v swiftc)")")/ld.lld

sources=Benchmarks/allocator
work=.build/bench-allocator
rm -rf "$work"
mkdir -p "$work"
results=$work/results

say() { echo "bench-allocator: $*" >&2; }

build() { # PROGRAM TABLE_SIZE SOURCE…
    local program=$work/$1-$2 library=$work/host-$2
    local files=("${@:3}")
    say "building $1 for $2 blocks"
    scripts/build-library.sh dalloc host "$library" "-DMAX_NUM_OF_ALLOCATIONS=$2" >/dev/null
    # Static: nothing is resolved in the midst of a measurement, and libc's functions have their names.
    gcc -std=c99 -O2 -Wall -Wextra -pedantic -Werror -static -I"$library/include" -o "$program" \
        "${files[@]/#/$sources/}" "$library/libdalloc.a"
}

count() { # PROGRAM
    local output=$work/$1.callgrind
    say "counting $1"
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-ERMS valgrind -q --tool=callgrind --callgrind-out-file="$output" \
        --toggle-collect=dalloc --toggle-collect=dfree --toggle-collect=drealloc --toggle-collect='floor_*' \
        "$work/$1" >&2
    # Each measurement is a file of its own, numbered.
    printf '%s\n' "$output".* | sort -V | xargs awk '
        sub(/^desc: Trigger: Client Request: /, "") { label = $0 }
        /^totals: / && label != "" { print label, $2; label = "" }
    ' >>"$results"
}

build operations 600 operations.c floor.c
"$work/operations-600" verify
count operations-600
if ! grep -qx 'nothing 0 1 floor 1' "$results"; then
    say "callgrind counted more or less than the functions it was told to"
    exit 70
fi
memory_functions=$(
    sed -n 's/^c\{0,1\}fn=([0-9]*) \(__mem[a-z0-9_]*\)$/\1/p' "$work"/operations-600.callgrind.* | LC_ALL=C sort -u \
        | paste -sd ' '
)
for table in 1 100 5000 65535; do
    build alloc_bound "$table" alloc_bound.c
    count "alloc_bound-$table"
done

# What dalloc 1.5's core needs on a device, without what printing, the lazy policy, the walker and the check add, and without
# the memmove and memset of the program it is linked into. It is linked as a firmware does it, as far as that goes.
core=(heap_init heap_deinit dalloc dfree drealloc replace_pointers validate_ptr heap_lock heap_unlock)
berkeley() { "$size" "$1" | awk 'NR == 2 { print $1, $2, $3 }'; } # FILE -> text data bss
for target in armv7em-none-none-eabi armv6m-none-none-eabi riscv32-none-none-eabi x86_64-unknown-none-elf; do
    say "building for $target"
    library=$(scripts/build-library.sh dalloc "$target" "$work/$target")
    "$linker" -r --gc-sections $(printf -- '-u %s ' "${core[@]}") -o "$work/$target/core.o" "$library"
    echo "size $target core $(berkeley "$work/$target/core.o")" >>"$results"
    echo "size $target everything $(berkeley "$library")" >>"$results"
done

awk -v memory_functions="$memory_functions" '
    function key(name, value) { json = json (json == "" ? "" : ", ") "\"" name "\": " value }

    BEGIN {
        title["alloc"] = "dalloc"
        title["free"] = "dfree"
        title["grow"] = "drealloc 64 to 96"
        title["shrink"] = "drealloc 64 to 32"
        title["lazy_free"] = "lazy dfree"
        title["lazy_alloc"] = "lazy dalloc, with room"
        title["lazy_alloc_compacting"] = "lazy dalloc, compacting"
    }

    $1 == "alloc_bound" {
        bounds[++bound_count] = $0
        if ($4 == "stale") { if ($5 > stale) stale = $5 } else if ($5 > most) most = $5
    }

    $1 == "size" { sizes[++size_count] = $0 }

    $4 == "instructions" && $1 in title { instructions[$1, $2] = $5 / $3 }

    $4 == "floor" && $1 in title {
        rows[++row_count] = $1 " " $2
        floor[$1, $2] = $5 / $3
        if ($1 == "alloc" && instructions[$1, $2] > most) most = instructions[$1, $2]
    }

    END {
        print "Instructions of an operation on a heap of so many blocks of 64 bytes, the mean over all its blocks;"
        print "with " memory_functions "\n"
        printf "%-26s %12s %13s %9s %7s\n", "operation", "live blocks", "instructions", "floor", "ratio"
        for (row = 1; row <= row_count; row++) {
            split(rows[row], part, " ")
            name = part[1]; blocks = part[2]
            took = instructions[name, blocks]; least = floor[name, blocks]
            printf "%-26s %12d %13.1f %9.1f %7.2f\n", title[name], blocks, took, least, took / least
            key(name "_instructions_" blocks, sprintf("%.1f", took))
            key(name "_floor_" blocks, sprintf("%.1f", least))
            key(name "_over_floor_" blocks, sprintf("%.3f", took / least))
        }

        print "\nInstructions of a single dalloc, into the first entry that is free and into the last, for a variable outside"
        print "the heap, inside it, and outside with the address of a block that another variable owns; the latter two"
        print "need a block, so their first entry is the second\n"
        printf "%-26s %12s %13s %9s %7s\n", "entries in the table", "entry", "outside", "inside", "stale"
        for (row = 1; row <= bound_count; row++) {
            split(bounds[row], part, " ")
            where = part[2] " " part[3]
            if (!(where in listed)) { places[++place_count] = where; listed[where] = 1 }
            single[where, part[4]] = part[5]
            key("alloc_instructions_" part[2] "_" part[3] "_" part[4], part[5])
        }
        for (place = 1; place <= place_count; place++) {
            where = places[place]
            split(where, part, " ")
            printf "%-26s %12s %13s %9s %7s\n", part[1], part[2], single[where, "outside"], \
                (where, "inside") in single ? single[where, "inside"] : "-", \
                (where, "stale") in single ? single[where, "stale"] : "-"
        }

        print "\nBytes at -Osize: the nine functions of dalloc 1.5 (heaps, blocks, locks), and all public functions\n"
        printf "%-26s %12s %13s %9s %7s\n", "target", "functions", "text", "data", "bss"
        for (row = 1; row <= size_count; row++) {
            split(sizes[row], part, " ")
            printf "%-26s %12s %13d %9d %7d\n", part[2], part[3], part[4], part[5], part[6]
            short = part[2]
            sub(/-.*/, "", short)
            which = part[3] == "core" ? "" : "everything_"
            key(which "text_bytes_" short, part[4])
            key(which "static_ram_bytes_" short, part[5] + part[6])
        }
        print ""
        key("alloc_stale_instructions_max", stale)
        key("alloc_instructions_max", most)
        print "{" json "}"
    }
' "$results"
