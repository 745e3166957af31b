# SPDX-License-Identifier: Apache-2.0
"""Links in Markdown lead to files and headings that are there, and paths in code spans too. Nothing is fetched."""

import posixpath
import re
from urllib.parse import unquote

from markdown import Markdown
from tree import Finding

_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)|^\s*\[[^\]]+\]:\s*(\S+)"
                   r"|<(?:a|img)\s[^>]*?(?:href|src)=\"([^\"]+)\"")
_PATH = re.compile(r"(?:Agent|Benchmarks|Collector|Examples|Fuzzing|Sources|Tests|docs|schema|scripts)/[\w./+-]*\w/?")
# A history names what was there.
HISTORY = {"CHANGELOG.md"}


def check(tree, exempt):
    pages = {path: Markdown(tree.text(path)) for path in tree.files(".md")}
    for path, page in pages.items():
        for line, text in page.prose:
            for match in _LINK.finditer(text):
                target = next(group for group in match.groups() if group)
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                finding = _missing(tree, pages, path, unquote(target))
                if finding:
                    yield Finding(path, line, finding)
        if path in HISTORY or posixpath.basename(path) == "CHANGELOG.md" or ".docc/" in path:
            continue
        for line, code in page.spans:
            if _PATH.fullmatch(code) and not tree.exists(code) and code not in exempt:
                yield Finding(path, line, f"names {code}, which is not there: name what is")


def _missing(tree, pages, path, target):
    name, _, anchor = target.partition("#")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
    if name.startswith("/"):
        file = name[1:]
    if file.startswith("..") or not tree.exists(file):
        return f"links to {target}, which is not there: mend the path"
    if anchor and file in pages and anchor not in pages[file].anchors:
        return f"links to {target}, but {file} has no such heading: its anchors are {', '.join(sorted(pages[file].anchors))}"
    return None
