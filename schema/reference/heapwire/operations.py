# SPDX-License-Identifier: Apache-2.0
"""The operations of a DELTA: "DELTA, type 3" in wire.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .hello import Layout
from .malformed import Malformed, out_of_range
from .packed import OwnerForm, Packed, Trail
from .places import Places
from .pins import PINS, read_pin
from .recorder import RECORDER, read_recorder
from .sums import SUMS, AllocationSums, read_sums

COMMON = ["alloc", "free", "resize"]
RARE = ["", "orphan", "bad-pointer", "reset", "compact", "", "", "skipped"]

HAVE_DEPTH = ("free", "resize", "reown", "orphan", "compact")
HAVE_OWNER = ("alloc", "reown", "failed", "bad-pointer")
WATCHED = ("alloc", "free", "resize", "failed", "reset", "skipped")


@dataclass
class Operation:
    """Fields that its kind does not have are None."""

    name: str
    ticks: int  # since the operation before
    tick: int = 0
    depth: Optional[int] = None
    size: Optional[int] = None
    moved: Optional[int] = None  # by compact; of a recorder the most bytes in use
    why: Optional[int] = None
    form: OwnerForm = None
    owner: Optional[int] = None  # found by `find_owner`
    site: Optional[int] = None
    # Of a watched heap: where the block is, and where a resize has moved it.
    address: Optional[int] = None
    new_address: Optional[int] = None

    def find_owner(self, trail: Trail, before: int) -> None:
        """Call it for each operation in order; `before` is the owner that the block has had, 0 where it isn't known."""
        if self.name in HAVE_OWNER:
            self.owner = trail.owner(self.form)
        if self.name in ("free", "reown"):
            trail.leave(before)
        elif self.name in ("failed", "bad-pointer") and self.owner:
            trail.leave(self.owner)
        elif self.name == "reset":
            trail.clear()

    def words(self) -> str:
        numbers = [("depth", self.depth), ("bytes", self.moved), ("size", self.size), ("why", self.why)]
        addresses = [("owner", self.owner), ("address", self.address), ("new address", self.new_address), ("call site", self.site)]
        words = [f"{label} {value}" for label, value in numbers if value is not None]
        words += [f"{label} {value:#x}" for label, value in addresses if value is not None]
        return f"tick {self.tick}: {self.name} {', '.join(words)}".rstrip()


class Operations(Packed):
    """Reads operations. Their ticks and owners follow from those before."""

    def __init__(self, data: bytes, layout: Layout) -> None:
        super().__init__(data, layout)
        self.rate, self.places = 4, Places(layout)
        self.sums: Optional[AllocationSums] = None  # the first that can be read

    def ticks(self) -> int:
        power = self.rate // 4
        quotient = self.zeros(6)
        if quotient < 6:
            self.rate = min(max(self.rate + quotient - 1, 0), 63)
            return (quotient << power) + self.bits(power)
        power = self.bits(5)
        self.rate = min(4 * power, 63)
        return (1 << power) + self.bits(power)

    def kind(self) -> str:
        zeros = self.zeros(4)
        if zeros < 3:
            kind = COMMON[zeros]
        elif zeros == 3:
            kind = "failed" if self.bits(1) else "reown"
        else:
            kind = RARE[self.bits(3)]
        if not kind or kind == "compact" and not self.layout.lazy or self.layout.watched and kind not in WATCHED:
            out_of_range()
        return kind

    def next(self) -> Optional[Operation]:
        """None at the end."""
        if self.is_at_end:
            return None
        operation = Operation(self.kind(), self.ticks())
        name = operation.name
        if name == "skipped":
            self.read_skipped(operation)
        elif self.layout.watched:
            self.read_watched(operation)
        else:
            self.read(operation)
        if name in ("alloc", "failed") and self.layout.call_sites:
            operation.site = self.call_site()
        return operation

    def read(self, operation: Operation) -> None:
        """The fields between ticks and call site."""
        name = operation.name
        if name in HAVE_DEPTH:
            operation.depth = self.depth()
        if name == "failed":
            self.read_failure(operation)
        elif name in ("alloc", "resize"):
            operation.size = self.size()
        elif name == "compact":
            operation.moved = self.size()
        if name in HAVE_OWNER:
            operation.form = self.owner(self.layout.width)

    def read_skipped(self, operation: Operation) -> None:
        number = self.bits(8)
        data = bytes(self.bits(8) for _ in range(self.bits(8)))
        if number == SUMS and self.sums is None:
            self.sums = read_sums(data, self.layout)
        depth = None if self.layout.watched or number not in PINS else read_pin(data)
        if depth is not None:
            operation.name, operation.depth = PINS[number], depth
        fill = read_recorder(data) if number == RECORDER else None
        if fill is not None:
            operation.name, (operation.moved, operation.size) = "recorder", fill

    def read_failure(self, operation: Operation) -> None:
        operation.why = self.bits(2)
        if operation.why == 3:
            raise Malformed("value out of range")
        operation.size = 0 if operation.why == 2 else self.size()

    def read_watched(self, operation: Operation) -> None:
        """The same in a watched heap: blocks are named by their addresses."""
        name, places = operation.name, self.places
        if name == "failed":
            self.read_failure(operation)
        elif name == "reset":
            places.clear()
        elif name == "alloc":
            operation.size = self.size()
            operation.address = places.comes(self)
            places.allocate(operation.address)
        elif name == "free":
            operation.address = places.goes(self)
            places.free(operation.address)
        else:
            operation.address = places.goes(self)
            operation.size = self.size()
            if self.bits(1):
                operation.new_address = places.comes(self)
                places.free(operation.address)
                places.allocate(operation.new_address)
            else:
                places.allocate(operation.address)
