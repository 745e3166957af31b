#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The collector's side of a conversation: "The session" in ../wire.md, written from that document alone.

It commits every frame at once. Run with conversation vectors, it says of each whether it would have answered so:

    python3 collector.py ../wire-vectors/conversations.json
"""

import json
import sys
import zlib

sys.dont_write_bytecode = True  # leaves no cache behind in the repository

from heapwire import (  # noqa: E402
    CAPABILITIES, LONG_REPLIES, VERSION, Decoder, FrameReader, Fields, Layout, Malformed, capabilities, is_skippable, read_hello,
    read_state, reply_words,
)


# ---- Writing


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def stuffed(data):
    """COBS of less than 254 bytes, which is all that a collector says at a time."""
    return b"".join(bytes([len(part) + 1]) + part for part in data.split(b"\0"))


def frame(kind, *numbers, extensions=b""):
    payload = bytes([kind]) + b"".join(varint(number) for number in numbers) + extensions
    return stuffed(payload + zlib.crc32(payload).to_bytes(4, "little")) + b"\0"


def welcome(boot, last_stored, offered):
    both = offered & LONG_REPLIES
    return frame(0x41, VERSION, boot, last_stored, extensions=bytes([CAPABILITIES, 1, both]) if both else b"")


def ack(boot, sequence):
    return frame(0x42, boot, sequence)


def request(boot, keyframe=1, interval=0):
    return frame(0x43, boot, keyframe, interval)


# ---- The session


class Collector:
    """What is on disk, over all connections, and the one connection that there is."""

    def __init__(self):
        # By device and boot: the last frame on disk, and the copies of the tables.
        self.stored, self.decoders = {}, {}
        self.gaps = []  # device, boot, and the frames that are gone for good
        self.connect()

    def connect(self):
        """Another connection."""
        self.reader, self.key, self.oldest = FrameReader(), None, 1
        self.is_one_way, self.has_asked = False, False

    def feed(self, data):
        """Takes what came over the line. Returns the replies, and what became of each KEYFRAME and DELTA."""
        replies, fates = [], []
        for payload in self.reader.feed(data):
            try:
                if isinstance(payload, Malformed):
                    raise payload
                if payload[0] == 1:
                    replies += self.greet(payload)
                elif not is_skippable(payload[0]):
                    fate, answer = self.take(payload)
                    replies += answer
                    fates.append(fate)
            except Malformed as reason:
                fates.append(f"malformed: {reason}")
        return replies, fates

    def greet(self, payload):
        fields = Fields(payload)
        fields.byte()
        hello, _ = read_hello(fields)
        self.key, self.has_asked = (hello["device"], hello["boot"]), False
        self.is_one_way, self.oldest = hello["one-way"], hello["oldest"]
        last = self.stored.get(self.key, 0)
        decoder = self.decoders.setdefault(self.key, Decoder())
        decoder.decode(payload)
        decoder.last = self.stored[self.key] = last
        return [] if self.is_one_way else [welcome(hello["boot"], last, capabilities(hello["extensions"]))]

    def take(self, payload):
        if payload[0] & ~16 not in (2, 3):
            raise Malformed("unknown frame type")
        if self.key is None:
            return "rejected", []
        boot, last = self.key[1], self.stored[self.key]
        sequence = Fields(payload[1:]).varint()
        # A greeting alone changes nothing: what it says of the oldest frame counts when that frame comes.
        if sequence > last + 1 and sequence != self.oldest and not self.is_one_way:
            answer = [] if self.has_asked else [ack(boot, last)]
            self.has_asked = True
            return "missing", answer
        if sequence <= last:
            return "repeated", [] if self.is_one_way else [ack(boot, last)]
        decoder = self.decoders[self.key]
        was_known = any(replica.standing == "exact" for replica in decoder.replicas.values())
        decoder.decode(payload)
        if decoder.state is None:
            # Of a heap that no HELLO announced: its number is not used up.
            return "rejected", []
        if sequence > last + 1:
            self.gaps.append((*self.key, last + 1, sequence - 1))
        self.stored[self.key], self.has_asked = sequence, False
        standing = decoder.table_line()["standing"]
        replies = [ack(boot, sequence)]
        # A device that has lost operations sends a KEYFRAME without being asked.
        if standing == "unknown" and was_known and decoder.state.lost == 0:
            replies.append(request(boot))
        return standing, [] if self.is_one_way else replies


# ---- Conversation vectors

HEAP = Layout(base=0x20001000, size=4096, alignment=4, table=100, width=8)


def words(line):
    """A frame in a few words, as the vectors have them."""
    for payload in FrameReader().feed(line):
        if isinstance(payload, Malformed):
            return f"malformed: {payload}"
        fields = Fields(payload)
        kind = fields.byte()
        if kind == 1:
            hello, heaps = read_hello(fields)
            return f"HELLO: tick {hello['tick']}, oldest {hello['oldest']}, {len(heaps)} heaps"
        if kind & ~16 in (2, 3):
            state = read_state(payload, HEAP)
            text = f"{state.kind} {state.sequence}: heap {state.heap}, tick {state.tick}"
            return text + (f", lost {state.lost}" if state.lost else "")
        if is_skippable(kind) and kind != 0x60:
            return f"skipped: type {kind:#x}"
        try:
            name, *values = reply_words(kind, fields)
        except Malformed as reason:
            return f"malformed: {reason}"
        return f"{name[7:]}: {', '.join(value.replace(': ', ' ') for value in values)}"
    return "no frame"


def play(conversation):
    """What is wrong with a conversation, from this side; nothing when all is as it must be."""
    collector, due, number = Collector(), [], 0
    if "stored" in conversation:
        device = conversation["device"]
        collector.stored[device["id"], device["boot"]] = conversation["stored"]
    for number, step in enumerate(conversation["steps"]):
        if due and "collector" not in step and "device" not in step:
            return f"step {number}: the collector has more to say: {words(due[0])}"
        if "line" in step:
            collector.connect()
        elif "forget" in step:
            collector = Collector()
        elif "device" in step or "collector" in step:
            line = bytes.fromhex(step.get("device") or step.get("collector"))
            if words(line) != step["says"]:
                return f"step {number} says: {words(line)}"
            if "device" in step and not step.get("lost"):
                replies, fates = collector.feed(bytes.fromhex(step.get("arrives") or step["device"]))
                due += replies
                if fates != ([step["stored"]] if "stored" in step else []):
                    return f"step {number}: {fates}"
            elif "collector" in step and not step.get("unprompted"):
                if not due or due.pop(0) != line:
                    return f"step {number}: the collector would not say that"
    return f"step {number + 1}: the collector has more to say" if due else None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        wrong = 0
        for conversation in json.load(file):
            finding = play(conversation)
            print(f"{conversation['name']}: {finding or 'as it must be'}")
            wrong += finding is not None
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
