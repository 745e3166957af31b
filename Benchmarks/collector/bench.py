#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one small machine carries: see scripts/bench-collector.sh, which builds what this runs."""

import argparse
import http.client
import json
import os
import random
import shutil
import subprocess
import urllib.parse
from datetime import datetime, timedelta, timezone
import time

from processes import BINARIES, Collector, Load, Process, say

WORK = os.path.abspath(".build/bench-collector")
BUILDS = ("1.4.2", "1.4.3")


def folder(name):
    path = os.path.join(WORK, "runs", name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def cost(collector, load, seconds):
    """What the collector does with a paced load, from when all are connected and a little more: CPU and operations."""
    load.wait_until_connected()
    time.sleep(3)
    before, cpu = collector.metrics(), collector.cpu_seconds()
    time.sleep(seconds)
    after, used = collector.metrics(), collector.cpu_seconds() - cpu
    operations = after["operations_total"] - before["operations_total"]
    return {
        "operations": operations,
        "cpu_us_per_op": used * 1e6 / operations,
        "frames_per_commit": (after["frames_total"] - before["frames_total"])
        / (after["commit_seconds_count"] - before["commit_seconds_count"]),
    }


def throughput(seconds, binaries=BINARIES):
    """As many operations as are acknowledged, of 1,000 devices."""
    say(f"throughput: 1000 connections, {seconds} s")
    path = folder("throughput")
    collector = Collector(path, binaries=binaries)
    load = Load(collector.port, path, 1000, seconds)
    load.wait_until_connected()
    cpu = collector.cpu_seconds()
    result = load.result()
    collector.wait_until_idle()
    cpu = collector.cpu_seconds() - cpu
    metrics = collector.metrics()
    collector.stop()
    # What was sent but not acknowledged when time was over is on disk as well. The metric leaves out what only changes a block.
    stored = metrics["frames_total"] * result["operations"] / result["frames"]
    return {
        "ops_per_second": result["ops_per_second"],
        "cpu_us_per_op": cpu * 1e6 / stored,
        "ops_per_frame": stored / metrics["frames_total"],
        "payload_bytes": metrics["frame_bytes_total"] / metrics["frames_total"],
        "frames": metrics["frames_total"],
        "frames_per_commit": metrics["frames_total"] / metrics["commit_seconds_count"],
        "line_bytes_per_op": metrics["received_bytes_total"] / stored,
        "disk_bytes_per_op": collector.bytes_on_disk() / stored,
        "ack_p50_ms": result["ack_p50_ms"],
        "ack_p99_ms": result["ack_p99_ms"],
    }


def sqlite_floor(full):
    say("floor: the same bytes in one table of SQLite")
    rows = int(full["frames"])
    arguments = [os.path.join(WORK, "floor"), os.path.join(folder("floor"), "floor.sqlite"), str(rows),
                 str(round(full["payload_bytes"])), str(max(1, round(full["frames_per_commit"])))]
    seconds = float(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
    return rows * full["ops_per_frame"] / seconds


def sink_floor(seconds):
    say("floor: a listener that reads and does nothing")
    path = folder("sink")
    sink = Process([os.path.join(WORK, "sink")], os.path.join(path, "sink.log"))
    port = int(sink.wait_for(r"port (\d+)").group(1))
    load = Load(port, path, 1000, seconds, options=["--blind"])
    load.wait_until_connected()
    cpu = sink.cpu_seconds()
    result = load.result()
    cpu = sink.cpu_seconds() - cpu
    sink.stop()
    return {"ops_per_second": result["ops_per_second"], "cpu_us_per_op": cpu * 1e6 / result["operations"]}


def paced(rate, seconds):
    """Latency where the collector is not at its limit."""
    say(f"latency: 1000 connections, {rate} operations a second, {seconds} s")
    path = folder("paced")
    collector = Collector(path)
    load = Load(collector.port, path, 1000, seconds, rate)
    result = load.result()
    collector.stop()
    return result


def growth(rate, seconds):
    """The same operations from more and more devices."""
    costs, resident = {}, 0
    for devices in (10, 100, 1000, 10_000):
        say(f"growth: {devices} connections, {rate} operations a second, {seconds} s")
        path = folder(f"growth-{devices}")
        collector = Collector(path)
        load = Load(collector.port, path, devices, seconds + 10, rate)
        costs[devices] = cost(collector, load, seconds)
        resident = collector.resident_bytes()
        load.result()
        collector.stop()
    return costs, resident / 10_000


class Asker:
    """One connection to the API, and how long its answers take."""

    def __init__(self, api):
        self.connection = http.client.HTTPConnection("127.0.0.1", api, timeout=60)
        self.times, self.bytes = {}, {}

    def ask(self, kind, path):
        start = time.perf_counter()
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        body = response.read()
        self.times.setdefault(kind, []).append(time.perf_counter() - start)
        # A moment while a device was off is known to be unknown.
        if response.status not in (200, 409):
            raise SystemExit(f"{path}: {response.status} {body[:300]}")
        self.bytes[kind] = self.bytes.get(kind, 0) + len(body)
        return json.loads(body)

    def figures(self):
        return {kind: {"questions": len(times), "p50_ms": quantile_ms(times, 0.5), "p99_ms": quantile_ms(times, 0.99),
                       "bytes": self.bytes[kind] / len(times)}
                for kind, times in self.times.items()}


def quantile_ms(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def words(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ends(month):
    """When a month begins, and when it ends."""
    return (datetime.fromisoformat(month[end].replace("Z", "+00:00")) for end in ("first", "last"))


class Questions(Asker):
    """What people ask of a month of a fleet."""

    KINDS = {"devices": "devices", "history": "points", "snapshot": "entries", "moves": "moves"}

    def __init__(self, api, month, seed=1):
        super().__init__(api)
        self.random = random.Random(seed)
        self.month = month
        self.first, self.last = ends(month)
        self.answers = {kind: 0 for kind in self.KINDS}

    def ask_once(self, kind):
        answer = self.ask(kind, self.path(kind))
        self.answers[kind] += len(answer.get(self.KINDS[kind], []))

    def path(self, kind):
        if kind == "devices":
            return "/v1/devices"
        # Half of the questions are about devices that report often.
        watched = self.random.random() < 0.5
        number = self.random.randint(1, self.month["watched"] if watched else self.month["devices"])
        day = timedelta(days=1)
        until = self.first + day + (self.last - self.first - day) * self.random.random()
        span = {"history": day, "moves": timedelta(hours=1)}
        query = {"history": {"since": until - day, "until": until, "step": 60_000_000},
                 "snapshot": {"at": until}, "moves": {"since": until - span.get(kind, day), "until": until}}[kind]
        query = {key: words(value) if isinstance(value, datetime) else value for key, value in query.items()}
        return f"/v1/devices/{self.month['name']}-{number}/{kind}?{urllib.parse.urlencode(query)}"

    def figures(self):
        return {kind: figures | {"rows": self.answers[kind] / figures["questions"]}
                for kind, figures in super().figures().items()}


def add_month_options(parser):
    parser.add_argument("--devices", type=int, default=10_000, help="in the month (10000)")
    parser.add_argument("--days", type=int, default=30, help="of the month (30)")
    parser.add_argument("--interval", default="30m", help="how often these devices report (30m)")
    parser.add_argument("--watched", type=int, default=20, help="of them report every 10 s (20)")
    parser.add_argument("--month", help="the database that an earlier run made, instead of a new one")


def make_month(options):
    if options.month:
        with open(options.month + ".json") as file:
            return options.month, json.load(file)
    path = os.path.join(folder("month"), "month.sqlite")
    say(f"month: {options.devices} devices, {options.days} days")
    arguments = [f"{BINARIES}/dalloc-simulator", "history", "--database", path, "--devices", str(options.devices),
                 "--days", str(options.days), "--interval", options.interval, "--watched", str(options.watched),
                 "--builds", ",".join(BUILDS)]
    made = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True)
    month = json.loads(made.stdout.splitlines()[-1]) | {"watched": options.watched, "name": "fleet", "builds": BUILDS}
    with open(path + ".json", "w") as file:
        json.dump(month, file)
    return path, month


def queries(options, rate):
    database, month = make_month(options)
    size = os.path.getsize(database)
    say(f"queries: while {rate} operations a second come in")
    path = folder("queries")
    collector = Collector(path, database)
    load = Load(collector.port, path, 1000, 3600, rate, ["--name", "busy"])
    load.wait_until_connected()
    time.sleep(10)
    questions = Questions(collector.api, month)
    before, start = collector.metrics(), time.monotonic()
    for number in range(options.questions):
        if number % 50 == 0:
            say(f"queries: {number * 4} of {options.questions * 4}")
        for kind in questions.KINDS:
            questions.ask_once(kind)
    after, passed = collector.metrics(), time.monotonic() - start
    load.child.terminate()
    load.result()
    collector.stop()
    return questions.figures(), month | {
        "bytes": size, "rate_meanwhile": (after["operations_total"] - before["operations_total"]) / passed}


def table(rows):
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench-collector.sh")
    parser.add_argument("--seconds", type=int, default=40, help="of throughput (40)")
    add_month_options(parser)
    parser.add_argument("--questions", type=int, default=500, help="of each kind (500)")
    parser.add_argument("--only", default="throughput,growth,queries", help="parts, separated by commas")
    options = parser.parse_args()
    parts = options.only.split(",")
    rows, result = [], {}

    def tell(name, value, key=None, number=None):
        rows.append((name, value))
        if key:
            result[key] = number

    rate = 500_000
    if "throughput" in parts:
        full = throughput(options.seconds)
        floor = sqlite_floor(full)
        sink = sink_floor(10)
        # No more than what it can surely carry.
        rate = int(min(full["ops_per_second"], 1_000_000) / 2)
        latency = paced(rate, 20)
        ops = full["ops_per_second"]
        tell("operations a second, committed and acknowledged", f"{ops:,}", "ops_per_second", ops)
        tell("  over the same bytes in one SQLite table", f"{ops / floor:.2f} of {floor:,.0f}",
             "over_sqlite_floor", round(ops / floor, 3))
        result["sqlite_floor_ops_per_second"] = round(floor)
        tell("  frames to a commit", f"{full['frames_per_commit']:.0f}", "frames_per_commit",
             round(full["frames_per_commit"], 1))
        tell("  operations in a frame", f"{full['ops_per_frame']:.1f}", "ops_per_frame", round(full["ops_per_frame"], 2))
        tell("CPU of an operation", f"{full['cpu_us_per_op']:.3f} us", "cpu_us_per_op", round(full["cpu_us_per_op"], 4))
        tell("  of a listener that only reads", f"{sink['cpu_us_per_op']:.3f} us, {sink['ops_per_second']:,} a second",
             "sink_cpu_us_per_op", round(sink["cpu_us_per_op"], 4))
        result["sink_ops_per_second"] = sink["ops_per_second"]
        tell("bytes on the line for an operation", f"{full['line_bytes_per_op']:.2f}", "line_bytes_per_op",
             round(full["line_bytes_per_op"], 3))
        tell("bytes on disk for an operation", f"{full['disk_bytes_per_op']:.2f}", "disk_bytes_per_op",
             round(full["disk_bytes_per_op"], 3))
        tell(f"from sending to the acknowledgement, at {rate:,} a second",
             f"p50 {latency['ack_p50_ms']:.1f} ms, p99 {latency['ack_p99_ms']:.1f} ms", "ack_p50_ms", latency["ack_p50_ms"])
        result["ack_p99_ms"] = latency["ack_p99_ms"]
        tell("  at the limit", f"p50 {full['ack_p50_ms']:.1f} ms, p99 {full['ack_p99_ms']:.1f} ms", "ack_p99_full_ms",
             full["ack_p99_ms"])
    if "growth" in parts:
        costs, resident = growth(200_000, 20)
        for devices, measured in costs.items():
            tell(f"CPU of an operation, {devices:,} devices, 200,000 a second",
                 f"{measured['cpu_us_per_op']:.3f} us, {measured['frames_per_commit']:.0f} frames to a commit",
                 f"cpu_us_per_op_{devices}", round(measured["cpu_us_per_op"], 4))
        each = [measured["cpu_us_per_op"] for measured in costs.values()]
        tell("  the largest over the smallest", f"{max(each) / min(each):.2f}", "cost_growth", round(max(each) / min(each), 3))
        tell("memory of a device, of 10,000", f"{resident / 1024:.1f} KB", "rss_bytes_per_device", round(resident))
    if "queries" in parts:
        figures, month = queries(options, rate)
        tell("the month", f"{month['devices']:,} devices, {month['frames']:,} frames, {month['operations']:,} operations, "
             f"{month['bytes'] / 1e9:.2f} GB, written in {month['seconds']:.0f} s", "month_frames", month["frames"])
        result["month_bytes"] = month["bytes"]
        tell("operations a second meanwhile", f"{month['rate_meanwhile']:,.0f}", "query_ops_per_second",
             round(month["rate_meanwhile"]))
        for kind, measured in figures.items():
            tell(f"  {kind}", f"p50 {measured['p50_ms']:.1f} ms, p99 {measured['p99_ms']:.1f} ms, "
                 f"{measured['rows']:.0f} rows, {measured['bytes'] / 1024:.0f} KB", f"{kind}_p99_ms",
                 round(measured["p99_ms"], 2))
        result["query_p99_ms"] = max(round(measured["p99_ms"], 2) for measured in figures.values())
    table(rows)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
