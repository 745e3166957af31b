# SPDX-License-Identifier: Apache-2.0
"""KEYFRAME and DELTA: entries of a table or operations, and the state of the heap. "Frames from the device" in wire.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from .fields import BLOCKS, LARGEST, TABLE, U32, Fields
from .hello import Layout
from .malformed import Malformed, out_of_range
from .operations import Operation, Operations
from .packed import Left, Packed, Trail
from .places import Block, read_list
from .sums import AllocationSums

# `first` of a watched heap that can't be listed.
UNLISTED = 2
TOTALS = ["allocations", "frees", "failures", "moves", "bytes moved"]


@dataclass
class Entry:
    size: int
    owner: int
    gap: int = 0
    site: int = 0

    def words(self, layout: Layout) -> str:
        gap = f", gap {self.gap}" if layout.lazy else ""
        site = f", call site {self.site:#x}" if layout.call_sites else ""
        return f"size {self.size}, owner {self.owner:#x}{gap}{site}"


@dataclass
class State:
    """What a KEYFRAME or DELTA says."""

    kind: str
    sequence: int
    heap: int
    tick: int  # the moment that it tells of
    has_figures: bool = False
    used: int = 0
    gaps: int = 0
    count: int = 0
    peak: int = 0
    totals: List[int] = field(default_factory=list)
    lost: int = 0
    digest: int = 0
    first: int = 0
    entries: List[Entry] = field(default_factory=list)
    # Of a watched heap.
    blocks: List[Block] = field(default_factory=list)
    span: int = 0
    sums: Optional[AllocationSums] = None  # of a summary
    operations: List[Operation] = field(default_factory=list)

    def words(self, layout: Layout) -> List[str]:
        lines = [f"frame: {self.kind}", f"sequence: {self.sequence}", f"heap: {self.heap}", f"tick: {self.tick}"]
        if self.has_figures:
            lines += [f"used: {self.used}", f"gaps: {self.gaps}", f"count: {self.count}", f"peak: {self.peak}"]
            lines.append("totals: " + ", ".join(f"{value} {name}" for value, name in zip(self.totals, TOTALS)))
            lines.append(f"lost: {self.lost}")
        lines.append(f"digest: {self.digest:#x}")
        if self.kind == "KEYFRAME":
            lines.append(f"first: {self.first}")
            lines += [f"entry: {entry.words(layout)}" for entry in self.entries]
            return lines + [f"entry: {block.words(layout)}" for block in self.blocks]
        lines.append(f"span: {self.span}")
        lines += self.sums.words() if self.sums else []
        return lines + [operation.words() for operation in self.operations]


def read_start(fields: Fields) -> Tuple[int, int, int, int]:
    """Type, sequence, heap and tick."""
    kind = fields.byte()
    return kind & 15, fields.varint(1, U32), fields.varint(1, 255) if kind & 16 else 0, fields.varint(0, LARGEST)


def read_state(payload: bytes, layout: Layout) -> State:
    fields = Fields(payload)
    kind, sequence, heap, tick = read_start(fields)
    if kind == 2:
        state = State("KEYFRAME", sequence, heap, tick)
        read_figures(state, fields)
        read_part = read_blocks if layout.watched else read_entries
        read_part(state, fields, layout)
    else:
        state = State("DELTA", sequence, heap, tick)
        read_operations(state, fields, layout)
    return state


def read_figures(state: State, fields: Fields) -> None:
    state.has_figures = True
    state.used, state.gaps = fields.varint(0, U32), fields.varint(0, U32)
    state.count, state.peak = fields.varint(0, BLOCKS), fields.varint(0, U32)
    state.totals = [fields.varint(0, LARGEST - 1) for _ in TOTALS]
    state.lost, state.digest = fields.varint(0, U32), fields.word()


def read_entries(state: State, fields: Fields, layout: Layout) -> None:
    """All of a KEYFRAME after its figures."""
    state.first = fields.varint(0, TABLE)
    packed, trail = Packed(fields.payload[fields.at :], layout), Trail(layout)
    while not packed.is_at_end:
        size, form = packed.size(), packed.owner(layout.width)
        if isinstance(form, Left):
            out_of_range()
        entry = Entry(size, trail.owner(form))
        entry.gap = packed.gap() if layout.lazy else 0
        entry.site = packed.call_site() if layout.call_sites else 0
        state.entries.append(entry)


def read_blocks(state: State, fields: Fields, layout: Layout) -> None:
    """The same of a watched heap."""
    state.first = fields.varint(0, UNLISTED)
    if state.first < UNLISTED:
        state.blocks = read_list(fields.payload[fields.at :], layout)
    elif fields.more:
        raise Malformed("trailing bytes")


def read_operations(state: State, fields: Fields, layout: Layout) -> None:
    """All of a DELTA after its tick. What is at its end is found by its length, which is the last byte."""
    payload, tick = fields.payload, state.tick
    ending = payload[-1]
    end = len(payload) - 1 - (ending & 127)
    if end < fields.at:
        raise Malformed("truncated field")
    operations, fields = Operations(payload[fields.at : end], layout), Fields(payload[end:-1])
    state.span = fields.varint(0, U32)
    if ending & 128:
        read_figures(state, fields)
    else:
        state.digest = int.from_bytes(fields.take(2), "little")
    if fields.more:
        raise Malformed("trailing bytes")
    state.tick += state.span
    if state.tick > LARGEST:
        out_of_range()
    operation = operations.next()
    while operation:
        tick += operation.ticks
        if tick > state.tick:
            out_of_range()
        operation.tick = tick
        if operation.name != "skipped":
            state.operations.append(operation)
        operation = operations.next()
    state.sums = operations.sums
