# SPDX-License-Identifier: Apache-2.0
"""What a device's ticks mean: section 6 of wire.md, "Time", written from that document alone. Times are in microseconds."""

from __future__ import annotations

from fractions import Fraction
from typing import List, Tuple

WINDOW, FEWEST, HOUR = 60_000_000, 4, 3_600_000_000
TOLERANCE, STEP = 20_000, 1_000_000

Arrival = Tuple[int, int]  # of a frame: when, and its tick


class Clock:
    """The clock of one boot, from the first HELLO on."""

    def __init__(self, ticks_per_second: int, arrival: int, tick: int) -> None:
        self.tick_length = Fraction(1_000_000, ticks_per_second)
        # From each of these ticks on: the time, and how much longer than it should a tick takes.
        self.segments: List[Tuple[int, Fraction, Fraction]] = [(tick, Fraction(arrival), Fraction(0))]
        self.greeted = tick
        self.window: List[Arrival] = []
        self.best_frames: List[Arrival] = []

    def time(self, tick: int) -> Fraction:
        at = max((at for at, segment in enumerate(self.segments) if segment[0] <= tick), default=0)
        start, time, drift = self.segments[at]
        return time + (tick - start) * self.tick_length * (1 + drift)

    def greet(self, tick: int) -> None:
        """The device greets again. What it has kept until now says nothing about its clock."""
        self.greeted, self.window = tick, []

    def frame(self, arrival: int, tick: int) -> None:
        if tick < self.greeted:
            return
        if self.window and tick < self.window[-1][1]:
            self.window = []
        self.window.append((arrival, tick))
        first_arrival, first_tick = self.window[0]
        passed = arrival - first_arrival
        if passed < WINDOW or len(self.window) < FEWEST:
            return
        window, self.window = self.window, [(arrival, tick)]
        if abs((tick - first_tick) * self.tick_length - passed) > Fraction(passed, 4):
            self.best_frames = []
            return
        self.correct(window)

    def correct(self, window: List[Arrival]) -> None:
        # A frame can be late, never early.
        best = min(window, key=lambda frame: frame[0] - self.time(frame[1]))
        drift = self.segments[-1][2] if not self.best_frames else self.measured(self.best_frames[0], best)
        self.best_frames = [frame for frame in self.best_frames + [best] if best[0] - frame[0] <= HOUR]
        last = window[-1][1]
        growth = drift - self.segments[-1][2]
        error = best[0] - self.time(best[1]) + (last - best[1]) * self.tick_length * growth
        if max(abs(error), abs(error + WINDOW * growth)) <= TOLERANCE:
            return
        tick, time = last + 1, self.time(last + 1)
        if error > STEP:
            self.best_frames = []
            self.segments.append((tick, time + error, drift))
        else:
            # Time can't go back; at most, it passes at half the speed.
            self.segments.append((tick, time, max(drift + error / WINDOW, Fraction(-1, 2))))
        self.window = []

    def measured(self, first: Arrival, last: Arrival) -> Fraction:
        counted = (last[1] - first[1]) * self.tick_length
        return (last[0] - first[0] - counted) / counted if counted > 0 else Fraction(0)
