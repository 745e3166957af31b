# SPDX-License-Identifier: Apache-2.0
"""The files that a lint looks at: those that git knows or would add; in a folder without git, all."""

import os
import subprocess
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from swift_source import SwiftSource


class Finding(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self._texts = {}
        self._swift = {}

    @cached_property
    def paths(self):
        """Relative to the root, sorted, without links to other files."""
        if (self.root / ".git").exists():
            listing = subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=self.root, capture_output=True, text=True, check=True).stdout
            found = listing.split("\0")[:-1]
        else:
            found = []
            for folder, folders, names in os.walk(self.root):
                folders[:] = [name for name in folders if not name.startswith(".build")]
                found += [os.path.relpath(os.path.join(folder, name), self.root) for name in names]
        return sorted(path for path in found if (self.root / path).is_file() and not (self.root / path).is_symlink())

    def files(self, *suffixes, under=("",)):
        """Files with one of these suffixes below one of these folders."""
        return [path for path in self.paths
                if path.endswith(suffixes) and any(path.startswith(f"{folder}/" if folder else "") for folder in under)]

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def lines(self, path):
        return self.text(path).split("\n")

    def swift(self, path):
        if path not in self._swift:
            self._swift[path] = SwiftSource(self.text(path))
        return self._swift[path]

    def exists(self, path):
        return (self.root / path).exists()
