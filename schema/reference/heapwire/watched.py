# SPDX-License-Identifier: Apache-2.0
"""The copy of the table of a watched heap: "Watched heaps" in wire.md, written from that document alone."""

from __future__ import annotations

from typing import List, Optional

from .hello import Layout
from .operations import Operation
from .places import Block
from .replica import Impossible, Replica, murmur3
from .state import UNLISTED, State

# Below all addresses.
NOTHING = -1


class WatchedReplica(Replica):
    """Its blocks are in the order of their addresses. In the standing `partial`, those at addresses up to `listed` are known."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self.blocks: List[Block] = []
        self.listed = NOTHING

    def forget(self) -> None:
        super().forget()
        self.blocks, self.listed = [], NOTHING

    def take(self, state: State) -> None:
        if self.standing == "exact":
            if self.agrees(state):
                return
            self.forget()
        if state.first == 0 or state.first == UNLISTED and state.count == 0:
            self.forget()
            self.standing, self.count = "partial", state.count
        if self.standing == "unknown":
            return
        for block in state.blocks:
            if block.address <= self.listed:
                raise Impossible
            self.check_place(block)
            self.enter(block)
            self.listed = block.address
        if len(self.blocks) > min(state.count, self.layout.table):
            raise Impossible
        if len(self.blocks) == state.count:
            self.standing, self.count, self.totals = "exact", state.count, list(state.totals)

    def agrees(self, state: State) -> bool:
        digest = self.digest()
        if not state.has_figures:
            return digest & 0xFFFF == state.digest
        return (self.count, self.totals[:3], digest) == (state.count, state.totals[:3], state.digest)

    def digest(self) -> int:
        return sum(murmur3(block.address.to_bytes(8, "little")) for block in self.blocks) & 2**32 - 1

    def table(self) -> List[str]:
        return [f"{block.address:#x}: size {block.size}{block.site_words(self.layout)}" for block in self.blocks]

    # -- Blocks

    def is_listed(self, address: int) -> bool:
        """Whether a block at this address would be known."""
        return self.standing == "exact" or address <= self.listed

    def enter(self, block: Block) -> None:
        self.blocks.append(block)
        self.blocks.sort(key=lambda block: block.address)

    def check_place(self, block: Block) -> None:
        base, size = self.layout.base, self.layout.size
        end = base + size if size else (1 << 8 * self.layout.width) - 1
        if not block.address or not base <= block.address <= block.end <= end:
            raise Impossible
        if any(other.address < block.end and block.address < other.end for other in self.blocks):
            raise Impossible

    def remove(self, address: int) -> Optional[Block]:
        """None when the block is one that can't be known yet."""
        if not self.is_listed(address) and len(self.blocks) < self.count:
            return None
        found = [block for block in self.blocks if block.address == address]
        if not found:
            raise Impossible
        self.blocks.remove(found[0])
        return found[0]

    # -- Operations

    def replay(self, operations: List[Operation]) -> None:
        for operation in operations:
            try:
                self.perform(operation)
            except Impossible:
                # A reset may follow in this frame.
                self.forget()

    def perform(self, operation: Operation) -> None:
        if operation.name == "reset":
            self.forget()
            self.standing = "exact"
        elif self.standing != "unknown":
            self.change_blocks(operation, operation.address or 0, operation.size or 0)

    def change_blocks(self, operation: Operation, address: int, size: int) -> None:
        if operation.name == "failed":
            self.totals[2] += 1
        elif operation.name == "alloc":
            if self.count == self.layout.table:
                raise Impossible
            self.place(Block(address, size, operation.site or 0))
            self.count += 1
            self.totals[0] += 1
        elif operation.name == "free":
            self.remove(address)
            self.count -= 1
            self.totals[1] += 1
        else:
            old = self.remove(address)
            moved = operation.new_address
            self.place(Block(address if moved is None else moved, size, old.site if old else 0))

    def place(self, block: Block) -> None:
        """A block of an operation. It is known only when its address is listed."""
        self.check_place(block)
        if self.is_listed(block.address):
            self.enter(block)
