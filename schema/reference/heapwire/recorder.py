# SPDX-License-Identifier: Apache-2.0
"""How full the memory got in which a device records operations: "Recorders" in wire.md."""

from __future__ import annotations

from typing import Optional, Tuple

from .fields import U32, Fields
from .malformed import Malformed

# The number of the skipped operation.
RECORDER = 4


def read_recorder(data: bytes) -> Optional[Tuple[int, int]]:
    """The most bytes that were in use, and all of them; None when it can't be read."""
    try:
        fields = Fields(data)
        most, size = fields.varint(0, U32), fields.varint(1, U32)
    except Malformed:
        return None
    return (most, size) if most <= size and not fields.more else None
