# SPDX-License-Identifier: Apache-2.0
"""The fields of a payload that take whole bytes: section 2 of wire.md, "Numbers"."""

from __future__ import annotations

from typing import Dict, List

from .malformed import Malformed, out_of_range

IDENTIFIER, NAME, HEAPS = 64, 32, 16
# Entries of a table, and blocks of a watched heap.
TABLE, BLOCKS = 65535, 1_048_576
U32, U64, LARGEST = 2**32 - 1, 2**64 - 1, 2**62
EXTENSIONS, TAG = 256, 65535
CAPABILITIES, LONG_REPLIES, SUMMARIES = 1, 1, 2

Extensions = Dict[int, bytes]


class Fields:
    """The fields of a payload from front to back."""

    def __init__(self, payload: bytes) -> None:
        self.payload, self.at = payload, 0

    @property
    def more(self) -> bool:
        return self.at < len(self.payload)

    def take(self, count: int) -> bytes:
        if count > len(self.payload) - self.at:
            raise Malformed("truncated field")
        self.at += count
        return self.payload[self.at - count : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self, low: int = 0, high: int = U64) -> int:
        number, shift = 0, 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if number > U64 or (byte & 0x80 and shift == 70):
                raise Malformed("value out of range")
            if not byte & 0x80:
                break
        return number if low <= number <= high else out_of_range()

    def word(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def text(self, low: int, high: int) -> str:
        raw = self.take(self.varint(low, high))
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("value out of range") from None
        if any(c < " " or "\x7f" <= c <= "\x9f" for c in text):
            raise Malformed("value out of range")
        return text

    def extensions(self) -> Extensions:
        """The fields after the last one that the frame must have, by tag, to the end of the payload."""
        if len(self.payload) - self.at > EXTENSIONS:
            raise Malformed("trailing bytes")
        found: Extensions = {}
        tag = 0
        while self.more:
            tag = self.varint(tag + 1, TAG)
            found[tag] = self.take(self.varint(0, EXTENSIONS))
        return found


def varint(number: int) -> bytes:
    """In as few bytes as it can be."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def extension_words(extensions: Extensions) -> List[str]:
    return [f"extension {tag}: {value.hex(' ')}" for tag, value in extensions.items()]


def capabilities(extensions: Extensions) -> int:
    """As a number whose bit n is capability n."""
    return int.from_bytes(extensions.get(CAPABILITIES, b""), "little")
