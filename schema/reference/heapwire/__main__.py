# SPDX-License-Identifier: Apache-2.0
"""What is run as `python -m heapwire`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import BinaryIO, Callable, Iterator, List, Optional

from .decoder import StreamDecoder
from .vectors import Vector, converse, tell_times


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """What comes, as it comes: a pipe may be a line that is still in use."""
    while piece := os.read(stream.fileno(), 65536):
        yield piece


def dump(stream: BinaryIO, tables: bool) -> int:
    """Prints each frame, an empty line between two."""
    decoder, is_first = StreamDecoder(), True

    def paragraph(lines: List[str]) -> None:
        nonlocal is_first
        print(("" if is_first else "\n") + "\n".join(lines), flush=True)
        is_first = False

    for piece in pieces(stream):
        for decoded in decoder.feed(piece):
            paragraph(decoded.words + (decoded.table if tables else []))
    if rest := decoder.rest():
        paragraph(rest)
    return 0


def judge(path: str, play: Callable[[Vector], Optional[str]]) -> int:
    """Plays all vectors of a file; 1 when something is not as it must be."""
    with open(path, encoding="utf-8") as file:
        vectors: List[Vector] = json.load(file)
    findings = [play(vector) for vector in vectors]
    for vector, finding in zip(vectors, findings):
        print(f"{vector['name']}: {finding or 'as it must be'}")
    return 1 if any(findings) else 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="heapwire", description="Reads HeapWire, the format in which a device tells what happens in its heaps."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser("dump", help="print each frame of a recorded stream, in the words of wire.md's examples")
    command.add_argument("file", metavar="FILE", help="what came over the line, or - for standard input")
    command.add_argument("--tables", action="store_true", help="after each frame, what is known of the heap's table")
    for name, file, what in [
        ("converse", "conversations.json", "whether a collector would have answered as the conversations have it"),
        ("times", "times.json", "whether ticks mean the times that they should"),
    ]:
        command = commands.add_parser(name, help=f"say {what}")
        command.add_argument("file", metavar="FILE", help=f"wire-vectors/{file}")
    return top


def run(arguments: argparse.Namespace) -> int:
    if arguments.command == "converse":
        return judge(arguments.file, converse)
    if arguments.command == "times":
        return judge(arguments.file, tell_times)
    if arguments.file == "-":
        return dump(sys.stdin.buffer, arguments.tables)
    with open(arguments.file, "rb") as file:
        return dump(file, arguments.tables)


def main() -> int:
    if hasattr(signal, "SIGPIPE"):
        # Whoever reads the output may stop reading, as `head` does.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    arguments = parser().parse_args()
    try:
        return run(arguments)
    except OSError as error:
        print(f"heapwire: can't read {arguments.file}: {error.strerror}", file=sys.stderr)
    except ValueError as error:
        print(f"heapwire: {arguments.file} is no file of vectors: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
