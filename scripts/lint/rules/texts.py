# SPDX-License-Identifier: Apache-2.0
"""No text that a user may read names a type of ours: whoever renames a type by search and replace renames words in sentences, too."""

import re

from tree import Finding

FOLDERS = ["Sources", "Agent/DallocAgent", "Agent/POSIXLink", "Collector"]
_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_INTERPOLATION = re.compile(r"\\\((?:[^()]|\([^()]*\))*\)")
# Heap, Gap and the like are words, too.
_NAME = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*\b")


def check(tree, exempt):
    sources = {path: tree.swift(path) for path in tree.files(".swift", under=FOLDERS)}
    types = {each.name.split(".")[-1] for source in sources.values() for each in source.declarations}
    for path, source in sources.items():
        for text in _TEXT.finditer(source.text):
            # In a comment, or code between two texts.
            if source.code[text.start()] != '"' and not source.code[text.start()].isspace():
                continue
            for name in _NAME.findall(_INTERPOLATION.sub("", text.group(1))):
                if name in types and name not in exempt:
                    yield Finding(path, source.line(text.start()), f"tells users of {name}, which is a type: say it in words")
