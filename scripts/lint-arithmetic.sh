#!/usr/bin/env bash
# Finds operators that trap, and conversions that do, on the types that numbers from outside have: what a device sends, what a database or
# a collector's answer says. The compiler itself tells: each module is checked again with scripts/lint/TrappingOperators.swift among its
# sources, which hides the standard library's operators by deprecated ones. Takes seconds; what `swift build` makes must be there, so it
# builds where that is missing or old. Writes nothing else.
#
#   scripts/lint-arithmetic.sh [MODULE]…
set -euo pipefail
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/.."

exec python3 - "$@" <<'PYTHON'
import json, os, re, subprocess, sys

# Files whose numbers can't be from outside, and why.
EXEMPT = {
    "Sources/HeapHistory/CivilDate.swift": "days of times that are within Timestamp.limits",
    "Sources/HeapHistory/Count.swift": "the limit is a constant",
    "Sources/HeapHistory/TimeReader.swift": "reads at most nine digits at a time",
    "Sources/HeapHistory/Timestamp.swift": "times that are within Timestamp.limits",
    "Sources/HeapHistory/Timestamp+Text.swift": "parts of a date that were checked",
}
MODULES = ["HeapWire", "HeapReplica", "HeapHistory", "CommandSupport", "DallocCollector", "dalloc"]
# Arguments of the build that have no place here, and those that have one more after them.
WITHOUT = {"-c", "-incremental", "-emit-dependencies", "-emit-module", "-emit-objc-header", "-enable-batch-mode",
           "-parseable-output", "-serialize-diagnostics"}
PAIRS = {"-emit-module-path", "-output-file-map", "-emit-objc-header-path", "-index-store-path", "-num-threads"}
# Looked at as a whole, a module finds C's `stat` in another module than file by file.
FEATURE = "MemberImportVisibility"


def command(module):
    """What compiles the module; nothing when it was never built."""
    try:
        manifest = open(".build/debug.yaml").read()
    except OSError:
        return None
    match = re.search(
        rf'^  "C\.{module}-[^"-]*-(?:unknown|apple)[^"]*-debug\.(?:module|exe-module)":\n(?:    .*\n)*?    args: (\[.*\])$', manifest, re.M)
    match = match or re.search(rf'^    args: (\["[^"]*swiftc","-module-name","{module}",.*\])$', manifest, re.M)
    if not match:
        return None
    given, arguments = json.loads(match.group(1)), []
    while given:
        word = given.pop(0)
        if word in PAIRS or word == "-enable-upcoming-feature" and given[0] == FEATURE:
            given.pop(0)
        elif word not in WITHOUT:
            arguments.append(word)
    return arguments + ["scripts/lint/TrappingOperators.swift", "-typecheck", "-wmo"]


def check(module):
    """What the compiler says, or nothing when what it needs is missing or old."""
    arguments = command(module)
    if arguments is None:
        return None
    result = subprocess.run(arguments, capture_output=True, text=True)
    return result.stderr if result.returncode == 0 else None


def build():
    if subprocess.run(["swift", "build"], stdout=sys.stderr).returncode != 0:
        sys.exit("The arithmetic was not checked: mend the build first.")


found, has_built = False, False
for module in sys.argv[1:] or MODULES:
    words = check(module)
    if words is None and not has_built:
        build()
        has_built = True
        words = check(module)
    if words is None:
        sys.exit(f"{module} was not checked: " + subprocess.run(command(module) or ["true"], capture_output=True, text=True).stderr)
    for place, text in sorted(set(re.findall(r"^(\S+?:\d+:\d+): warning: (.*)$", words, re.M))):
        path = os.path.relpath(place)
        if "may trap" in text and path.split(":")[0] not in EXEMPT:
            print(f"{path}: {text.removesuffix(' [#DeprecatedDeclaration]')}", file=sys.stderr)
            found = True
sys.exit(1 if found else 0)
PYTHON
