#!/usr/bin/env bash
# Makes what people download who have no Swift:
#
#   scripts/release.sh [--targets NAME,…] [--no-programs] [OUTPUT_FOLDER]
#
# It leaves in OUTPUT_FOLDER (.build/release-files):
#
#   dalloc-VERSION.tar.xz                   the libraries for firmware and for Linux, headers, ports, hooks, CMake, examples
#   dalloc-VERSION-programs-HOST.tar.xz     dalloc-collector, dalloc and dalloc-simulator for this machine, without libraries of Swift
#   SHA256SUMS                              of both
#
# The same source gives the same bytes, wherever and whenever it is built. --targets makes the libraries of some targets only; the names
# are those of the table below. Each library is made with the options that scripts/release.conf.h tells.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
# In one file of a hundred the compiler orders instructions by where its own data lies in memory, which differs from run to run unless the
# system is told not to mix addresses, and the compiler uses one thread.
if [ -z "${DALLOC_ADDRESSES_STAY:-}" ] && setarch --addr-no-randomize true 2>/dev/null; then
    export DALLOC_ADDRESSES_STAY=yes
    exec setarch --addr-no-randomize "$0" "$@"
fi
cd "$(dirname "$0")/.."
usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
}

# name, target, flags. For Linux the name says the target.
table='
cortex-m0plus   armv6m-none-none-eabi      -mcpu=cortex-m0plus
cortex-m3       armv7em-none-none-eabi     -mcpu=cortex-m3
cortex-m4       armv7em-none-none-eabi     -mcpu=cortex-m4
cortex-m7       armv7em-none-none-eabi     -mcpu=cortex-m7
cortex-m33      armv7em-none-none-eabi     -mcpu=cortex-m33
rv32imc         riscv32-none-none-eabi     -march=rv32imc -mabi=ilp32
rv32imac        riscv32-none-none-eabi     -march=rv32imac -mabi=ilp32
x86_64-linux    linux
aarch64-linux   linux
'
wanted=$(awk 'NF { print $1 }' <<<"$table")
programs=true
output=.build/release-files
while [ $# -gt 0 ]; do
    case $1 in
        --targets)
            wanted=${2:-}
            wanted=${wanted//,/$'\n'}
            shift
            ;;
        --no-programs) programs=false ;;
        -*) usage ;;
        *) output=$1 ;;
    esac
    [ $# -gt 0 ] && shift
done
for name in $wanted; do
    if ! awk '{ print $1 }' <<<"$table" | grep -qx -- "$name"; then
        echo "release: there is no target $name. There are:" $(awk 'NF { print $1 }' <<<"$table") >&2
        exit 64
    fi
done
if grep -qx aarch64-linux <<<"$wanted" && [ "$(uname -m)" != aarch64 ]; then
    scripts/install-missing.sh xz-utils gcc-aarch64-linux-gnu libc6-dev-arm64-cross
else
    scripts/install-missing.sh xz-utils
fi

version=$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/CommandSupport/Version.swift)
# The day of what is released, not of the release.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH LC_ALL=C
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$output/work
rm -rf "$work" "$output"/dalloc-*.tar.xz "$output/SHA256SUMS"
mkdir -p "$work"

# An archive of a folder of $work. Times, owners and order are not the machine's.
pack() { # NAME FOLDER
    tar --create --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
        --mode='u=rwX,go=rX' --format=ustar "$2" | xz -9 --threads=1 >"$output/$1.tar.xz"
}

