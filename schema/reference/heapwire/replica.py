# SPDX-License-Identifier: Apache-2.0
"""The copy of a heap's table that a collector keeps: "Replaying" in ../wire.md, written from that document alone."""

from dataclasses import dataclass

from packed import Trail


class Impossible(Exception):
    """What the table does not allow: the copy is wrong."""


@dataclass
class Entry:
    size: int
    owner: int
    gap: int = 0
    site: int = 0

    def words(self, layout):
        gap = f", gap {self.gap}" if layout.lazy else ""
        site = f", call site {self.site:#x}" if layout.call_sites else ""
        return f"size {self.size}, owner {self.owner:#x}{gap}{site}"


def murmur3(data):
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

    def __init__(self, layout):
        self.layout = layout
        self.forget()

    def forget(self):
        self.standing, self.entries, self.count, self.totals = "unknown", [], 0, [0] * 5

    def apply(self, state, follows):
        """Takes a frame in; `follows` says that no frame is missing before it."""
        if not follows or state.lost > 0:
            self.forget()
        try:
            if state.kind == "KEYFRAME":
                self.take(state)
            else:
                trail = Trail(self.layout)
                for operation in state.operations:
                    trail.find(operation, self.owner(operation.get("depth", 0)))
                    try:
                        self.perform(operation)
                    except Impossible:
                        # A reset may follow in this frame.
                        self.forget()
            if self.standing == "partial" and state.figures and self.count != state.count:
                raise Impossible
            if self.standing == "exact" and not self.agrees(state):
                raise Impossible
        except Impossible:
            self.forget()

    def take(self, state):
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

    def agrees(self, state):
        if not state.figures:
            return self.digest() & 0xFFFF == state.digest
        return (self.count, self.used, self.gaps, self.totals, self.digest()) == (
            state.count, state.used, state.gaps, state.totals, state.digest
        )

    def owner(self, depth):
        """Of the block with this depth; 0 where it has none, or isn't known."""
        index = self.count - 1 - depth
        return self.entries[index].owner if 0 <= index < len(self.entries) else 0

    # -- The known entries

    @property
    def used(self):
        return sum(self.layout.aligned(entry.size) for entry in self.entries)

    @property
    def gaps(self):
        return sum(entry.gap for entry in self.entries)

    def digest(self):
        data = bytearray()
        for entry in self.entries:
            data += entry.size.to_bytes(4, "little") + entry.owner.to_bytes(8, "little")
            data += entry.gap.to_bytes(4, "little") if self.layout.lazy else b""
            data += entry.site.to_bytes(8, "little") if self.layout.call_sites else b""
        return murmur3(data)

    def start(self, index):
        """The offset of an entry from the heap's base; of the one behind the last, where that ends."""
        before = sum(self.layout.aligned(entry.size) + entry.gap for entry in self.entries[:index])
        return before + (self.entries[index].gap if index < len(self.entries) else 0)

    def table(self):
        return [
            f"{self.layout.base + self.start(index):#x}: {entry.words(self.layout)}"
            for index, entry in enumerate(self.entries)
        ]

    def check_room(self):
        if self.used + self.gaps > self.layout.size or len(self.entries) > self.layout.table:
            raise Impossible

    # -- Operations

    def perform(self, operation):
        if self.standing == "unknown" and operation["name"] != "reset":
            return
        self.index = None
        if "depth" in operation:
            if operation["depth"] >= self.count:
                raise Impossible
            self.index = self.count - 1 - operation["depth"]
        is_known = self.index is None or self.index < len(self.entries)
        getattr(self, operation["name"].replace("-", "_"))(operation, is_known)
        self.check_room()

    def alloc(self, operation, is_known):
        if operation["size"] == 0 or self.count == self.layout.table:
            raise Impossible
        if self.standing == "exact":
            self.entries.append(Entry(operation["size"], operation["owner"], 0, operation.get("site", 0)))
        self.count += 1
        self.totals[0] += 1

    def free(self, operation, is_known):
        if is_known:
            freed = self.entries[self.index]
            extent = self.layout.aligned(freed.size)
            if not self.layout.lazy:
                self.move_tail(-extent)
            elif self.index + 1 < len(self.entries):
                self.entries[self.index + 1].gap += freed.gap + extent
            del self.entries[self.index]
        self.count -= 1
        self.totals[1] += 1

    def resize(self, operation, is_known):
        if not is_known:
            return
        entry, behind = self.entries[self.index], self.entries[self.index + 1 : self.index + 2]
        growth = self.layout.aligned(operation["size"]) - self.layout.aligned(entry.size)
        if not self.layout.lazy:
            self.move_tail(growth)
        elif behind and growth > behind[0].gap:
            self.move_tail(growth - behind[0].gap)
            behind[0].gap = 0
        elif behind:
            behind[0].gap -= growth
        entry.size = operation["size"]

    def move_tail(self, distance):
        """Moves what is behind the entry, and the owners in it."""
        if distance == 0 or self.index + 1 == self.count:
            return
        first, end = self.start(self.index + 1), self.start(len(self.entries))
        self.totals[3] += len(self.entries) - 1 - self.index
        self.totals[4] += end - first
        self.move_owners(first, end if self.standing == "exact" else self.layout.size, distance)

    def move_owners(self, start, end, distance):
        base = self.layout.base
        for entry in self.entries:
            if base + start <= entry.owner < base + end:
                entry.owner += distance

    def compact(self, operation, is_known):
        if not is_known:
            return
        start, gap, left = self.start(self.index), self.entries[self.index].gap, operation["bytes"]
        behind = self.index
        while left > 0 and behind < len(self.entries):
            entry = self.entries[behind]
            if (behind > self.index) == (entry.gap > 0):
                raise Impossible
            left -= self.layout.aligned(entry.size)
            behind += 1
        if left < 0 or left > 0 and self.standing == "exact":
            raise Impossible
        self.move_owners(start, start + operation["bytes"], -gap)
        self.totals[3] += behind - self.index
        self.totals[4] += operation["bytes"]
        self.entries[self.index].gap = 0
        if behind < len(self.entries):
            self.entries[behind].gap += gap

    def reown(self, operation, is_known):
        if is_known:
            self.entries[self.index].owner = operation["owner"]

    def orphan(self, operation, is_known):
        if is_known:
            self.entries[self.index].owner = 0

    def failed(self, operation, is_known):
        self.totals[2] += 1

    def bad_pointer(self, operation, is_known):
        pass

    def reset(self, operation, is_known):
        self.standing, self.entries, self.count, self.totals = "exact", [], 0, [0] * 5
