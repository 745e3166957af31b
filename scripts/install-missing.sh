#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and those that are named, where they are not there yet. Says nothing
# when none is missing.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0

# libsqlite3-dev: the collector's database. gcc, g++, libc6-dev: the tests compile C and C++ programs as users do.
needed=(libsqlite3-dev gcc g++ libc6-dev "$@")
# The reference decoder runs in any Python 3.
if ! command -v python3 >/dev/null; then needed+=(python3); fi

if ! command -v swift >/dev/null; then
    echo "There is no swift on the PATH. Install Swift 6.3 or later: https://www.swift.org/install/linux/" >&2
    exit 69
fi
missing=()
for package in "${needed[@]}"; do
    if ! dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
        missing+=("$package")
    fi
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

install=(apt-get install -y --no-install-recommends "${missing[@]}")
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "Missing: ${missing[*]}. Install them, on Debian or Ubuntu with:  sudo ${install[*]}" >&2
    exit 69
fi
echo "Installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
# Some packages bring a service along, such as mosquitto. Only their programs are wanted: invoke-rc.d(8) starts none while this file
# says so.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi
"${install[@]}" >/dev/null || { apt-get update >/dev/null && "${install[@]}" >/dev/null; }
