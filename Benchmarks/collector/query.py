#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers about a month of a fleet while operations come in, and what their sums cost: see scripts/bench-query.sh."""

import argparse
import itertools
import json
import os
import random
import sqlite3
import time
import urllib.parse
from datetime import timedelta

from bench import Asker, add_month_options, cost, ends, folder, make_month, quantile_ms, table, throughput, words
from processes import BINARIES, Collector, Load, say

# Milliseconds, at p99.
GOALS = {"leaks_device": 200, "top": 100, "leaks_fleet": 2000, "compare": 2000, "rightsize": 2000, "whatif": 1000}
# Tables and indices that answers read, and nothing else does.
SUMS = ("days", "days_by_heap", "group_periods", "group_periods_by_heap", "open_groups")
ALLOCATORS = ("eager", "lazy", "first-fit", "best-fit", "tlsf", "heap_4")


class Month:
    """A month to ask about: the questions, and what plain SQLite does at least to read the same rows."""

    def __init__(self, month, database, seed=1):
        self.month, self.random = month, random.Random(seed)
        self.first, self.last = ends(month)
        self.database = sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)
        self.figures = itertools.cycle(("usage", "peak", "failures", "churn", "moved"))
        self.allocators = itertools.cycle(ALLOCATORS)

    def question(self, kind):
        """The path of a question, and SQL that reads its rows."""
        return getattr(self, kind)()

    def read(self, sql, arguments):
        start = time.perf_counter()
        self.database.execute(sql, arguments).fetchall()
        return time.perf_counter() - start

    def device(self, first=1):
        return f"{self.month['name']}-{self.random.randint(first, self.month['devices'])}"

    def span(self, days):
        """Some days within the month."""
        length = min(timedelta(days=days), self.last - self.first)
        since = self.first + (self.last - self.first - length) * self.random.random()
        return since, since + length

    def leaks_device(self):
        device, (since, until) = self.device(), self.span(7)
        return (path(f"devices/{device}/leaks", since=since, until=until),
                """SELECT sum(length(body)) FROM devices JOIN boots ON device_id = devices.id JOIN heaps ON boot_id = boots.id
                   JOIN group_periods ON heap_id = heaps.id WHERE devices.name = ? AND time > ? AND time < ?""",
                (device, microseconds(since) - DAY, microseconds(until)))

    def top(self):
        since, until = self.span(7)
        return path("top", by=next(self.figures), since=since, until=until), *self.days(since, until)

    def leaks_fleet(self):
        return (path("leaks", since=self.first, until=self.last),
                "SELECT sum(length(body)) FROM group_periods NOT INDEXED WHERE time > ? AND time < ?",
                (microseconds(self.first) - DAY, microseconds(self.last)))

    def compare(self):
        a, b = self.month["builds"]
        return path("compare", a=a, b=b, since=self.first, until=self.last), *self.days(self.first, self.last)

    def rightsize(self):
        return path("rightsize", since=self.first, until=self.last), *self.days(self.first, self.last)

    def whatif(self):
        return self.other_heap(self.device(self.month["watched"] + 1))

    def whatif_watched(self):
        return self.other_heap(f"{self.month['name']}-{self.random.randint(1, self.month['watched'])}")

    def other_heap(self, device):
        since, until = self.span(1)
        return (path(f"devices/{device}/whatif", allocator=next(self.allocators), size=49152, since=since, until=until),
                """SELECT sum(length(body)) FROM devices JOIN boots ON device_id = devices.id JOIN heaps ON boot_id = boots.id
                   JOIN chunks ON heap_id = heaps.id WHERE devices.name = ? AND chunks.last_time >= ? AND chunks.first_time <= ?""",
                (device, microseconds(since), microseconds(until)))

    def days(self, since, until):
        return ("""SELECT max(used), max(peak), max(peak_blocks), sum(allocated), sum(failures), sum(bytes_moved), sum(known)
                   FROM days WHERE time > ? AND time < ?""", (microseconds(since) - DAY, microseconds(until)))


DAY = 86_400_000_000


def microseconds(moment):
    return int(moment.timestamp() * 1_000_000)


def path(name, **query):
    query = {key: value if isinstance(value, (str, int)) else words(value) for key, value in query.items()}
    return f"/v1/{name}?{urllib.parse.urlencode(query)}"


