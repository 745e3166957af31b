# shellcheck shell=bash
# What all scripts that compile without the package share: the machine's own target, and the flags. To be sourced.
# SPDX-License-Identifier: Apache-2.0

# As `house` in Package.swift has them: scripts/lint/rules/flags.py compares.
house_flags=(-swift-version 6 -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
    -enable-upcoming-feature InternalImportsByDefault)
# What a program of the user's is held to.
program_flags=(-swift-version 6 -enable-upcoming-feature MemberImportVisibility)
# Embedded Swift without a heap of the runtime's. The stack protector would need a runtime that bare metal doesn't have.
embedded_flags=(-enable-experimental-feature Embedded -wmo -parse-as-library -no-allocations -Osize
    -Xfrontend -function-sections -Xfrontend -disable-stack-protector -warnings-as-errors)

# The target that this machine builds for, such as aarch64-unknown-linux-gnu.
host_target() {
    swiftc -print-target-info | sed -n 's/^ *"unversionedTriple": "\([^"]*\)".*/\1/p'
}
