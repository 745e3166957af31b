# SPDX-License-Identifier: Apache-2.0
"""Section 4 of wire.md, "Frames from the collector": their words, and how they are written."""

from __future__ import annotations

import zlib
from typing import List

from .fields import CAPABILITIES, LONG_REPLIES, SUMMARIES, U32, Fields, extension_words, varint
from .hello import VERSION
from .line import stuffed
from .malformed import Malformed

WELCOME, ACK, REQUEST, REFUSE = 0x41, 0x42, 0x43, 0x60


def reply_words(kind: int, fields: Fields) -> List[str]:
    """Reads all after the type."""
    if kind == WELCOME:
        if fields.varint() != VERSION:
            raise Malformed("unknown format version")
        lines = ["frame: WELCOME", f"boot: {fields.varint(0, U32)}", f"last stored: {fields.varint(0, U32 - 1)}"]
    elif kind == ACK:
        lines = ["frame: ACK", f"boot: {fields.varint(0, U32)}", f"sequence: {fields.varint(0, U32)}"]
    elif kind == REFUSE:
        lines = ["frame: REFUSE"] + [f"{name}: {fields.varint(0, U32)}" for name in ("boot", "wait", "reason")]
    else:
        lines = ["frame: REQUEST", f"boot: {fields.varint(0, U32)}", f"keyframe: {fields.varint(0, 1)}"]
        lines.append(f"interval: {fields.varint(0, U32)}")
    return lines + extension_words(fields.extensions())


def frame(kind: int, *numbers: int, extensions: bytes = b"") -> bytes:
    payload = bytes([kind]) + b"".join(varint(number) for number in numbers) + extensions
    return stuffed(payload + zlib.crc32(payload).to_bytes(4, "little")) + b"\0"


def welcome(boot: int, last_stored: int, offered: int) -> bytes:
    both = offered & (LONG_REPLIES | SUMMARIES)
    return frame(WELCOME, VERSION, boot, last_stored, extensions=bytes([CAPABILITIES, 1, both]) if both else b"")


def ack(boot: int, sequence: int) -> bytes:
    return frame(ACK, boot, sequence)


def request(boot: int, keyframe: int = 1, interval: int = 0) -> bytes:
    return frame(REQUEST, boot, keyframe, interval)
