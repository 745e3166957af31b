# SPDX-License-Identifier: Apache-2.0
"""The addresses of a watched heap's blocks in bits, and the lists of its KEYFRAMEs: "Watched heaps" in wire.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List

from .hello import Layout
from .malformed import out_of_range
from .packed import Distance, Left, Packed


@dataclass
class Block:
    address: int
    size: int
    site: int = 0

    @property
    def end(self) -> int:
        return self.address + self.size

    def words(self, layout: Layout) -> str:
        return f"size {self.size}, address {self.address:#x}{self.site_words(layout)}"

    def site_words(self, layout: Layout) -> str:
        return f", call site {self.site:#x}" if layout.call_sites else ""


class Places:
    """The addresses that a frame remembers; 0 where there is none."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.previous = layout, layout.base
        # The last one, and the one before it.
        self.freed: List[int] = [0, 0]
        self.allocated: List[int] = [0, 0]

    def comes(self, packed: Packed) -> int:
        """The address of a block that comes."""
        return self.read(packed, self.freed)

    def goes(self, packed: Packed) -> int:
        """The address of a block that goes."""
        return self.read(packed, self.allocated)

    def read(self, packed: Packed, remembered: List[int]) -> int:
        form = packed.owner(self.layout.alignment)
        if isinstance(form, Left):
            self.previous = remembered.pop(form.value)
            remembered.append(0)
        elif isinstance(form, Distance):
            self.previous = self.layout.around(self.previous + form.far)
        else:
            out_of_range()
        return self.previous

    def allocate(self, address: int) -> None:
        self.allocated = [address, self.allocated[0]]

    def free(self, address: int) -> None:
        self.freed = [address, self.freed[0]]

    def clear(self) -> None:
        self.previous, self.freed, self.allocated = 0, [0, 0], [0, 0]


def read_list(data: bytes, layout: Layout) -> List[Block]:
    """The blocks of a KEYFRAME, in the order of their addresses."""
    packed, address = Packed(data, layout), layout.base
    blocks: List[Block] = []
    while not packed.is_at_end:
        size, form = packed.size(), packed.owner(layout.alignment)
        if not isinstance(form, Distance):
            out_of_range()
        address = layout.around(address + form.far)
        if blocks and address <= blocks[-1].address:
            out_of_range()
        blocks.append(Block(address, size, packed.call_site() if layout.call_sites else 0))
    return blocks