def bytes_of_sums(database):
    """Bytes of the pages of each table and index that is only there for answers."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    sizes = {name: connection.execute("SELECT pgsize FROM dbstat WHERE name = ? AND aggregate = TRUE", (name,)).fetchone()[0]
             for name in SUMS}
    connection.close()
    return sizes


def answers(options, database, month):
    """Asks all questions in turn, the short ones more often."""
    say(f"answers: while {options.rate} operations a second come in")
    path = folder("answers")
    collector = Collector(path, database)
    load = Load(collector.port, path, 1000, 7200, options.rate, ["--name", "busy"])
    load.wait_until_connected()
    time.sleep(10)
    asker, questions, floors = Asker(collector.api), Month(month, database), {}
    before, start = collector.metrics(), time.monotonic()
    for turn in range(options.turns):
        if turn % 5 == 0:
            say(f"answers: turn {turn} of {options.turns}")
        for kind, times in (("leaks_device", 15), ("top", 15), ("leaks_fleet", 1), ("compare", 1), ("rightsize", 1),
                            ("whatif", 5), ("whatif_watched", 2)):
            for number in range(times):
                question, sql, arguments = questions.question(kind)
                asker.ask(kind, question)
                # Afterwards both find the pages in memory as far as they fit.
                if number == 0:
                    floors.setdefault(kind, []).append(questions.read(sql, arguments))
    after, passed = collector.metrics(), time.monotonic() - start
    load.child.terminate()
    load.result()
    collector.stop()
    rate = (after["operations_total"] - before["operations_total"]) / passed
    return asker.figures(), {kind: quantile_ms(times, 0.5) for kind, times in floors.items()}, rate


def cpu(options):
    """CPU of an operation of this collector and the one without sums, in turn: at full speed, and at the rate."""
    folders = {"after": BINARIES} | ({"before": options.before} if options.before else {})
    full, paced = {name: [] for name in folders}, {name: [] for name in folders}
    for _ in range(options.repeat):
        for name, binaries in folders.items():
            say(f"cpu: {name}, {options.seconds} s at full speed")
            full[name].append(throughput(options.seconds, binaries)["cpu_us_per_op"])
            say(f"cpu: {name}, {options.seconds} s at {options.rate} operations a second")
            path = folder("cpu")
            collector = Collector(path, binaries=binaries)
            load = Load(collector.port, path, 1000, options.seconds + 20, options.rate)
            paced[name].append(cost(collector, load, options.seconds)["cpu_us_per_op"])
            load.result()
            collector.stop()
    return {name: (min(full[name]), min(paced[name])) for name in folders}


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench-query.sh")
    add_month_options(parser)
    parser.add_argument("--turns", type=int, default=40, help="of all questions (40)")
    parser.add_argument("--rate", type=int, default=200_000, help="operations a second meanwhile (200000)")
    parser.add_argument("--before", help="folder with a dalloc-collector without the sums, to measure what they cost")
    parser.add_argument("--seconds", type=int, default=60, help="of each measurement of CPU (60)")
    parser.add_argument("--repeat", type=int, default=2, help="measurements of CPU; the lowest counts (2)")
    parser.add_argument("--only", default="disk,answers,cpu", help="parts, separated by commas")
    options = parser.parse_args()
    parts = options.only.split(",")
    rows, result, missed = [], {}, []

    def tell(name, value, **numbers):
        rows.append((name, value))
        result.update(numbers)

    def hold(name, value, goal):
        if value > goal:
            missed.append(name)

    if "disk" in parts or "answers" in parts:
        database, month = make_month(options)
        tell("the month", f"{month['devices']:,} devices, {month['days']} days, {month['operations']:,} operations, "
             f"{os.path.getsize(database) / 1e9:.2f} GB, written in {month['seconds']:.0f} s",
             devices=month["devices"], days=month["days"], operations=month["operations"])
    if "disk" in parts:
        sizes = bytes_of_sums(database)
        each = {name: size / month["operations"] for name, size in sizes.items()}
        total = sum(each.values())
        tell("bytes of an operation in sums", f"{total:.3f}", sum_bytes_per_op=round(total, 4))
        for name, share in each.items():
            tell(f"  {name}", f"{share:.3f}", **{f"{name}_bytes_per_op": round(share, 4)})
        hold("sum_bytes_per_op", total, 1)
    if "answers" in parts:
        figures, floors, rate = answers(options, database, month)
        tell("operations a second meanwhile", f"{rate:,.0f}", ops_per_second=round(rate))
        for kind, measured in figures.items():
            goal = GOALS[kind.removesuffix("_watched")]
            ratio = measured["p50_ms"] / floors[kind]
            tell(f"  {kind}", f"p50 {measured['p50_ms']:.1f} ms, p99 {measured['p99_ms']:.1f} ms of {goal}, {ratio:.1f} times "
                 f"plain SQLite, {measured['questions']} times",
                 **{f"{kind}_p50_ms": round(measured["p50_ms"], 2), f"{kind}_p99_ms": round(measured["p99_ms"], 2),
                    f"{kind}_sqlite_ms": round(floors[kind], 2), f"{kind}_over_sqlite": round(ratio, 2)})
            hold(f"{kind}_p99_ms", measured["p99_ms"], goal)
    if "cpu" in parts:
        measured = cpu(options)
        for name, (full, paced) in measured.items():
            tell(f"CPU of an operation, {'with' if name == 'after' else 'without'} sums",
                 f"{full:.3f} us at full speed, {paced:.3f} us at {options.rate:,} a second",
                 **{f"cpu_us_per_op_{name}": round(full, 4), f"paced_cpu_us_per_op_{name}": round(paced, 4)})
        if options.before:
            ratios = [after / before for after, before in zip(measured["after"], measured["before"])]
            tell("  with over without", f"{ratios[0]:.2f} at full speed, {ratios[1]:.2f} at {options.rate:,} a second",
                 cpu_ratio=round(ratios[0], 3), paced_cpu_ratio=round(ratios[1], 3))
            hold("cpu_ratio", ratios[0], 1.3)
            hold("paced_cpu_ratio", ratios[1], 1.3)
    table(rows)
    print(json.dumps(result | {"missed": missed}))


main()
