#!/usr/bin/env bash
# Builds the agent as a static library for C programs, without the Swift runtime and without a heap of its own:
#
#   scripts/build-agent-library.sh TARGET OUTPUT_FOLDER [FLAG…]
#
# TARGET is armv7em-none-none-eabi, x86_64-unknown-linux-gnu or another target of Embedded Swift. It leaves
# OUTPUT_FOLDER/libDallocAgent.a and the public headers in OUTPUT_FOLDER/include. FLAGs such as -DMAX_NUM_OF_ALLOCATIONS=200,
# -Iconfig or -mfloat-abi=hard go to both compilers; give -D and -I to your own compiler as well.
set -euo pipefail

if [ $# -lt 2 ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 64
fi
target=$1
output=$2
shift 2
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$output/objects
rm -rf "$work" "$output/include" "$output/libDallocAgent.a"
mkdir -p "$work" "$output/include"

# The compiler's own tools: they read objects of every target.
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")

hosted=false
flags=(-ffunction-sections -fdata-sections -fno-stack-protector)
case $target in
    *-linux-gnu) hosted=true ;;
    arm*-none-*) flags+=(-ffreestanding -fshort-enums) ;; # as arm-none-eabi-gcc
    *) flags+=(-ffreestanding) ;;
esac
flags+=("$@")
includes=("$root/Sources/CDalloc/include" "$root/Agent/DallocAgent/include")
if $hosted; then includes+=("$root/Agent/POSIXLink/include"); fi

for folder in "${includes[@]}"; do
    find "$folder" -name '*.h' ! -name '*_port.h' ! -name '*_system.h' -exec cp {} "$output/include/" \;
done

compile_c() { # FILE
    "$tools/clang" --target="$target" -std=c99 -Os -Wall -Wextra -Werror "${flags[@]}" "${includes[@]/#/-I}" \
        -c "$1" -o "$work/$(basename "$1" .c).c.o"
}

compile_swift() { # MODULE FOLDER
    local importer=()
    for flag in "${flags[@]}"; do importer+=(-Xcc "$flag"); done
    # The stack protector would need a runtime that bare metal doesn't have.
    "$tools/swiftc" -target "$target" -module-name "$1" -parse-as-library -swift-version 6 \
        -enable-experimental-feature Embedded -wmo -no-allocations -Osize -Xfrontend -function-sections \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
        -enable-upcoming-feature InternalImportsByDefault -warnings-as-errors \
        -Xfrontend -disable-stack-protector "${importer[@]}" -I "$work" "${includes[@]/#/-I}" \
        -emit-module -emit-module-path "$work/$1.swiftmodule" -c -o "$work/$1.swift.o" \
        $(find "$2" -maxdepth 3 -name '*.swift' ! -path '*/include/*' | LC_ALL=C sort)
}

cd "$root"
for folder in "${includes[@]}" Sources/CDalloc; do
    for file in "$folder"/*.c; do
        if [ -e "$file" ]; then compile_c "$file"; fi
    done
done
compile_swift HeapWire Sources/HeapWire
compile_swift Dalloc Sources/Dalloc
compile_swift DallocAgent Agent/DallocAgent
if $hosted; then compile_swift POSIXLink Agent/POSIXLink; fi
# One object with what the C API can reach, and nothing else: the modules also hold code for the collector, and the
# standard library's stubs for things that no device needs.
symbols() { "$tools/llvm-nm" --format=just-symbols "$@" | sed '/:$/d; /^$/d' | sort -u; }
roots=$(symbols --defined-only --extern-only --no-weak "$work"/*.o | grep -E '^[a-z]')
link() { # OUTPUT OBJECT…
    "$tools/ld.lld" -r --gc-sections $(printf -- '-u %s ' $roots) -o "$@"
}
link "$work/DallocAgent.o" "$work"/*.swift.o "$work"/*.c.o
"$tools/llvm-ar" rcs "$output/libDallocAgent.a" "$work/DallocAgent.o"

# What the library asks of the program it is linked into. Beyond copying and clearing memory that is nothing; on a
# hosted target the C files call the C library on purpose, the Swift ones still may not.
checked=$work/DallocAgent.o
if $hosted; then
    checked=$work/Checked.o
    link "$checked" "$work"/*.swift.o
fi
foreign=$(
    comm -23 <(symbols --undefined-only "$checked") <(symbols --defined-only "$work/DallocAgent.o") \
        | grep -vxE 'mem(cpy|move|set|cmp)|__aeabi_[a-z0-9_]+|_GLOBAL_OFFSET_TABLE_' || true
)
if [ -n "$foreign" ]; then
    echo "build-agent-library: the library for $target needs what a device may not have:" $foreign >&2
    exit 1
fi
rm -rf "$work"
echo "$output/libDallocAgent.a"
