# SPDX-License-Identifier: Apache-2.0
"""A stream of bytes, and the frames in it: section 1 of wire.md, "The line"."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Iterator, Union

from .malformed import Malformed

PAYLOAD = 4096


def unstuffed(block: bytes) -> bytes:
    """COBS without the ending zero: code − 1 bytes follow each code byte, a zero stands between two blocks."""
    out, at = bytearray(), 0
    while at < len(block):
        code = block[at]
        if at + code > len(block):
            raise Malformed("broken byte stuffing")
        out += block[at + 1 : at + code]
        at += code
        if code < 255 and at < len(block):
            out.append(0)
    return bytes(out)


def stuffed(data: bytes) -> bytes:
    """COBS of less than 254 bytes, which is all that a collector says at a time."""
    return b"".join(bytes([len(part) + 1]) + part for part in data.split(b"\0"))


def checked(block: bytes) -> bytes:
    """The payload of what stood between two zeros."""
    frame = unstuffed(block)
    if len(frame) > PAYLOAD + 4:
        raise Malformed("oversized frame")
    if len(frame) < 5:
        raise Malformed("truncated frame")
    payload, checksum = frame[:-4], int.from_bytes(frame[-4:], "little")
    if zlib.crc32(payload) != checksum:
        raise Malformed("checksum mismatch")
    return payload


def is_skippable(kind: int) -> bool:
    """A reader that doesn't know a frame of such a type goes on as if it had not come."""
    return kind & 0xA0 == 0x20


@dataclass(frozen=True)
class Received:
    """What stood between two zeros, and where: the first of its bytes in the stream, and its ending zero."""

    start: int
    end: int
    content: Union[bytes, Malformed]

    @property
    def payload(self) -> bytes:
        """Raises Malformed when there is none."""
        if isinstance(self.content, Malformed):
            raise self.content
        return self.content


class FrameReader:
    """Cuts a stream of bytes, in whatever pieces it comes, into frames."""

    # A code byte for each 254 bytes, and one more.
    LONGEST = PAYLOAD + 4 + (PAYLOAD + 4) // 254 + 1

    def __init__(self) -> None:
        self.block = bytearray()
        self.is_oversized = False
        self.start, self.at = 0, 0  # of the block, and of the next byte

    def feed(self, data: bytes) -> Iterator[Received]:
        for byte in data:
            self.at += 1
            if byte != 0:
                # What is too long is not kept, so garbage without zeros costs no memory.
                self.is_oversized = self.is_oversized or len(self.block) == self.LONGEST
                if not self.is_oversized:
                    self.block.append(byte)
                continue
            if self.block:
                yield Received(self.start, self.at - 1, self.finish())
            self.start = self.at

    def finish(self) -> Union[bytes, Malformed]:
        block, is_oversized = bytes(self.block), self.is_oversized
        self.block, self.is_oversized = bytearray(), False
        try:
            if is_oversized:
                raise Malformed("oversized frame")
            return checked(block)
        except Malformed as reason:
            return reason
