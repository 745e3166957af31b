# SPDX-License-Identifier: Apache-2.0
"""The copy of a heap's table that a collector keeps: "Replaying" in wire.md, written from that document alone."""

from __future__ import annotations

from typing import Iterator, List

from .hello import Layout
from .operations import Operation
from .packed import Trail
from .state import Entry, State


class Impossible(Exception):
    """What the table does not allow: the copy is wrong."""


def murmur3(data: bytes) -> int:
    """MurmurHash3_x86_32, seed 0, of a multiple of 4 bytes."""
    mask, value = 2**32 - 1, 0
    for at in range(0, len(data), 4):
        k = int.from_bytes(data[at : at + 4], "little") * 0xCC9E2D51 & mask
        k = (k << 15 | k >> 17) * 0x1B873593 & mask
        value ^= k
        value = ((value << 13 | value >> 19) & mask) * 5 + 0xE6546B64 & mask
    value ^= len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & mask
    value = (value ^ value >> 13) * 0xC2B2AE35 & mask
    return value ^ value >> 16


class Replica:
    """The copy of one heap's table. It is `unknown`; or `partial`: a KEYFRAME in parts has brought the first entries,
    and more must come; or `exact`."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.standing = "unknown"
        self.entries: List[Entry] = []
        self.count = 0
        self.totals = [0] * 5

    def forget(self) -> None:
        self.standing, self.entries, self.count, self.totals = "unknown", [], 0, [0] * 5

    def apply(self, state: State, follows: bool) -> None:
        """Takes a frame in; `follows` says that no frame is missing before it."""
        if not follows or state.lost > 0:
            self.forget()
        try:
            if state.kind == "KEYFRAME":
                self.take(state)
            else:
                self.replay(state.operations)
            if self.standing == "partial" and state.has_figures and self.count != state.count:
                raise Impossible
            if self.standing == "exact" and not self.agrees(state):
                raise Impossible
        except Impossible:
            self.forget()

    def replay(self, operations: List[Operation]) -> None:
        trail = Trail(self.layout)
        for operation in operations:
            operation.find_owner(trail, self.owner(operation.depth or 0))
            try:
                self.perform(operation)
            except Impossible:
                # A reset may follow in this frame.
                self.forget()

    def take(self, state: State) -> None:
        if self.standing == "exact":
            if self.agrees(state):
                return
            self.forget()
        if state.first == 0:
            self.forget()
            self.standing, self.count = "partial", state.count
        if self.standing == "unknown":
            return
        if state.first != len(self.entries) or state.first + len(state.entries) > state.count:
            raise Impossible
        self.entries += state.entries
        if any(entry.gap % self.layout.alignment for entry in state.entries):
            raise Impossible
        self.check_room()
        if len(self.entries) == state.count:
            self.standing, self.totals = "exact", list(state.totals)

    def agrees(self, state: State) -> bool:
        if not state.has_figures:
            return self.digest() & 0xFFFF == state.digest
        return (self.count, self.used, self.gaps, self.totals, self.digest()) == (
            state.count, state.used, state.gaps, state.totals, state.digest
        )

    def owner(self, depth: int) -> int:
        """Of the block with this depth; 0 where it has none, or isn't known."""
        index = self.count - 1 - depth
        return self.entries[index].owner if 0 <= index < len(self.entries) else 0

    # -- The known entries

    @property
    def used(self) -> int:
        return sum(self.layout.aligned(entry.size) for entry in self.entries)

    @property
    def gaps(self) -> int:
        return sum(entry.gap for entry in self.entries)

    def digest(self) -> int:
        data = bytearray()
        for entry in self.entries:
            data += entry.size.to_bytes(4, "little") + entry.owner.to_bytes(8, "little")
            data += entry.gap.to_bytes(4, "little") if self.layout.lazy else b""
            data += entry.site.to_bytes(8, "little") if self.layout.call_sites else b""
        return murmur3(bytes(data))

    def start(self, index: int) -> int:
        """The offset of an entry from the heap's base; of the one after the last, where that ends."""
        before = sum(self.layout.aligned(entry.size) + entry.gap for entry in self.entries[:index])
        return before + (self.entries[index].gap if index < len(self.entries) else 0)

    def table(self) -> List[str]:
        return [
            f"{self.layout.base + self.start(index):#x}: {entry.words(self.layout)}"
            for index, entry in enumerate(self.entries)
        ]

    def check_room(self) -> None:
        if self.used + self.gaps > self.layout.size or len(self.entries) > self.layout.table:
            raise Impossible

    # -- Operations

    def perform(self, operation: Operation) -> None:
        if operation.name in ("pin", "unpin", "recorder"):
            return
        if operation.name == "reset":
            self.forget()
            self.standing = "exact"
        elif self.standing != "unknown":
            if operation.depth is None:
                self.add(operation)
            elif operation.depth >= self.count:
                raise Impossible
            else:
                self.change(operation, self.count - 1 - operation.depth)
            self.check_room()

    def add(self, operation: Operation) -> None:
        """What names no block."""
        if operation.name == "alloc":
            self.alloc(operation)
        elif operation.name == "failed":
            self.totals[2] += 1

    def change(self, operation: Operation, index: int) -> None:
        """What names a block. It may be one of those that are not known yet."""
        is_known = index < len(self.entries)
        if operation.name == "free":
            if is_known:
                self.free(index)
            self.count -= 1
            self.totals[1] += 1
        elif not is_known:
            return
        elif operation.name == "resize":
            self.resize(index, operation.size or 0)
        elif operation.name == "compact":
            self.compact(index, operation.moved or 0)
        else:
            # An orphan has none.
            self.entries[index].owner = operation.owner or 0

    def alloc(self, operation: Operation) -> None:
        size = operation.size or 0
        if size == 0 or self.count == self.layout.table:
            raise Impossible
        if self.standing == "exact":
            self.entries.append(Entry(size, operation.owner or 0, 0, operation.site or 0))
        self.count += 1
        self.totals[0] += 1

    def free(self, index: int) -> None:
        freed = self.entries[index]
        extent = self.layout.aligned(freed.size)
        if not self.layout.lazy:
            self.move_tail(index, -extent)
        elif index + 1 < len(self.entries):
            self.entries[index + 1].gap += freed.gap + extent
        del self.entries[index]

    def resize(self, index: int, size: int) -> None:
        entry, after = self.entries[index], self.entries[index + 1 : index + 2]
        growth = self.layout.aligned(size) - self.layout.aligned(entry.size)
        if not self.layout.lazy:
            self.move_tail(index, growth)
        elif after and growth > after[0].gap:
            self.move_tail(index, growth - after[0].gap)
            after[0].gap = 0
        elif after:
            after[0].gap -= growth
        elif growth > 0 and self.is_any_missing:
            # The gap after it isn't known, nor whether those after it move.
            if any(self.owners_within(self.start(len(self.entries)), self.layout.size)):
                raise Impossible
        entry.size = size

    def move_tail(self, index: int, distance: int) -> None:
        """Moves what comes after the entry, and the owners in it."""
        if distance == 0 or index + 1 == self.count:
            return
        first, end = self.start(index + 1), self.start(len(self.entries))
        self.totals[3] += len(self.entries) - 1 - index
        self.totals[4] += end - first
        self.move_owners(first, self.layout.size if self.is_any_missing else end, distance)

    @property
    def is_any_missing(self) -> bool:
        return len(self.entries) < self.count

    def owners_within(self, start: int, end: int) -> Iterator[Entry]:
        """Entries whose owners lie between these offsets from the heap's base."""
        base = self.layout.base
        return (entry for entry in self.entries if base + start <= entry.owner < base + end)

    def move_owners(self, start: int, end: int, distance: int) -> None:
        for entry in self.owners_within(start, end):
            entry.owner = self.layout.around(entry.owner + distance)

    def compact(self, index: int, moved: int) -> None:
        start, gap, left = self.start(index), self.entries[index].gap, moved
        after = index
        while left > 0 and after < len(self.entries):
            entry = self.entries[after]
            if (after > index) == (entry.gap > 0):
                raise Impossible
            left -= self.layout.aligned(entry.size)
            after += 1
        if left < 0 or left > 0 and self.standing == "exact":
            raise Impossible
        self.move_owners(start, start + moved, -gap)
        self.totals[3] += after - index
        self.totals[4] += moved
        self.entries[index].gap = 0
        if after < len(self.entries):
            self.entries[after].gap += gap
