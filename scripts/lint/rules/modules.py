# SPDX-License-Identifier: Apache-2.0
"""What a module may import: devices nothing that needs a runtime, the collector not the allocator, the command not the collector."""

from tree import Finding

# All that these import, so that they compile for bare metal; others can't be imported there.
ONLY = {
    "Sources/Dalloc": {"CDalloc"},
    "Sources/HeapWire": set(),
    "Agent/DallocAgent": {"CDalloc", "CDallocAgent", "Dalloc", "HeapWire"},
    "Agent/POSIXLink": {"CDalloc", "CDallocAgent", "CPOSIXLink", "Dalloc", "DallocAgent", "HeapWire"},
    "Agent/firmware": {"CDalloc", "CDallocAgent", "Dalloc", "DallocAgent", "HeapWire"},
    "Examples/swift-device": {"CDalloc", "CDallocAgent", "Dalloc", "DallocAgent", "HeapWire"},
}
_DEVICE = {"CDalloc", "Dalloc", "CDallocAgent", "DallocAgent", "CPOSIXLink", "POSIXLink"}
# What these never import, and why.
NEVER = {
    "Sources/HeapReplica": (_DEVICE, "the replica is written against the format, so that it and the allocator check each other"),
    "Sources/HeapHistory": (_DEVICE | {"HeapWire", "HeapReplica", "DallocCollector"}, "clients need nothing of devices"),
    "Sources/CommandSupport": (_DEVICE | {"DallocCollector"}, "it serves all programs"),
    "Collector/DallocCollector": (_DEVICE, "the collector's replica and the allocator check each other"),
    "Collector/dalloc-collector": (_DEVICE, "the collector's replica and the allocator check each other"),
    "Collector/dalloc": (_DEVICE | {"DallocCollector", "HeapWire", "HeapReplica"}, "the command asks the collector over HTTP"),
}


def check(tree, exempt):
    for folder, allowed in ONLY.items():
        for path in tree.files(".swift", under=[folder]):
            for name, line in tree.swift(path).imports:
                if name not in allowed and path not in exempt:
                    yield Finding(path, line, f"{folder} runs on devices and may not import {name}: only "
                                  + (", ".join(sorted(allowed)) or "nothing"))
    for folder, (refused, reason) in NEVER.items():
        for path in tree.files(".swift", under=[folder]):
            for name, line in tree.swift(path).imports:
                if name in refused:
                    yield Finding(path, line, f"{folder} may not import {name}: {reason}")
