#!/usr/bin/env bash
# Builds a static library for C programs from the Swift sources, without the Swift runtime and without a heap of its own:
#
#   scripts/build-library.sh PRODUCT TARGET OUTPUT_FOLDER [FLAG…]
#
# PRODUCT is dalloc (the allocator alone) or DallocAgent (with the agent). TARGET is `host` for this machine,
# armv6m-none-none-eabi, armv7em-none-none-eabi, riscv32-none-none-eabi, x86_64-unknown-none-elf or another target of Embedded
# Swift; aarch64-unknown-linux-gnu needs Debian's gcc-aarch64-linux-gnu elsewhere. It leaves OUTPUT_FOLDER/libPRODUCT.a, and the
# public headers in OUTPUT_FOLDER/include, which know what the library was configured with, and how heap_t is laid out in it. FLAGs
# such as -DALLOCATION_ALIGNMENT_BYTES=8, -DDALLOC_CUSTOM_CONF_FILE='"my_conf.h"', -Iconfig or -mfloat-abi=hard go to both
# compilers. SANITIZE=address,undefined in the environment instruments the library, for tests.
# OUTPUT_FOLDER/libPRODUCT.d tells make and ninja which headers the configuration depends on.
# With MODULES=yes the library serves programs in Embedded Swift, too: it leaves the modules in OUTPUT_FOLDER/modules.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0

if [ $# -lt 3 ] || [[ $1 != dalloc && $1 != DallocAgent ]]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
fi
product=$1
target=$2
output=$3
shift 3
root=$(cd "$(dirname "$0")/.." && pwd)
source "$root/scripts/toolchain.sh"
[ "$target" != host ] || target=$(host_target)
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$output/objects
rm -rf "$work" "$output/include" "$output/modules" "$output/lib$product.a"
mkdir -p "$work" "$output/include"

# Swift has no embedded library for arm64 Linux on other machines, but one for arm64 without a system, which is all it uses of it.
swift_target=$target
cross=()
if [[ $target == aarch64-*-linux-gnu && $(host_target) != aarch64-* ]]; then
    swift_target=aarch64-none-none-elf
    cross=(--sysroot=/usr/aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include)
    if [ ! -d "${cross[2]}" ]; then
        echo "build-library: there are no headers of arm64 Linux. Install gcc-aarch64-linux-gnu and libc6-dev-arm64-cross." >&2
        exit 69
    fi
fi

# The compiler's own tools: they read objects of every target.
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")

hosted=false
flags=(-ffunction-sections -fdata-sections -fno-stack-protector)
case $target in
    *-linux-gnu) hosted=true flags+=(-fPIC) ;;
    arm*-none-*) flags+=(-ffreestanding -fshort-enums) ;; # as arm-none-eabi-gcc
    *) flags+=(-ffreestanding) ;;
esac
# Unwind tables are of no use without a runtime that reads them.
$hosted || flags+=(-fno-unwind-tables -fno-asynchronous-unwind-tables)

# A configuration header is searched from here, and installed with the others.
conf=
folders=(.)
# A header of the user's is compiled as the user's compiler would: GNU's dialect, and warnings are no errors. What is only ours is
# held to more.
dialect=(-std=gnu17)
strict=(-Wall -Wextra -Werror)
for flag in "$@"; do
    [[ $flag == -I* ]] && folders+=("${flag#-I}")
