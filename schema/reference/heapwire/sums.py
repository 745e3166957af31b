# SPDX-License-Identifier: Apache-2.0
"""What the allocations of a heap came to since its last frame: "Summaries" in wire.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional

from .fields import LARGEST, U32, Fields
from .hello import Layout
from .malformed import Malformed, out_of_range
from .packed import unzigzag

# Of the skipped operation.
SUMS = 1


@dataclass(frozen=True)
class Sum:
    """Allocations that have something in common, and what they asked for."""

    allocations: int
    bytes: int

    def words(self) -> str:
        return f"{self.allocations} of {self.bytes} bytes"


@dataclass
class AllocationSums:
    """By tag: a call site, or the owner in a heap without call sites. `others` is of all tags that are not in `tags`."""

    others: Sum
    tags: Dict[int, Sum] = field(default_factory=dict)

    def words(self) -> List[str]:
        return [f"sums: others {self.others.words()}"] + [f"sums: {tag:#x} {each.words()}" for tag, each in self.tags.items()]


def read_sum(fields: Fields) -> Sum:
    return Sum(fields.varint(0, U32), fields.varint(0, LARGEST - 1))


def read_sums(data: bytes, layout: Layout) -> Optional[AllocationSums]:
    """None when they can't be read."""
    fields, tag = Fields(data), 0
    try:
        sums = AllocationSums(read_sum(fields))
        while fields.more:
            tag = layout.around(tag + unzigzag(fields.varint()))
            # Each comes once, and a watched heap without call sites has none.
            if tag in sums.tags or layout.watched and not layout.call_sites:
                out_of_range()
            sums.tags[tag] = read_sum(fields)
    except Malformed:
        return None
    return sums
