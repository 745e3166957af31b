# SPDX-License-Identifier: Apache-2.0
"""What must stand twice is the same in both places: features of Swift, speeds of serial lines. No machine's target is written down."""

import re

from tree import Finding

MANIFEST, SCRIPT = "Package.swift", "scripts/toolchain.sh"
# The speeds of a serial line. A device's code and the collector's may share no source, so each has its table.
SPEEDS = ["Agent/POSIXLink/system/dalloc_posix_system.c", "Collector/DallocCollector/Ingest/SerialPort.swift"]


def check(tree, exempt):
    if tree.exists(MANIFEST) and tree.exists(SCRIPT):
        house = re.search(r"let house: \[SwiftSetting\] = \[(.*?)\n\]", tree.text(MANIFEST), re.S).group(1)
        features = set(re.findall(r'enableUpcomingFeature\("(\w+)"\)', house))
        flags = re.search(r"^house_flags=\((.*?)\)", tree.text(SCRIPT), re.S | re.M).group(1)
        compiled = set(re.findall(r"-enable-upcoming-feature (\w+)", flags))
        if features != compiled:
            yield Finding(SCRIPT, 1, f"house_flags and `house` in {MANIFEST} differ: {', '.join(sorted(features ^ compiled))}")
    if all(tree.exists(path) for path in SPEEDS):
        device, collector = (set(re.findall(r"\bB(\d{3,})\b", tree.text(path))) for path in SPEEDS)
        if device != collector:
            yield Finding(SPEEDS[1], 1, f"the speeds differ from those of {SPEEDS[0]}: {', '.join(sorted(device ^ collector))}")
    folders = ["scripts", "Agent", "Benchmarks", "Tests", "Sources"]
    for path in tree.files(".sh", ".cmake", "CMakeLists.txt", ".swift", under=folders) + tree.files("Makefile"):
        for number, line in enumerate(tree.lines(path), 1):
            if re.search(r"(x86_64|aarch64)-unknown-linux-gnu", line) and not re.match(r"\s*(#|//)", line):
                yield Finding(path, number, "writes down this machine's target: say host")