done
for flag in "$@"; do
    case $flag in
        -DDALLOC_CUSTOM_CONF_FILE=*)
            name=${flag#*=}
            name=${name//\"/}
            for folder in "${folders[@]}"; do
                [[ $name == /* ]] && folder=
                if [ -f "${folder:+$folder/}$name" ]; then
                    conf=$(realpath "${folder:+$folder/}$name")
                    break
                fi
            done
            if [ -z "$conf" ]; then
                echo "build-library: there is no configuration header $name here or in the folders given with -I" >&2
                exit 66
            fi
            flags+=("-DDALLOC_CUSTOM_CONF_FILE=\"$conf\"")
            strict=(-Wno-macro-redefined)
            ;;
        -I*) flags+=("-I$(realpath -m "${flag#-I}")") ;;
        *) flags+=("$flag") ;;
    esac
done

modules=(Sources/Dalloc)
public=("$root/Sources/CDalloc/include") # what the user gets
internal=("$root/Sources/CDalloc") # what lies under the Swift modules: C, and its headers
if [ "$product" = DallocAgent ]; then
    modules=(Sources/HeapWire Sources/Dalloc Agent/DallocAgent)
    public+=("$root/Agent/DallocAgent/include")
    internal+=("$root/Agent/DallocAgent/port")
    if $hosted; then
        modules+=(Agent/POSIXLink)
        public+=("$root/Agent/POSIXLink/include")
        internal+=("$root/Agent/POSIXLink/system")
    fi
fi
includes=("${public[@]}" "${internal[@]}")
sanitize=()
swift_sanitize=()
if [ -n "${SANITIZE:-}" ]; then
    sanitize=("-fsanitize=$SANITIZE" -fno-omit-frame-pointer)
    # Swift has no undefined behaviour that UBSan could find.
    for name in ${SANITIZE//,/ }; do
        if [ "$name" != undefined ]; then swift_sanitize+=("-sanitize=$name"); fi
    done
fi

for folder in "${public[@]}"; do cp "$folder"/*.h "$output/include/"; done

clang=("$tools/clang" --target="$target" "${cross[@]}" "${dialect[@]}" "${flags[@]}" "${includes[@]/#/-I}" -DDALLOC_LIBRARY_BUILD)
# The values that the configuration comes to: `macro NAME` prints one, and fails when it isn't defined.
# By its path: a folder given with -I may have a dalloc_conf.h of the user's.
macros=$("${clang[@]}" -w -dM -E "$root/Sources/CDalloc/include/dalloc_conf.h")
# Headers that the configuration includes, for whoever builds again when one of them has changed.
"${clang[@]}" -w -M -MQ "$output/lib$product.a" -MF "$output/lib$product.d" \
    "$root/Sources/CDalloc/include/dalloc_conf.h"
macro() { grep -q "^#define $1\( \|\$\)" <<<"$macros" && sed -n "s/^#define $1 \{0,1\}//p" <<<"$macros"; }

single_heap=()
if macro USE_SINGLE_HEAP_MEMORY >/dev/null; then single_heap=(-D DALLOC_SINGLE_HEAP); fi

# How the structs come out, as the sizes of variables, which an object of any target shows.
cat >"$work/layout.c" <<'END'
#include "dalloc.h"
char DALLOC_LIBRARY_ENTRY_SIZE[sizeof(ptr_info_t)];
char DALLOC_LIBRARY_TOTALS_OFFSET[offsetof(alloc_info_t, total_allocations)];
char DALLOC_LIBRARY_OBSERVER_OFFSET[offsetof(heap_t, observer)];
char DALLOC_LIBRARY_TABLE_OFFSET[offsetof(heap_t, alloc_info) + offsetof(alloc_info_t, ptr_info_arr)];
END
"${clang[@]}" -w -fno-lto -c "$work/layout.c" -o "$work/layout"
layout=$(
    "$tools/llvm-nm" --print-size --radix=d "$work/layout" \
        | awk '$4 ~ /^DALLOC_LIBRARY_/ { print "#define", $4, $2 + 0 }'
)
rm "$work"/layout*

# What the headers say to a program that is compiled with them: dalloc_library_conf.h.in, filled in.
definitions= # of FLAGs that the configuration does not say in other ways
for flag in "${flags[@]}"; do
    [[ $flag == -D* && $flag != -DDALLOC_CUSTOM_CONF_FILE=* ]] || continue
    definition=${flag#-D}
    name=${definition%%=*}
    value=1
    [[ $definition == *=* ]] && value=${definition#*=}
    # Not what the configuration header has the last word on.
    [[ $name == *"("* ]] || [ "$(macro "$name" || echo "not $value")" = "$value" ] || continue
    case $name in
        USE_ALIGNMENT | DALLOC_NO_ALIGNMENT) continue ;; # the template has all the ways to say it
        # The template has these as well, but a configuration header may ask for them.
        MAX_NUM_OF_ALLOCATIONS | ALLOCATION_ALIGNMENT_BYTES | USE_SINGLE_HEAP_MEMORY | USE_THREAD_SAFETY \
            | DALLOC_USE_CALL_SITES | USE_FREE_RTOS | DALLOC_EXTERNAL_MUTEX)
            [ -n "$conf" ] || continue ;;
    esac
    definitions+="#ifndef ${name%%(*}"$'\n'"#define $name $value"$'\n#endif\n'
done
[ -z "$conf" ] || cp "$conf" "$output/include/dalloc_library_custom_conf.h"
template=$(<"$root/scripts/dalloc_library_conf.h.in")
fill() { template=${template//"@$1@"/"$2"}; } # NAME VALUE
fill DEFINITIONS "$definitions"
fill HAS_CUSTOM_CONF "$([ -z "$conf" ] && echo 0 || echo 1)"
for name in MAX_NUM_OF_ALLOCATIONS ALLOCATION_ALIGNMENT_BYTES; do
    value=$(macro $name || echo 0)
    fill $name "$value"
    # A suffix is not for readers.
    fill ${name}_WORDS "${value%%[uUlL]*}"
done
for name in USE_ALIGNMENT USE_FREE_RTOS DALLOC_EXTERNAL_MUTEX USE_SINGLE_HEAP_MEMORY DALLOC_USE_CALL_SITES USE_THREAD_SAFETY; do
    fill HAS_$name "$(macro $name >/dev/null && echo 1 || echo 0)"
done
fill LAYOUT "$layout"
printf '%s\n' "$template" >"$output/include/dalloc_library_conf.h"

compile_c() { # FILE
    "${clang[@]}" -Os "${strict[@]}" "${sanitize[@]}" -c "$1" -o "$work/$(basename "$1" .c).c.o"
}

compile_swift() { # FOLDER
    local name importer=() sources
    name=$(basename "$1")
    for flag in "${flags[@]}" "${cross[@]}" -DDALLOC_LIBRARY_BUILD -Wno-macro-redefined; do importer+=(-Xcc "$flag"); done
    mapfile -t sources < <(find "$1" -name '*.swift' | LC_ALL=C sort)
    "$tools/swiftc" -target "$swift_target" -module-name "$name" "${house_flags[@]}" "${embedded_flags[@]}" \
        "${single_heap[@]}" "${swift_sanitize[@]}" "${importer[@]}" \
        -I "$work" "${includes[@]/#/-I}" \
        -emit-module -emit-module-path "$work/$name.swiftmodule" -c -o "$work/$name.swift.o" \
        "${sources[@]}"
}

cd "$root"
for folder in "${internal[@]}"; do
    for file in "$folder"/*.c; do compile_c "$file"; done
done
for module in "${modules[@]}"; do compile_swift "$module"; done
# One object with what the C API can reach, and nothing else: the modules also hold code for the collector, and the
# standard library's stubs for things that no device needs.
symbols() { "$tools/llvm-nm" --format=just-symbols "$@" | sed '/:$/d; /^$/d' | sort -u; }
roots=$(symbols --defined-only --extern-only --no-weak "$work"/*.o | grep -E '^[a-z]' | grep -v '^dalloc_port_')
link() { # OUTPUT OBJECT…
    "$tools/ld.lld" -r --gc-sections $(printf -- '-u %s ' $roots) -o "$@"
}
# Beside it, for ARM, an object with names of memcpy and its like, which is linked only where the program has none.
aeabi=$work/dalloc_aeabi.o
mv "$work/dalloc_aeabi.c.o" "$aeabi"
library=$work/$product.o
link "$library" "$work"/*.swift.o "$work"/*.c.o
# Nothing in it passes a float, so it links with firmware of any float ABI, which the attributes would forbid.
strip_object() {
    # A hash over the compiler's arguments, paths too: the same source must give the same bytes.
    local sections=(--remove-section=.swift_modhash)
    $hosted || sections+=(--remove-section='.ARM.exidx*' --remove-section='.rel.ARM.exidx*' --remove-section=.note.GNU-stack
        --remove-section=.ARM.attributes)
    "$tools/llvm-objcopy" "${sections[@]}" "$1"
}
strip_object "$library"
members=()
case $target in
    arm*-none-*)
        strip_object "$aeabi"
        members=("$aeabi")
        ;;
esac
if [ -z "${MODULES:-}" ]; then
    "$tools/llvm-ar" rcs "$output/lib$product.a" "$library" "${members[@]}"
else
    # A Swift program reaches more than the C API.
    for object in "$work"/*.swift.o "$work"/*.c.o; do strip_object "$object"; done
    "$tools/llvm-ar" rcs "$output/lib$product.a" "$work"/*.swift.o "$work"/*.c.o "${members[@]}"
    mkdir "$output/modules"
    cp "$work"/*.swiftmodule "$output/modules/"
    # A program must see heap_t as the library does.
    printf '%s\n' "${flags[@]}" >"$output/modules/flags"
fi

# What the library asks of the program it is linked into. Beyond copying and clearing memory that is nothing. The C files call what
# the configuration names (messages, mutexes) and, on a hosted target, the C library, on purpose; the Swift ones may not.
if [ -z "${SANITIZE:-}" ]; then
    checked=$work/Checked.o
    link "$checked" "$work"/*.swift.o
    foreign=$(
        comm -23 <(symbols --undefined-only "$checked") <(symbols --defined-only "$library" "${members[@]}") \
            | grep -vxE 'mem(cpy|move|set)|_GLOBAL_OFFSET_TABLE_' || true
    )
    if [ -n "$foreign" ]; then
        echo "build-library: the library for $target needs what a device may not have:" $foreign >&2
        exit 1
    fi
fi
rm -rf "$work"
echo "$output/lib$product.a"
