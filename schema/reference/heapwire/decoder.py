#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A reference decoder of HeapWire 2, written from ../wire.md alone: frames in words, and the tables that they describe.

It is made to be read next to the document, not to be fast. Its parts follow the sections: the line, numbers and owners,
the fields of each frame; replica.py replays them. Python 3.8 or later, nothing but the standard library.
"""

import argparse
import json
import sys
import zlib
from dataclasses import dataclass, field

sys.dont_write_bytecode = True  # leaves no cache behind in the repository

from packed import CALL_SITES, LAZY, Malformed, Operations, Packed, Trail, out_of_range, unzigzag  # noqa: E402
from replica import Entry, Replica  # noqa: E402

VERSION, PAYLOAD, IDENTIFIER, NAME, HEAPS, TABLE = 2, 4096, 64, 32, 16, 65535
U32, U64, LARGEST = 2**32 - 1, 2**64 - 1, 2**62
EXTENSIONS, TAG = 256, 65535
CAPABILITIES, LONG_REPLIES = 1, 1


# ---- 1. The line


def unstuffed(block):
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


def checked(block):
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


class FrameReader:
    """Cuts a stream of bytes, in whatever pieces it comes, into payloads; a `Malformed` stands for a bad frame."""

    # A code byte for each 254 bytes, and one more.
    LONGEST = PAYLOAD + 4 + (PAYLOAD + 4) // 254 + 1

    def __init__(self):
        self.block, self.oversized = bytearray(), False

    def feed(self, data):
        for byte in data:
            if byte != 0:
                # What is too long is not kept, so garbage without zeros costs no memory.
                self.oversized = self.oversized or len(self.block) == self.LONGEST
                if not self.oversized:
                    self.block.append(byte)
            elif self.block:
                block, oversized = bytes(self.block), self.oversized
                self.block, self.oversized = bytearray(), False
                try:
                    if oversized:
                        raise Malformed("oversized frame")
                    yield checked(block)
                except Malformed as reason:
                    yield reason


# ---- 2. Numbers


class Fields:
    """The fields of a payload from front to back."""

    def __init__(self, payload):
        self.payload, self.at = payload, 0

    @property
    def more(self):
        return self.at < len(self.payload)

    def take(self, count):
        if count > len(self.payload) - self.at:
            raise Malformed("truncated field")
        self.at += count
        return self.payload[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self, low=0, high=U64):
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

    def word(self):
        return int.from_bytes(self.take(4), "little")

    def text(self, low, high):
        raw = self.take(self.varint(low, high))
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("value out of range") from None
        if any(c < " " or "\x7f" <= c <= "\x9f" for c in text):
            raise Malformed("value out of range")
        return text

    def extensions(self):
        """The fields after the last one that the frame must have, by tag, to the end of the payload."""
        if len(self.payload) - self.at > EXTENSIONS:
            raise Malformed("trailing bytes")
        found, tag = {}, 0
        while self.more:
            tag = self.varint(tag + 1, TAG)
            found[tag] = self.take(self.varint(0, EXTENSIONS))
        return found


# ---- 3. Frames from the device


@dataclass
class Layout:
    """A heap as HELLO announces it."""

    base: int
    size: int
    alignment: int
    table: int
    width: int
    traits: int = 0
    name: str = ""

    @property
    def lazy(self):
        return bool(self.traits & LAZY)

    @property
    def call_sites(self):
        return bool(self.traits & CALL_SITES)

    def around(self, address):
        """Addresses go around at the end of what a pointer can hold."""
        return address & (1 << 8 * self.width) - 1

    def aligned(self, size):
        return -(-size // self.alignment) * self.alignment


TOTALS = ["allocations", "frees", "failures", "moves", "bytes moved"]


@dataclass
class State:
    """What KEYFRAME and DELTA have in common."""

    kind: str
    sequence: int
    heap: int
    tick: int  # the moment that it tells of
    figures: bool = False
    used: int = 0
    gaps: int = 0
    count: int = 0
    peak: int = 0
    totals: list = field(default_factory=list)
    lost: int = 0
    digest: int = 0
    first: int = 0
    entries: list = field(default_factory=list)
    span: int = 0
    operations: list = field(default_factory=list)


def read_hello(fields):
    if fields.varint() != VERSION:
        raise Malformed("unknown format version")
    hello = {
        "one-way": fields.varint(0, 1) == 1,
        "device": fields.text(1, IDENTIFIER),
        "build": fields.text(0, IDENTIFIER),
        "boot": fields.varint(0, U32),
        "ticks per second": fields.varint(1, 10**9),
        "tick": fields.varint(0, LARGEST),
        "oldest": fields.varint(1, U32),
        "pointer width": fields.varint(4, 8),
    }
    width, heaps = hello["pointer width"], {}
    if width not in (4, 8):
        raise Malformed("value out of range")
    for _ in range(fields.varint(0, HEAPS)):
        number = fields.varint(0, 255)
        if number in heaps:
            raise Malformed("value out of range")
        name, base, size = fields.text(0, NAME), fields.varint(), fields.varint(0, U32)
        alignment, table = fields.varint(1, 65536), fields.varint(1, TABLE)
        traits = fields.varint(0, LAZY | CALL_SITES)
        if base + size >= 1 << 8 * width or alignment & (alignment - 1):
            raise Malformed("value out of range")
        heaps[number] = Layout(base, size, alignment, table, width, traits, name)
    hello["extensions"] = fields.extensions()
    return hello, heaps


def hello_words(hello, heaps):
    values = dict(hello, **{"one-way": str(hello["one-way"]).lower()})
    extensions = values.pop("extensions")
    return ["frame: HELLO"] + [f"{name}: {value}" for name, value in values.items()] + [
        f"heap {number}: name {heap.name}, base {heap.base:#x}, size {heap.size}, alignment {heap.alignment}, "
        f"table {heap.table}, traits {heap.traits}"
        for number, heap in heaps.items()
    ] + extension_words(extensions)


def extension_words(extensions):
    return [f"extension {tag}: {bytes(value).hex(' ')}" for tag, value in extensions.items()]


def capabilities(extensions):
    """As a number whose bit n is capability n."""
    return int.from_bytes(extensions.get(CAPABILITIES, b""), "little")


def read_start(fields):
    """Type, sequence, heap and tick."""
    kind = fields.byte()
    return kind & 15, fields.varint(1, U32), fields.varint(1, 255) if kind & 16 else 0, fields.varint(0, LARGEST)


def read_figures(state, fields):
    state.figures = True
    state.used, state.gaps = fields.varint(0, U32), fields.varint(0, U32)
    state.count, state.peak = fields.varint(0, TABLE), fields.varint(0, U32)
    state.totals = [fields.varint(0, LARGEST - 1) for _ in TOTALS]
    state.lost, state.digest = fields.varint(0, U32), fields.word()


def read_state(payload, layout):
    fields = Fields(payload)
    kind, sequence, heap, tick = read_start(fields)
    state = State({2: "KEYFRAME", 3: "DELTA"}[kind], sequence, heap, tick)
    if kind == 2:
        read_figures(state, fields)
        state.first = fields.varint(0, TABLE)
        packed, trail = Packed(fields.payload[fields.at :], layout), Trail(layout)
        while not packed.is_at_end:
            size, form = packed.size(), packed.owner()
            entry = Entry(size, trail.owner(form) if form == 0 or isinstance(form, tuple) else out_of_range())
            entry.gap = packed.gap() if layout.lazy else 0
            entry.site = packed.call_site() if layout.call_sites else 0
            state.entries.append(entry)
        return state
    ending = payload[-1]
    end = len(payload) - 1 - (ending & 127)
    if end < fields.at:
        raise Malformed("truncated field")
    operations, fields = Operations(payload[fields.at : end], layout), Fields(payload[end:-1])
    state.span = fields.varint(0, U32)
    if ending & 128:
        read_figures(state, fields)
    else:
        state.digest = int.from_bytes(fields.take(2), "little")
    if fields.more:
        raise Malformed("trailing bytes")
    state.tick += state.span
    if state.tick > LARGEST:
        raise Malformed("value out of range")
    operation = operations.next()
    while operation:
        tick += operation.pop("ticks")
        if tick > state.tick:
            raise Malformed("value out of range")
        state.operations.append(dict(operation, tick=tick))
        operation = operations.next()
    state.operations = [operation for operation in state.operations if operation["name"] != "skipped"]
    return state


def operation_words(operation):
    words = []
    for name, label, form in [
        ("depth", "depth", "d"), ("bytes", "bytes", "d"), ("size", "size", "d"),
        ("why", "why", "d"), ("owner", "owner", "#x"), ("site", "call site", "#x"),
    ]:
        if name in operation:
            words.append(f"{label} {operation[name]:{form}}")
    return f"tick {operation['tick']}: {operation['name']} {', '.join(words)}".rstrip()


def state_words(state, layout):
    lines = [f"frame: {state.kind}"] + [f"{n}: {getattr(state, n)}" for n in ("sequence", "heap", "tick")]
    if state.figures:
        lines += [f"{n}: {getattr(state, n)}" for n in ("used", "gaps", "count", "peak")]
        lines.append("totals: " + ", ".join(f"{value} {name}" for value, name in zip(state.totals, TOTALS)))
        lines.append(f"lost: {state.lost}")
    lines.append(f"digest: {state.digest:#x}")
    if state.kind == "KEYFRAME":
        return lines + [f"first: {state.first}"] + [f"entry: {entry.words(layout)}" for entry in state.entries]
    return lines + [f"span: {state.span}"] + [operation_words(operation) for operation in state.operations]


# ---- 4. Frames from the collector


def reply_words(kind, fields):
    if kind == 0x41:
        if fields.varint() != VERSION:
            raise Malformed("unknown format version")
        lines = ["frame: WELCOME", f"boot: {fields.varint(0, U32)}", f"last stored: {fields.varint(0, U32 - 1)}"]
    elif kind == 0x42:
        lines = ["frame: ACK", f"boot: {fields.varint(0, U32)}", f"sequence: {fields.varint(0, U32)}"]
    elif kind == 0x60:
        lines = ["frame: REFUSE"] + [f"{name}: {fields.varint(0, U32)}" for name in ("boot", "wait", "reason")]
    else:
        lines = ["frame: REQUEST", f"boot: {fields.varint(0, U32)}", f"keyframe: {fields.varint(0, 1)}"]
        lines.append(f"interval: {fields.varint(0, U32)}")
    return lines + extension_words(fields.extensions())


def is_skippable(kind):
    """A reader that doesn't know a frame of such a type goes on as if it had not come."""
    return kind & 0xA0 == 0x20


