# SPDX-License-Identifier: Apache-2.0
"""Plays the vectors of conversations and times, and says what is not as it must be. wire-vectors/README.md describes them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Dict, List, Optional, Tuple

from .clock import Clock
from .collector import Collector
from .fields import Fields
from .hello import Layout, read_hello
from .line import FrameReader, is_skippable
from .malformed import Malformed
from .replies import REFUSE, reply_words
from .state import read_state

Vector = Dict[str, Any]

HEAP = Layout(base=0x20001000, size=4096, alignment=4, table=100, width=8)


def short_words(line: bytes) -> str:
    """A frame in a few words, as conversations have them."""
    for received in FrameReader().feed(line):
        try:
            return payload_words(received.payload)
        except Malformed as reason:
            return f"malformed: {reason}"
    return "no frame"


def payload_words(payload: bytes) -> str:
    fields = Fields(payload)
    kind = fields.byte()
    if kind == 1:
        hello = read_hello(fields)
        return f"HELLO: tick {hello.tick}, oldest {hello.oldest}, {len(hello.heaps)} heaps"
    if kind & ~16 in (2, 3):
        state = read_state(payload, HEAP)
        text = f"{state.kind} {state.sequence}: heap {state.heap}, tick {state.tick}"
        return text + (f", lost {state.lost}" if state.lost else "")
    if is_skippable(kind) and kind != REFUSE:
        return f"skipped: type {kind:#x}"
    name, *values = reply_words(kind, fields)
    return f"{name[7:]}: {', '.join(value.replace(': ', ' ') for value in values)}"


def converse(conversation: Vector) -> Optional[str]:
    """What is wrong with a conversation, from the collector's side; None when all is as it must be."""
    collector, number = Collector(), 0
    due: List[bytes] = []
    if "stored" in conversation:
        device = conversation["device"]
        collector.stored[device["id"], device["boot"]] = conversation["stored"]
    for number, step in enumerate(conversation["steps"]):
        if due and "collector" not in step and "device" not in step:
            return f"step {number}: the collector has more to say: {short_words(due[0])}"
        if "line" in step:
            collector.connect()
        elif "forget" in step:
            collector = Collector()
        elif "device" in step or "collector" in step:
            line = bytes.fromhex(step.get("device") or step.get("collector"))
            if short_words(line) != step["says"]:
                return f"step {number} says: {short_words(line)}"
            if "device" in step and not step.get("lost"):
                replies, fates = collector.feed(bytes.fromhex(step.get("arrives") or step["device"]))
                due += replies
                if fates != ([step["stored"]] if "stored" in step else []):
                    return f"step {number}: {fates}"
            elif "collector" in step and not step.get("unprompted"):
                if not due or due.pop(0) != line:
                    return f"step {number}: the collector would not say that"
    return f"step {number + 1}: the collector has more to say" if due else None


def tell_times(vector: Vector) -> Optional[str]:
    """What is wrong with the clock; None when it tells what the vector has."""
    clock: Optional[Clock] = None
    told: List[Tuple[int, Fraction]] = []
    last = 0
    for number, (kind, *values) in enumerate(vector["events"]):
        if clock is None:
            if kind != "HELLO":
                return f"event {number}: {kind} before HELLO"
            clock = Clock(vector["ticks_per_second"], *values)
        elif kind == "HELLO":
            clock.greet(values[1])
        elif kind == "frame":
            clock.frame(*values)
            last = max(last, values[1])
        else:
            tick, time, within = values
            answer = clock.time(tick)
            if abs(answer - time) > within:
                return f"event {number}: tick {tick} is {int(answer)}, and not within {within} of {time}"
            if tick <= last:
                told.append((tick, answer))
    if clock is None:
        return "no HELLO"
    if any(clock.time(tick) != answer for tick, answer in told):
        return "a tick means another time than it did"
    times = [clock.time(tick) for tick, _ in sorted(told)]
    return None if times == sorted(times) else "times are not in order"
