# SPDX-License-Identifier: Apache-2.0
"""HELLO, and the heaps that it announces: "HELLO, type 1" in wire.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Tuple

from .fields import BLOCKS, HEAPS, IDENTIFIER, LARGEST, NAME, TABLE, U32, Extensions, Fields, extension_words
from .malformed import Malformed, out_of_range

VERSION = 2
LAZY, CALL_SITES, WATCHED = 1, 2, 4


@dataclass
class Layout:
    """A heap as HELLO announces it."""

    base: int
    size: int
    alignment: int
    table: int
    width: int
    traits: int = 0
    name: str = ""

    @property
    def lazy(self) -> bool:
        return bool(self.traits & LAZY)

    @property
    def call_sites(self) -> bool:
        return bool(self.traits & CALL_SITES)

    @property
    def watched(self) -> bool:
        return bool(self.traits & WATCHED)

    def around(self, address: int) -> int:
        """Addresses go around at the end of what a pointer can hold."""
        return address & (1 << 8 * self.width) - 1

    def aligned(self, size: int) -> int:
        return -(-size // self.alignment) * self.alignment

    def words(self) -> str:
        return (
            f"name {self.name}, base {self.base:#x}, size {self.size}, alignment {self.alignment}, "
            f"table {self.table}, traits {self.traits}"
        )


@dataclass
class Hello:
    is_one_way: bool
    device: str
    build: str
    boot: int
    ticks_per_second: int
    tick: int
    oldest: int
    width: int
    heaps: Dict[int, Layout] = field(default_factory=dict)
    extensions: Extensions = field(default_factory=dict)

    @property
    def identity(self) -> Tuple[str, int]:
        """Numbers are one series for each device and boot."""
        return self.device, self.boot

    def words(self) -> List[str]:
        return [
            "frame: HELLO",
            f"one-way: {str(self.is_one_way).lower()}",
            f"device: {self.device}",
            f"build: {self.build}",
            f"boot: {self.boot}",
            f"ticks per second: {self.ticks_per_second}",
            f"tick: {self.tick}",
            f"oldest: {self.oldest}",
            f"pointer width: {self.width}",
            *(f"heap {number}: {heap.words()}" for number, heap in self.heaps.items()),
            *extension_words(self.extensions),
        ]


def read_hello(fields: Fields) -> Hello:
    """Reads all after the type."""
    if fields.varint() != VERSION:
        raise Malformed("unknown format version")
    hello = Hello(
        is_one_way=fields.varint(0, 1) == 1,
        device=fields.text(1, IDENTIFIER),
        build=fields.text(0, IDENTIFIER),
        boot=fields.varint(0, U32),
        ticks_per_second=fields.varint(1, 10**9),
        tick=fields.varint(0, LARGEST),
        oldest=fields.varint(1, U32),
        width=fields.varint(4, 8),
    )
    if hello.width not in (4, 8):
        raise Malformed("value out of range")
    for _ in range(fields.varint(0, HEAPS)):
        number = fields.varint(0, 255)
        if number in hello.heaps:
            raise Malformed("value out of range")
        hello.heaps[number] = read_layout(fields, hello.width)
    hello.extensions = fields.extensions()
    return hello


def read_layout(fields: Fields, width: int) -> Layout:
    name, base, size = fields.text(0, NAME), fields.varint(), fields.varint(0, U32)
    alignment, table = fields.varint(1, 65536), fields.varint(1, BLOCKS)
    traits = fields.varint(0, LAZY | CALL_SITES | WATCHED)
    if traits & LAZY and traits & WATCHED or table > TABLE and not traits & WATCHED:
        out_of_range()
    if base + size >= 1 << 8 * width or alignment & (alignment - 1):
        out_of_range()
    return Layout(base, size, alignment, table, width, traits, name)
