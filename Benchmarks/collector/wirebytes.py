# SPDX-License-Identifier: Apache-2.0
"""The few frames that troublesome devices send, as ../../schema/wire.md tells them."""

import zlib


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def text(words):
    data = words.encode()
    return varint(len(data)) + data


def frame(payload):
    """COBS of the payload and its checksum, between two zeros."""
    out, block = bytearray(), bytearray()

    def end_block():
        out.append(len(block) + 1)
        out.extend(block)
        block.clear()

    for byte in payload + zlib.crc32(payload).to_bytes(4, "little"):
        if byte:
            block.append(byte)
        if not byte or len(block) == 254:
            end_block()
    end_block()
    return b"\0" + bytes(out) + b"\0"


def hello(device, boot, tick=5000):
    """A two-way device with one heap of 4096 bytes."""
    numbers = [boot, 1000, tick, 1, 4, 1, 0]
    heap = [0x2000_0000, 4096, 4, 100, 0]
    return frame(
        b"\x01\x01\x00" + text(device) + text("trouble") + b"".join(map(varint, numbers)) + text("main")
        + b"".join(map(varint, heap)))
