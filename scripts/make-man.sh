#!/usr/bin/env bash
# Writes the manual pages of the programs, a page for each command, to .build/man/man1.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

# The day of what is described, so that the same source makes the same pages.
day=$(git log -1 --format=%cs 2>/dev/null || date +%F)
swift package generate-manual --multi-page --date "$day" >/dev/null

pages=.build/man/man1
rm -rf "$pages"
mkdir -p "$pages"
for page in .build/plugins/GenerateManual/outputs/*/*.1; do
    name=$(basename "$page" .1)
    # Those of `help` say nothing, and people type `man dalloc-history`, as they do for git.
    case $name in *.help) continue ;; esac
    sed -E -e '/^\.Xr [a-z-]+\.help /d' -e 's/^(\.Xr|\.Dt) ([A-Za-z-]+)\.([A-Za-z]+)/\1 \2-\3/' "$page" >"$pages/${name//./-}.1"
done
echo "The pages are in $pages: man -M .build/man dalloc-history shows one."
