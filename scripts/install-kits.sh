#!/usr/bin/env bash
# Puts what needs no Swift into a folder of a release, which has include/, lib/, ports/ and hooks/ already:
#
#   scripts/install-kits.sh FOLDER VERSION
#
# cmake/ is for find_package and FetchContent, lib/TARGET/pkgconfig for pkg-config, kits/ for the rest. VERSION, such as 1.2.3, goes into
# all manifests; so does DALLOC_URL of the environment, where the project is found.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0

if [ $# -ne 2 ] || ! [[ $2 =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 64
fi
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(cd "$1" && pwd)
version=$2
url=${DALLOC_URL:-https://dalloc.invalid}
for name in include lib ports hooks; do
    [ -d "$folder/$name" ] || { echo "install-kits: $folder has no folder $name, so it is no release" >&2; exit 66; }
done

fill() { sed -e "s|@VERSION@|$version|g" -e "s|@URL@|$url|g" "$@"; } # [SED-OPTION…] FILE
install_folder() { # FROM TO
    local file mode
    while IFS= read -r file; do
        mkdir -p "$(dirname "$2/$file")"
        fill "$1/$file" >"$2/$file"
        mode=644
        [ ! -x "$1/$file" ] || mode=755
        chmod $mode "$2/$file"
    done < <(cd "$1" && find . -type f ! -name '*.in' ! -path '*/__pycache__/*' | LC_ALL=C sort)
}
rm -rf "$folder/cmake" "$folder/kits"
install_folder "$root/Agent/cmake" "$folder/cmake"
rm "$folder/cmake/DallocAgent.cmake" # it builds a checkout
install_folder "$root/Agent/kits" "$folder/kits"

for library in "$folder"/lib/*/libdalloc.a; do
    target=$(basename "$(dirname "$library")")
    mkdir -p "$folder/lib/$target/pkgconfig"
    pc() { # NAME LIBRARY DESCRIPTION
        fill -e "s|@NAME@|$1|g" -e "s|@LIBRARY@|$2|g" -e "s|@DESCRIPTION@|$3|g" -e "s|@TARGET@|$target|g" \
            "$root/Agent/cmake/dalloc.pc.in" >"$folder/lib/$target/pkgconfig/$1.pc"
    }
    pc dalloc dalloc 'An allocator that closes every gap'
    pc dalloc-agent DallocAgent 'An allocator, and an agent that tells a collector what happens in its heaps'
done
