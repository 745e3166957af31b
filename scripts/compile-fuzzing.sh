# shellcheck shell=bash
# Functions for scripts that compile parts of the product without the package: `build` names the folder, `flags` what all of it is
# compiled with. What is newer than its sources stays.
# SPDX-License-Identifier: Apache-2.0

source scripts/toolchain.sh
common=(-package-name dalloc -O -wmo -parse-as-library "${house_flags[@]}")
objects=()
mkdir -p "$build"

# Whether a file is older than one of the others, or missing.
is_old() { # FILE OTHER…
    local file=$1 other
    [ -e "$file" ] || return 0
    shift
    for other in "$@" "${BASH_SOURCE[0]}" "$0"; do
        [ ! "$other" -nt "$file" ] || return 0
    done
    return 1
}

module() { # NAME SOURCE…
    local name=$1
    shift
    objects+=("$build/$name.o")
    is_old "$build/$name.o" "$@" || return 0
    swiftc "${flags[@]}" "${common[@]}" -I "$build" -module-name "$name" -emit-module \
        -emit-module-path "$build/$name.swiftmodule" -c -o "$build/$name.o" "$@"
}

program() { # FILE NAME SOURCE…
    local file=$build/$1 name=$2
    shift 2
    is_old "$file" "$@" "${objects[@]}" || return 0
    swiftc -use-ld=lld "${flags[@]}" "${common[@]}" -I "$build" -module-name "$name" "$@" "${objects[@]}" -o "$file"
}