# ---- A connection


class Decoder:
    """Reads one direction of a connection: frames in words, and a replica of each heap that HELLO announced."""

    def __init__(self):
        self.identity, self.heaps, self.replicas, self.last = None, {}, {}, 0
        # The KEYFRAME or DELTA that was decoded last; None when it was another frame, or told nothing new.
        self.state = None

    def decode(self, payload):
        """The frame's words; raises Malformed, and changes nothing then."""
        fields, self.state = Fields(payload), None
        kind = fields.byte()
        if kind == 1:
            hello, heaps = read_hello(fields)
            identity = (hello["device"], hello["boot"])
            if identity != self.identity:
                self.identity, self.heaps, self.last = identity, {}, 0
            # Numbers go on, and so do heaps that are announced as they were.
            self.replicas = {
                number: self.replicas[number] if self.heaps.get(number) == heap else Replica(heap)
                for number, heap in heaps.items()
            }
            self.heaps = heaps
            return hello_words(hello, heaps)
        if kind in (2, 3, 18, 19):
            return self.decode_state(payload)
        if kind in (0x41, 0x42, 0x43, 0x60):
            return reply_words(kind, fields)
        if is_skippable(kind):
            return [f"skipped: frame of type {kind:#x}"]
        raise Malformed("unknown frame type")

    def decode_state(self, payload):
        number = read_start(Fields(payload))[2]
        layout = self.heaps.get(number)
        if layout is None:
            return [f"rejected: frame of heap {number}, which no HELLO announced"]
        state = read_state(payload, layout)
        if state.sequence > self.last:
            self.state = state
            follows = state.sequence == self.last + 1
            if not follows:
                # Frames of any heap may be among those that are missing.
                for replica in self.replicas.values():
                    replica.forget()
            self.last = state.sequence
            self.replicas[number].apply(state, follows)
        else:
            trail = Trail(layout)
            for operation in state.operations:
                trail.find(operation, 0)
        return state_words(state, layout)

    def table_line(self):
        """The table of the heap that the last frame spoke of, or None."""
        if self.state is None:
            return None
        replica = self.replicas[self.state.heap]
        return {
            "sequence": self.state.sequence, "heap": self.state.heap,
            "standing": replica.standing, "table": replica.table(),
        }


def decoded(data):
    """For each frame of `data`: its words or the reason why it is malformed, and the line of its table."""
    decoder = Decoder()
    for payload in FrameReader().feed(data):
        try:
            if isinstance(payload, Malformed):
                raise payload
            words = decoder.decode(payload)
            yield words, decoder.table_line()
        except Malformed as reason:
            yield [f"malformed: {reason}"], None


def main():
    parser = argparse.ArgumentParser(description="Prints what a HeapWire stream says.")
    parser.add_argument("file", help="a recorded stream, or - for standard input")
    parser.add_argument("--tables", action="store_true", help="print the table after each frame, a JSON object a line")
    arguments = parser.parse_args()
    if arguments.file == "-":
        data = sys.stdin.buffer.read()
    else:
        with open(arguments.file, "rb") as file:
            data = file.read()
    first = True
    for words, table in decoded(data):
        if not arguments.tables:
            print(("" if first else "\n") + "\n".join(words))
        elif table is not None:
            print(json.dumps(table))
        first = False


if __name__ == "__main__":
    main()
