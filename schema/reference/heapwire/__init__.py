# SPDX-License-Identifier: Apache-2.0
"""A reference decoder of HeapWire 2, written from wire.md alone.

It is made to be read next to the document, not to be fast. Its modules follow the sections:

    line        1. what a frame is on the line
    fields      2. numbers and texts in whole bytes
    packed      2. sizes, depths, owners and call sites in bits
    places      3. addresses of a watched heap
    hello       3. HELLO
    state       3. KEYFRAME and DELTA
    operations  3. the operations of a DELTA
    sums        3. what allocations came to: of a summary
    replica     3. replaying: the copy of a heap's table
    watched     3. the same of a watched heap
    replies     4. frames from the collector
    collector   5. the session
    clock       6. what ticks mean

`StreamDecoder` puts them together: frames in words, and the tables that they describe.
"""

from .clock import Clock
from .collector import Collector
from .decoder import Decoded, Decoder, StreamDecoder
from .hello import Hello, Layout
from .line import FrameReader, Received
from .malformed import Malformed
from .operations import Operation
from .places import Block
from .replica import Replica
from .state import Entry, State
from .sums import AllocationSums, Sum
from .watched import WatchedReplica

__all__ = [
    "AllocationSums", "Block", "Clock", "Collector", "Decoded", "Decoder", "Entry", "FrameReader", "Hello", "Layout", "Malformed",
    "Operation", "Received", "Replica", "State", "StreamDecoder", "Sum", "WatchedReplica",
]
