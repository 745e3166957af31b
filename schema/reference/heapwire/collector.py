# SPDX-License-Identifier: Apache-2.0
"""The collector's side of a line: section 5 of wire.md, "The session", written from that document alone. It commits every
frame at once."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from .decoder import Decoder
from .fields import Fields, capabilities
from .hello import read_hello
from .line import FrameReader, is_skippable
from .malformed import Malformed
from .replies import ack, request, welcome

Identity = Tuple[str, int]  # a device and its boot


class Collector:
    """What is on disk, over all connections, and the one connection that there is."""

    def __init__(self) -> None:
        # The last frame on disk, and the copies of the tables.
        self.stored: Dict[Identity, int] = {}
        self.decoders: Dict[Identity, Decoder] = {}
        self.gaps: List[Tuple[Identity, int, int]] = []  # the first and the last frame that are gone for good
        self.connect()

    def connect(self) -> None:
        """Another connection."""
        self.reader, self.oldest = FrameReader(), 1
        self.greeted: Optional[Identity] = None
        self.is_one_way, self.has_asked = False, False

    def feed(self, data: bytes) -> Tuple[List[bytes], List[str]]:
        """Takes what came over the line. Returns the replies, and what became of each KEYFRAME and DELTA."""
        replies: List[bytes] = []
        fates: List[str] = []
        for received in self.reader.feed(data):
            try:
                payload = received.payload
                if payload[0] == 1:
                    replies += self.greet(payload)
                elif not is_skippable(payload[0]):
                    fate, answer = self.take(payload)
                    replies += answer
                    fates.append(fate)
            except Malformed as reason:
                fates.append(f"malformed: {reason}")
        return replies, fates

    def greet(self, payload: bytes) -> List[bytes]:
        fields = Fields(payload)
        fields.byte()
        hello = read_hello(fields)
        self.greeted, self.has_asked = hello.identity, False
        self.is_one_way, self.oldest = hello.is_one_way, hello.oldest
        last = self.stored.setdefault(hello.identity, 0)
        decoder = self.decoders.setdefault(hello.identity, Decoder())
        decoder.decode(payload)
        decoder.last = last
        return [] if self.is_one_way else [welcome(hello.boot, last, capabilities(hello.extensions))]

    def take(self, payload: bytes) -> Tuple[str, List[bytes]]:
        if payload[0] & ~16 not in (2, 3):
            raise Malformed("unknown frame type")
        if self.greeted is None:
            return "rejected", []
        boot, last = self.greeted[1], self.stored[self.greeted]
        sequence = Fields(payload[1:]).varint()
        # A greeting alone changes nothing: what it says of the oldest frame counts when that frame comes.
        if sequence > last + 1 and sequence != self.oldest and not self.is_one_way:
            answer = [] if self.has_asked else [ack(boot, last)]
            self.has_asked = True
            return "missing", answer
        if sequence <= last:
            return "repeated", [] if self.is_one_way else [ack(boot, last)]
        decoder = self.decoders[self.greeted]
        was_known = any(replica.standing == "exact" for replica in decoder.replicas.values())
        try:
            decoder.decode(payload)
        except Malformed:
            if self.is_one_way:
                raise
            # It would be the same when it came again.
            decoder.contradict(payload)
        if decoder.state is None:
            # Of a heap that no HELLO announced: its number is not used up.
            return "rejected", []
        if sequence > last + 1:
            self.gaps.append((self.greeted, last + 1, sequence - 1))
        self.stored[self.greeted], self.has_asked = sequence, False
        standing = decoder.replicas[decoder.state.heap].standing
        replies = [ack(boot, sequence)]
        # A device that has lost operations sends a KEYFRAME without being asked.
        if standing == "unknown" and was_known and decoder.state.lost == 0:
            replies.append(request(boot))
        return standing, [] if self.is_one_way else replies
