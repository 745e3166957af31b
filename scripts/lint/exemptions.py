# SPDX-License-Identifier: Apache-2.0
"""What may break a rule, and why. A rule tells when an exemption is not needed any more."""

OF = {
    "modules": {
        "Sources/Dalloc/Misuse.swift": "imports Synchronization in debug builds of this machine only",
    },
    "types": {},
    "lengths": {
        "Tests/C/Conformance/every_function.c": "one check after the other, in the order of the header",
        "schema/wireshark/heapwire.lua": "one file, as it is copied among the plugins of Wireshark",
        "schema/wire.md": "a standard in one page, so that it can be implemented from the page alone",
    },
    "links": {},
    "options": {},
}
