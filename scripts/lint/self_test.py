# SPDX-License-Identifier: Apache-2.0
"""Breaks each rule in a tree of a few files, which is right without the break, and looks whether the rule notices."""

import importlib
import sys
import tempfile
from pathlib import Path

from tree import Tree

_STORE = "Collector/DallocCollector/Store/Frames.swift"
_INGEST = "Collector/DallocCollector/Ingest/Session.swift"
_SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
_SOUND = {
    _INGEST: _SPDX + "struct Session {\n    // Answer is no use of a type here, nor is \"Answer\".\n    let text = \"Answer\"\n}\n",
    _STORE: _SPDX + "struct Frames { let session: Session }\n",
    "Collector/DallocCollector/Query/Answer.swift": _SPDX + "struct Answer { struct Row {}\n    let row: Row }\n",
    "Sources/Dalloc/Heap.swift": _SPDX + "import CDalloc\npublic struct Heap {}\n",
    "Sources/Dalloc/Heap+Text.swift": _SPDX + "extension Heap {}\n",
    "README.md": "# It\n\nSee [the page](docs/page.md#some-words).\n\n```sh\ndalloc history pump --since 1h\n```\n",
    "docs/page.md": "# Page\n\n## Some words\n\n`dalloc-collector --listen` does it. [Back](../README.md)\n",
}
_PROGRAMS = {
    "dalloc": {"": set(), "history": {"--since"}, "devices": {"--watch"}}, "dalloc-collector": {"": set(), "serve": {"--listen"}},
    "dalloc-simulator": {"": set()}}
# Rule, what breaks it, and words that the finding has.
_BREAKS = [
    ("stages", {_INGEST: _SPDX + "struct Session { var answer: Answer? }\n"}, "Ingest uses Answer of Query"),
    ("stages", {_INGEST: _SPDX + "struct Session { func row() -> [Answer.Row] { [] } }\n"}, "Ingest uses Answer.Row of Query"),
    ("stages", {_INGEST: _SPDX + "struct Session {}\nextension Answer {}\n"}, "Ingest uses Answer of Query"),
    ("modules", {"Sources/Dalloc/Heap.swift": _SPDX + "public import Foundation\npublic struct Heap {}\n"}, "may not import Foundation"),
    ("modules", {"Collector/dalloc/Main.swift": _SPDX + "import DallocCollector\n"}, "may not import DallocCollector"),
    ("types", {"Sources/Dalloc/Heap.swift": _SPDX + "public struct Heap {}\npublic struct Block {}\n"}, "declares 2 types (Heap, Block)"),
    ("types", {"Sources/Dalloc/Thing.swift": _SPDX + "public struct Block {}\n"}, "name the file Block.swift"),
    ("types", {"Sources/Dalloc/Thing.swift": _SPDX + "extension Heap {}\n"}, "name the file Heap+Topic.swift"),
    ("lengths", {_STORE: _SPDX + "// line\n" * 400}, "has 401 lines"),
    ("lengths", {_STORE: _SPDX + "// " + "x" * 138 + "\n"}, "has 141 characters"),
    ("lengths", {"schema/wireshark/other.lua": _SPDX.replace("//", "--") + "-- line\n" * 400}, "has 401 lines"),
    ("licence", {_STORE: "struct Frames {}\n"}, "does not name its licence"),
    ("licence", {"schema/wireshark/other.lua": "local x = 1\n"}, "does not name its licence"),
    ("links", {"docs/page.md": "[Gone](../GONE.md)\n"}, "links to ../GONE.md, which is not there"),
    ("links", {"README.md": "[The page](docs/page.md#other-words)\n"}, "has no such heading"),
    ("links", {"README.md": "See `Sources/Dalloc/Gone.swift`.\n"}, "names Sources/Dalloc/Gone.swift"),
    ("flags", {"Package.swift": "let house: [SwiftSetting] = [\n    .enableUpcomingFeature(\"A\"),\n]\n",
               "scripts/toolchain.sh": "house_flags=(-enable-upcoming-feature B)\n"}, "differ: A, B"),
    ("flags", {"Agent/POSIXLink/system/dalloc_posix_system.c": "/* SPDX */ B9600 B1200\n",
               "Collector/DallocCollector/Ingest/SerialPort.swift": _SPDX + "let speeds = [B9600]\n"}, "the speeds differ"),
    ("flags", {"scripts/build.sh": "target=x86_64-unknown-linux-gnu\n"}, "say host"),
    ("texts", {_STORE: _SPDX + "struct FrameTable { let text = \"FrameTable that were opened\" }\n"}, "tells users of FrameTable"),
    ("options", {"README.md": "```sh\ndalloc history pump --sincce 1h\n```\n"}, "shows --sincce, which dalloc history does not have"),
    ("options", {"README.md": "```sh\ndalloc history --watch --since 1h\n```\n"}, "shows --watch, which dalloc history does not have"),
    ("options", {"docs/page.md": "Nothing. \n\n## Some words\n"}, "does not tell of --listen of dalloc-collector"),
]


def run(rules):
    failures = []
    for rule in rules:
        if found := _findings(rule, {}):
            failures.append(f"{rule} finds in a sound tree: {found}")
    for rule, files, words in _BREAKS:
        if rule not in rules:
            continue
        found = _findings(rule, files)
        if not any(words in text for text in found):
            failures.append(f"{rule} does not notice {sorted(files)}: it should say \"{words}\", and says {found}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _findings(rule, files):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**_SOUND, **files}.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        given = {"programs": _PROGRAMS} if rule == "options" else {}
        exempt = {"--watch"} if rule == "options" else {}
        return [str(finding) for finding in importlib.import_module(f"rules.{rule}").check(Tree(folder), exempt, **given)]
