# SPDX-License-Identifier: Apache-2.0
"""Files of at most 400 lines; lines of at most 140 characters. Code in Swift ends before column 120: swift-format sees to that."""

import re

from tree import Finding

LINES = 400
CHARACTERS = 140
SOURCES = (".swift", ".c", ".h", ".hpp", ".cpp", ".py", ".sh", ".cmake", ".sql", ".S", ".ld", ".lua", "CMakeLists.txt")
TEXTS = (".md",)


def check(tree, exempt):
    for path in tree.files(*SOURCES, *TEXTS):
        lines = tree.lines(path)
        count = len(lines) - (lines[-1] == "")
        if count > LINES and path not in exempt:
            yield Finding(path, LINES + 1, f"has {count} lines, more than {LINES}: divide it by what it is about")
        if path in exempt and count <= LINES:
            yield Finding(path, 1, "needs no exemption any more: take it out of scripts/lint/exemptions.py")
    for path in tree.files(*SOURCES):
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > CHARACTERS and not _is_text(tree, path, number):
                yield Finding(path, number, f"has {len(line)} characters, more than {CHARACTERS}: break the line")


def _is_text(tree, path, number):
    """Whether the line is inside a literal of several lines, which says what a program prints."""
    if not path.endswith(".swift") or re.match(r"\s*(//|/?\*)", tree.lines(path)[number - 1]):
        return False
    return not tree.swift(path).code.split("\n")[number - 1].strip()
