#!/usr/bin/env bash
# Lets devices live at random in a whole store, with extreme numbers in all fields, and holds the store to what it promises:
#
#   scripts/extremes.sh [--seconds N] [--seed N]
#
# 600 seconds unless told otherwise, from seed 1 on. The last line is JSON; exit code 1 when something does not hold, with the seed of the
# life that shows it. What a life that ends the process was, the last line of .build/extremes.log says.
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

seconds=600 seed=1
while (($#)); do
    case $1 in
        --seconds) seconds=${2:?} ;;
        --seed) seed=${2:?} ;;
        *)
            sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
            exit 64
            ;;
    esac
    shift 2
done

swift build --build-tests >&2
status=0
DALLOC_EXTREME_SECONDS=$seconds DALLOC_EXTREME_SEED=$seed swift test --skip-build --filter RandomLifeTests \
    >.build/extremes.out 2>.build/extremes.log || status=$?
if ((status)); then
    grep -E 'recorded an issue|↳ seed' .build/extremes.out >&2 || tail -3 .build/extremes.log >&2
fi
grep '^{' .build/extremes.out
((status == 0)) || exit 1
