# SPDX-License-Identifier: Apache-2.0
"""One direction of a connection: each frame in words, and a copy of the table of each heap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Tuple

from .fields import Fields
from .hello import Layout, read_hello
from .line import FrameReader, Received, is_skippable
from .malformed import Malformed
from .packed import Trail
from .replica import Replica
from .replies import ACK, REFUSE, REQUEST, WELCOME, reply_words
from .state import State, read_start, read_state
from .watched import WatchedReplica


def begin(layout: Layout) -> Replica:
    return WatchedReplica(layout) if layout.watched else Replica(layout)


class Decoder:
    """Reads frames, with a replica of each heap that HELLO announced."""

    def __init__(self) -> None:
        self.identity: Optional[Tuple[str, int]] = None
        self.heaps: Dict[int, Layout] = {}
        self.replicas: Dict[int, Replica] = {}
        self.last = 0
        # The KEYFRAME or DELTA that was decoded last; None when it was another frame, or told nothing new.
        self.state: Optional[State] = None

    def decode(self, payload: bytes) -> List[str]:
        """The frame's words; raises Malformed, and changes nothing then."""
        fields, self.state = Fields(payload), None
        kind = fields.byte()
        if kind == 1:
            return self.decode_hello(fields)
        if kind in (2, 3, 18, 19):
            return self.decode_state(payload)
        if kind in (WELCOME, ACK, REQUEST, REFUSE):
            return reply_words(kind, fields)
        if is_skippable(kind):
            return [f"skipped: frame of type {kind:#x}"]
        raise Malformed("unknown frame type")

    def decode_hello(self, fields: Fields) -> List[str]:
        hello = read_hello(fields)
        if hello.identity != self.identity:
            self.identity, self.heaps, self.last = hello.identity, {}, 0
        # Numbers go on, and so do heaps that are announced as they were.
        self.replicas = {
            number: self.replicas[number] if self.heaps.get(number) == heap else begin(heap)
            for number, heap in hello.heaps.items()
        }
        self.heaps = hello.heaps
        return hello.words()

    def decode_state(self, payload: bytes) -> List[str]:
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
        elif not layout.watched:
            trail = Trail(layout)
            for operation in state.operations:
                operation.find_owner(trail, 0)
        return state.words(layout)

    def contradict(self, payload: bytes) -> None:
        """Takes a frame of which no more than the start can be read; raises Malformed when not even that can."""
        _, sequence, heap, tick = read_start(Fields(payload))
        if heap not in self.replicas:
            return
        for replica in self.replicas.values() if sequence > self.last + 1 else [self.replicas[heap]]:
            replica.forget()
        self.last, self.state = sequence, State("DELTA", sequence, heap, tick)

    def table_words(self) -> List[str]:
        """What is known of the table that the last frame spoke of; nothing when it told nothing new."""
        if self.state is None:
            return []
        replica = self.replicas[self.state.heap]
        return [f"table: heap {self.state.heap}, {replica.standing}"] + replica.table()


@dataclass(frozen=True)
class Decoded:
    """A frame of a stream, and where it is there."""

    received: Received
    words: List[str]
    table: List[str]


class StreamDecoder:
    """Reads a stream, in whatever pieces it comes."""

    def __init__(self) -> None:
        self.reader, self.decoder = FrameReader(), Decoder()

    def feed(self, data: bytes) -> Iterator[Decoded]:
        for received in self.reader.feed(data):
            try:
                words = self.decoder.decode(received.payload)
                yield Decoded(received, words, self.decoder.table_words())
            except Malformed as reason:
                place = f"bytes: {received.start} to {received.end}"
                yield Decoded(received, [f"malformed: {reason}", place], [])

    def rest(self) -> List[str]:
        """Words on the bytes after the last zero, which are no frame yet."""
        start, end = self.reader.start, self.reader.at - 1
        return [] if start > end else ["no frame yet: no zero ends it", f"bytes: {start} to {end}"]
