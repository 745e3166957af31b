#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a device's ticks mean: "Time" in ../wire.md, written from that document alone. Times are in microseconds.

    python3 clock.py ../wire-vectors/times.json    # whether this clock tells the times that the vectors have
"""

import json
import sys
from fractions import Fraction

WINDOW, FEWEST, HOUR = 60_000_000, 4, 3_600_000_000
TOLERANCE, STEP = 20_000, 1_000_000


class Clock:
    """The clock of one boot, from the first HELLO on."""

    def __init__(self, ticks_per_second, arrival, tick):
        self.tick_length = Fraction(1_000_000, ticks_per_second)
        # From each of these ticks on: the time, and how much longer than it should a tick takes.
        self.segments = [(tick, Fraction(arrival), Fraction(0))]
        self.greeted, self.window, self.best_frames = tick, [], []

    def time(self, tick):
        at = max((at for at, segment in enumerate(self.segments) if segment[0] <= tick), default=0)
        start, time, drift = self.segments[at]
        return time + (tick - start) * self.tick_length * (1 + drift)

    def greet(self, tick):
        """The device greets again. What it has kept until now says nothing about its clock."""
        self.greeted, self.window = tick, []

    def frame(self, arrival, tick):
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

    def correct(self, window):
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

    def measured(self, first, last):
        counted = (last[1] - first[1]) * self.tick_length
        return (last[0] - first[0] - counted) / counted if counted > 0 else Fraction(0)


def play(vector):
    """What is wrong with the clock; nothing when it tells what the vector has."""
    clock, told, last = None, [], 0
    for number, (kind, *values) in enumerate(vector["events"]):
        if kind == "HELLO":
            if clock is None:
                clock = Clock(vector["ticks_per_second"], *values)
            else:
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
    if any(clock.time(tick) != answer for tick, answer in told):
        return "a tick means another time than it did"
    times = [time for _, time in sorted((tick, clock.time(tick)) for tick, _ in told)]
    return None if times == sorted(times) else "times are not in order"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        wrong = 0
        for vector in json.load(file):
            finding = play(vector)
            print(f"{vector['name']}: {finding or 'as it must be'}")
            wrong += finding is not None
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
