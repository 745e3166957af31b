# SPDX-License-Identifier: Apache-2.0
"""One type a file, and the file is named after it; what only extends a type is in Type+Topic.swift."""

import re
from pathlib import PurePath

from tree import Finding

FOLDERS = ["Sources", "Agent/DallocAgent", "Agent/POSIXLink", "Collector"]


def check(tree, exempt):
    for path in tree.files(".swift", under=FOLDERS):
        source = tree.swift(path)
        # Names for a type are no types; what is private has no other place.
        types = [each for each in source.declarations
                 if each.is_top_level and each.kind != "typealias" and each.access not in ("private", "fileprivate")]
        name = PurePath(path).stem
        finding = _finding(path, name, types, source)
        if finding and path not in exempt:
            yield finding
        elif path in exempt and not finding:
            yield Finding(path, 1, "needs no exemption any more: take it out of scripts/lint/exemptions.py")


def _finding(path, name, types, source):
    extended = source.extended
    base, _, topic = name.partition("+")
    if len(types) > 1:
        names = ", ".join(each.name for each in types)
        return Finding(path, types[1].line, f"declares {len(types)} types ({names}): give each a file of its own, or nest or hide it")
    if types and (types[0].name != base or topic):
        return Finding(path, types[0].line, f"declares {types[0].name}: name the file {types[0].name}.swift")
    # A file of functions, as of those that C calls, is named after what they do.
    has_functions = re.search(r"^(?:\w+ )*func \w", source.code, re.M)
    if not types and extended and not has_functions and not (topic and base in {each.replace(".", "") for each, _ in extended}
                                       | {each.split(".")[-1] for each, _ in extended}):
        first, line = extended[0]
        return Finding(path, line, f"only extends {first}: name the file {first.replace('.', '')}+Topic.swift")
    return None
