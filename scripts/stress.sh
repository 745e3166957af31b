#!/usr/bin/env bash
# Random operations on the allocator and on a model of it, in many configurations; then eight threads on one heap:
#
#   scripts/stress.sh [--operations N] [--seed N]
#
# N operations for each configuration (1000000), and the seed of the first (1); the others count up from there. One line for each;
# stops at the first that fails, tells how to repeat it, and exits with 1. Builds stay in .build/stress/, two at a time.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."
operations=1000000
seed=1
while [ $# -gt 0 ]; do
    case "$1 ${2:-}" in
        "--operations "[1-9]*) operations=$2 ;;
        "--seed "[0-9]*) seed=$2 ;;
        *)
            sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
            exit 64
            ;;
    esac
    shift 2
done

# name, policy, then flags; those after a + are the program's alone.
# Each value that a configuration can have stands in one at least, and those that share code together.
configurations='
default                     eager
default-lazy                lazy
default-steps               lazy:64
single                      eager    -DUSE_SINGLE_HEAP_MEMORY
single-threads              lazy:64  -DUSE_SINGLE_HEAP_MEMORY -DUSE_THREAD_SAFETY -DALLOCATION_ALIGNMENT_BYTES=8
unaligned                   eager    -DDALLOC_NO_ALIGNMENT
unaligned-steps             lazy:64  -DUSE_ALIGNMENT=0 -DDALLOC_USE_CALL_SITES
alignment-1                 lazy     -DALLOCATION_ALIGNMENT_BYTES=1 -DUSE_THREAD_SAFETY
alignment-8-call-sites      eager    -DALLOCATION_ALIGNMENT_BYTES=8 -DDALLOC_USE_CALL_SITES -DUSE_THREAD_SAFETY
alignment-16                lazy:64  -DALLOCATION_ALIGNMENT_BYTES=16 -DDALLOC_USE_CALL_SITES
alignment-16-single         eager    -DALLOCATION_ALIGNMENT_BYTES=16 -DUSE_SINGLE_HEAP_MEMORY -DDALLOC_USE_CALL_SITES
no-fill                     eager    -DFILL_FREED_MEMORY_BY_NULLS=false
no-fill-unaligned           lazy     -DFILL_FREED_MEMORY_BY_NULLS=0 -DDALLOC_NO_ALIGNMENT
no-fill-single-steps        lazy:64  -DFILL_FREED_MEMORY_BY_NULLS=false -DUSE_SINGLE_HEAP_MEMORY -DUSE_THREAD_SAFETY
table-of-1                  eager    -DMAX_NUM_OF_ALLOCATIONS=1
table-of-1-lazy             lazy     -DMAX_NUM_OF_ALLOCATIONS=1 -DUSE_THREAD_SAFETY
table-of-5000               eager    -DMAX_NUM_OF_ALLOCATIONS=5000
table-of-5000-steps         lazy:4096 -DMAX_NUM_OF_ALLOCATIONS=5000 -DALLOCATION_ALIGNMENT_BYTES=8
pinning                     pinning
pinning-single-threads      pinning  -DUSE_SINGLE_HEAP_MEMORY -DUSE_THREAD_SAFETY -DALLOCATION_ALIGNMENT_BYTES=8
pinning-unaligned           pinning  -DDALLOC_NO_ALIGNMENT -DDALLOC_USE_CALL_SITES
pinning-alignment-16        pinning  -DALLOCATION_ALIGNMENT_BYTES=16 -DFILL_FREED_MEMORY_BY_NULLS=false
pinning-lazy                lazy     -DALLOCATION_ALIGNMENT_BYTES=8 -DDALLOC_USE_CALL_SITES
pinning-table-of-5000       pinning  -DMAX_NUM_OF_ALLOCATIONS=5000
programs-table              eager    + -DMAX_NUM_OF_ALLOCATIONS=37
programs-table-steps        lazy:64  -DMAX_NUM_OF_ALLOCATIONS=7 -DUSE_THREAD_SAFETY + -DMAX_NUM_OF_ALLOCATIONS=333
'
builds=$PWD/.build/stress
sources=(Tests/C/Stress/{stress,operations,pins,inspection,lifetime,misuse,corruption,compare,model}.c)
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
compile=("$toolchain/bin/clang" -fuse-ld=lld -std=c99 -O2 -g -Wall -Wextra -pedantic -Werror)
mkdir -p "$builds"

# The library as `SANITIZE=$1` makes it, in folder $2, with the flags that follow.
build_library() {
    SANITIZE=$1 scripts/build-library.sh dalloc host "$2" '-DDALLOC_CUSTOM_CONF_FILE="stress_conf.h"' -ITests/C/Stress "${@:3}"
}

build_stress() { # NAME [FLAG…]
    local folder=$builds/$1 library=() program=()
    for flag in "${@:2}"; do
        if [ "$flag" = + ] || [ ${#program[@]} -gt 0 ]; then program+=("$flag"); else library+=("$flag"); fi
    done
    build_library address,undefined "$folder" "${library[@]}"
    "${compile[@]}" "${program[@]:1}" -fsanitize=address,undefined -fno-sanitize-recover=undefined -I"$folder/include" "${sources[@]}" \
        "$folder/libdalloc.a" -o "$folder/stress"
}

# ThreadSanitizer's runtime in Swift's toolchain needs libdispatch.
build_threads() { # NAME [FLAG…]
    local folder=$builds/$1
    local runtime=$toolchain/lib/swift/linux
    build_library thread "$folder" -DUSE_THREAD_SAFETY "${@:2}"
    "${compile[@]}" -fsanitize=thread -Wl,--wrap=__tsan_external_write -I"$folder/include" Tests/C/Stress/threads.c \
        "$folder/libdalloc.a" -L"$runtime" -Wl,-rpath,"$runtime" -ldispatch -lBlocksRuntime -o "$folder/threads"
}

# Builds and runs NAME; one line when all is well, everything when not.
check() { # NAME COMMAND BUILD [FLAG…]
    local name=$1 command=$2 build=$3
    local folder=$builds/$name log=$builds/$name.log
    mkdir -p "$folder"
    if ! "$build" "$name" "${@:4}" >"$log" 2>&1; then
        printf '%s does not build:\n%s\n' "$name" "$(<"$log")" >&2
        return 1
    fi
    local start=$SECONDS
    # shellcheck disable=SC2086
    if ! "$folder/"$command >"$log" 2>&1; then
        printf '%s failed:\n%s\n' "$name" "$(<"$log")" >&2
        printf '  repeat: %s   (flags: %s)\n' ".build/stress/$name/$command" "${*:4}" >&2
        return 1
    fi
    printf '%-24s %3ss  %s\n' "$name" $((SECONDS - start)) "$(<"$log")"
}

running=0
failed=false
finish_one() {
    wait -n || failed=true
    running=$((running - 1))
}
start() {
    if [ $running -eq 2 ]; then finish_one; fi
    if $failed; then return; fi
    check "$@" &
    running=$((running + 1))
}

while read -r name policy flags; do
    if [ -z "$name" ]; then continue; fi
    # shellcheck disable=SC2086
    start "$name" "stress --seed $seed --operations $operations --policy $policy" build_stress $flags
    # Else a fault that needs one seed would be looked for with the same in all.
    seed=$((seed + 1))
done <<<"$configurations"
start threads "threads --seed $seed --rounds 20000" build_threads
start threads-call-sites "threads --seed $seed --rounds 20000" build_threads -DDALLOC_USE_CALL_SITES -DALLOCATION_ALIGNMENT_BYTES=16
while [ $running -gt 0 ]; do finish_one; done
if $failed; then exit 1; fi
