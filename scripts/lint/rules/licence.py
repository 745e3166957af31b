# SPDX-License-Identifier: Apache-2.0
"""Every source file names its licence in its first comment."""

from tree import Finding

LINE = "SPDX-License-Identifier: Apache-2.0"
WITHIN = 40
SUFFIXES = (".swift", ".c", ".h", ".hpp", ".cpp", ".S", ".ld", ".py", ".sh", ".cmake", "CMakeLists.txt", ".sql", "Makefile",
            "modulemap", ".js", ".css", ".lua")


def check(tree, exempt):
    programs = [path for path in tree.paths if tree.text(path).startswith("#!")]
    for path in sorted({*tree.files(*SUFFIXES), *programs}):
        if LINE not in "\n".join(tree.lines(path)[:WITHIN]):
            yield Finding(path, 1, f"does not name its licence: begin with a comment that says {LINE}")