# ---- Libraries -----------------------------------------------------------------------------------------------------------
root=$work/dalloc-$version
mkdir -p "$root"/{include,lib,ports,examples}
make_library() { # NAME TARGET FLAG…
    local folder=$root/lib/$1 made=$work/made
    mkdir -p "$folder"
    for product in dalloc DallocAgent; do
        rm -rf "$made"
        scripts/build-library.sh $product "$2" "$made" '-DDALLOC_CUSTOM_CONF_FILE="scripts/release.conf.h"' -I. "${@:3}" >/dev/null
        cp "$made/lib$product.a" "$folder/"
    done
    # The configuration differs from target to target, and all other headers don't.
    mv "$made"/include/dalloc_library*.h "$folder/"
    cp "$made"/include/*.h "$root/include/"
    if [[ $2 == *-linux-* ]]; then
        local clang
        clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
        # A port, as on the other targets; but there is only one that a program on Linux would take.
        local cross=()
        [[ $2 == "$(uname -m)"-* ]] || cross=(--sysroot="/usr/${2/-unknown/}" -isystem "/usr/${2/-unknown/}/include")
        "$clang" --target="$2" "${cross[@]}" -Os -fPIC -Wall -Wextra -Werror -I"$root/include" -c Agent/ports/dalloc_mutex_posix.c \
            -o "$work/dalloc_mutex_posix.o"
        for product in dalloc DallocAgent; do "${clang%clang}llvm-ar" rcs "$folder/lib$product.a" "$work/dalloc_mutex_posix.o"; done
    fi
    echo "lib/$1: $(stat -c %s "$folder/libDallocAgent.a") bytes, $(stat -c %s "$folder/libdalloc.a") the allocator alone"
}
while read -r name target flags; do
    [ -n "$name" ] && grep -qx -- "$name" <<<"$wanted" || continue
    [ "$target" != linux ] || target=${name%-linux}-unknown-linux-gnu
    # shellcheck disable=SC2086
    make_library "$name" "$target" $flags
done <<<"$table"
rm -rf "$work/made"

cp LICENSE CHANGELOG.md "$root/"
cp scripts/release-readme.md "$root/README.md"
echo "$version" >"$root/VERSION"
cp Agent/ports/*.c Agent/firmware/boards/memory.c Agent/firmware/boards/string.h "$root/ports/"
cp -r Agent/hooks "$root/hooks"
rm -rf "$root/hooks/preload"
scripts/install-kits.sh "$root" "$version"
cp Examples/linux-agent.c "$root/examples/"
mkdir -p "$root/examples/firmware"
cp -r Agent/firmware/boards Agent/firmware/c-sensor-node "$root/examples/firmware/"
rm "$root"/examples/firmware/c-sensor-node/CMakeLists.txt
cp scripts/release-firmware.mk "$root/examples/firmware/Makefile"
scripts/release-sbom.py libraries "$version" "$root" >"$root/dalloc.spdx.json"
pack "dalloc-$version" "dalloc-$version"

# ---- Programs ------------------------------------------------------------------------------------------------------------
if $programs; then
    # The collector posts with URLSession, which is curl's.
    scripts/install-missing.sh libcurl4-openssl-dev
    host=$(uname -m)-linux
    root=$work/dalloc-$version-programs-$host
    mkdir -p "$root/bin"
    # Statically but for the system's own libraries. Paths of this machine are in no program; without incremental code generation there
    # is no hash over them, and without symbols the build id does not depend on them either.
    swift build -c release --static-swift-stdlib -Xswiftc -file-prefix-map -Xswiftc "$PWD=." -Xcc "-ffile-prefix-map=$PWD=." \
        -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen -Xswiftc -num-threads -Xswiftc 1 -Xlinker --strip-all \
        --scratch-path .build/release-programs >"$work/build.log" 2>&1 || {
        cat "$work/build.log" >&2
        exit 1
    }
    built=$(swift build -c release --static-swift-stdlib --scratch-path .build/release-programs --show-bin-path)
    for program in dalloc-collector dalloc dalloc-simulator; do
        cp "$built/$program" "$root/bin/"
    done
    cp LICENSE CHANGELOG.md "$root/"
    scripts/release-sbom.py programs "$version" "$root" >"$root/dalloc.spdx.json"
    pack "dalloc-$version-programs-$host" "dalloc-$version-programs-$host"
fi
rm -rf "$work"
cd "$output"
sha256sum dalloc-*.tar.xz >SHA256SUMS
ls -l dalloc-*.tar.xz | awk '{ print $5, $9 }'
