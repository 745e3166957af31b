# SPDX-License-Identifier: Apache-2.0
"""Blocks that don't move: "Pinned blocks" in wire.md."""

from __future__ import annotations

from typing import Optional

from .fields import U32, Fields
from .malformed import Malformed

# By the number of the skipped operation.
PINS = {2: "pin", 3: "unpin"}
DEEPEST = 65534


def read_pin(data: bytes) -> Optional[int]:
    """The depth of the block; None when it can't be read."""
    try:
        fields = Fields(data)
        depth = fields.varint(0, U32)
    except Malformed:
        return None
    return depth if depth <= DEEPEST and not fields.more else None
