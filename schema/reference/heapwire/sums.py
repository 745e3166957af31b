# SPDX-License-Identifier: Apache-2.0
"""What the allocations of a heap came to: "Summaries" in wire.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from .fields import LARGEST, U32, Fields
from .hello import Layout
from .malformed import Malformed
from .packed import unzigzag

# The number of the skipped operation.
SUMS = 1


@dataclass
class AllocationSums:
    """Allocations and their bytes: of each tag, and of all others together."""

    others: Tuple[int, int]
    tags: List[Tuple[int, int, int]] = field(default_factory=list)  # tag, allocations, bytes

    def words(self) -> List[str]:
        lines = ["sums: others {} of {} bytes".format(*self.others)]
        return lines + [f"sums: {tag:#x} {allocations} of {size} bytes" for tag, allocations, size in self.tags]


def read_sums(data: bytes, layout: Layout) -> Optional[AllocationSums]:
    """None when they can't be read: a reader passes over them."""
    fields, tag = Fields(data), 0

    def read_sum() -> Tuple[int, int]:
        return fields.varint(0, U32), fields.varint(0, LARGEST - 1)

    try:
        sums = AllocationSums(read_sum())
        while fields.more:
            tag = layout.around(tag + unzigzag(fields.varint()))
            sums.tags.append((tag, *read_sum()))
    except Malformed:
        return None
    return sums
