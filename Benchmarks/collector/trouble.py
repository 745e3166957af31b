#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A collector with all its troubles at once, and with devices that work well. scripts/soak.sh builds what this runs."""

import argparse
import http.client
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

from processes import BINARIES, Collector, Load, say
from troublemakers import HERE, Deaf, Endless, Frozen, Idle, Leaver, Pair, Silent, Slow, Unread, devices, end

WORK = os.path.abspath(".build/soak/trouble")
CONNECTIONS = 200
TRUE_DEVICES = 6
PERIOD = 5
# Of the whole time: until then caches fill, and history grows to what is kept.
WARM_UP = 0.2

# What must hold. Memory, between the first third and the last; a peak may hold what unread answers may keep (APILimits.answers).
MEMORY_GROWTH, MEMORY_PEAK = 1.1, 134_217_728
# Connections come and go; once they are gone, so are their descriptors, but for a question that is just being answered.
DESCRIPTOR_GROWTH, DESCRIPTORS_LEFT = 1.1, 3
# The write-ahead log, when nobody has held it for some seconds: LogKeeper looks every two seconds, and empties one of 64 MB. While
# somebody holds a moment it has what came in since, and no more later in the run than at its beginning.
LOG_REST, WAL_BYTES, WAL_GROWTH = 10, 64 * 2**20 + 8 * 2**20, 1.25
# Lines of the log in a minute: five of each kind for each address and one that counts the rest (PeerLog).
TEXT_BYTES = 100_000
# A run that is shorter than this, in seconds, is over before memory can be flat, and before each third has seen each length of a hold.
GROWTH_RUN = 1200


class Holder:
    """The program that reads one moment of the database for long, and whether it does so now."""

    def __init__(self, database):
        self.child = subprocess.Popen(
            [sys.executable, f"{HERE}/reader.py", database], stdout=subprocess.PIPE, text=True)
        self.holds, self.holding, self.since = 0, False, time.monotonic()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.child.stdout:
            self.holding, self.since = line == "holds\n", time.monotonic()
            self.holds += self.holding

    def has_rested(self):
        return not self.holding and time.monotonic() - self.since > LOG_REST

    def stop(self):
        if self.child.poll() is not None:
            raise SystemExit(f"the reader of the database ended with {self.child.returncode}")
        self.child.kill()
        self.child.wait()


class Sample:
    def __init__(self, seconds, collector, holder):
        self.seconds = round(seconds, 1)
        self.resident = collector.resident_bytes()
        self.descriptors = collector.descriptors()
        self.wal = os.path.getsize(collector.database + "-wal")
        self.rested = holder.has_rested()
        self.database = os.path.getsize(collector.database)
        self.text = os.path.getsize(collector.log_path)
        start = time.monotonic()
        metrics = collector.metrics()
        self.answer_ms = round((time.monotonic() - start) * 1000, 1)
        self.operations = metrics["operations_total"]
        self.set_aside = metrics["devices_set_aside"]
        # Of what was received since the start.
        self.stored = (metrics["store_seconds_sum"], metrics["store_seconds_count"])
        self.ready = ready(collector)


def ready(collector):
    connection = http.client.HTTPConnection("127.0.0.1", collector.api, timeout=60)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    words = answer.read().decode().strip()
    connection.close()
    return words if answer.status != 200 else ""


def gaps(database):
    """What is missing in the histories of the devices that did nothing wrong: device, cause, first and last frame."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT devices.name, gaps.cause, start_sequence, end_sequence FROM gaps JOIN heaps ON heaps.id = heap_id"
        " JOIN boots ON boots.id = boot_id JOIN devices ON devices.id = device_id"
        " WHERE devices.name LIKE 'load-%' OR devices.name LIKE 'true-%' OR devices.name LIKE 'frozen-%'").fetchall()
    connection.close()
    return rows


def watch(collector, holder, load, seconds, log):
    samples, missing, start = [], {}, time.monotonic()
    while (now := time.monotonic() - start) < seconds:
        if load.child.poll() is not None:
            raise SystemExit(f"the load generator ended:\n{load.words()[-2000:]}")
        if collector.child.poll() is not None:
            raise SystemExit(f"the collector ended with {collector.child.returncode}:\n{collector.words()[-2000:]}")
        sample = Sample(now, collector, holder)
        samples.append(sample)
        print(json.dumps(vars(sample)), file=log, flush=True)
        if len(samples) % 12 == 1:
            # Now and then: what retention removes would be missed later.
            for gap in gaps(collector.database):
                missing.setdefault(gap, sample.seconds)
            say(f"soak: {now / 60:.0f} of {seconds / 60:.0f} min, {sample.resident / 1e6:.0f} MB resident, "
                f"{sample.descriptors} descriptors, write-ahead log {sample.wal / 1e6:.0f} MB, log {sample.text / 1e3:.0f} KB")
        time.sleep(max(0, min(start + len(samples) * PERIOD, start + seconds) - time.monotonic()))
    return samples, missing


def spread(values):
    values = list(values)
    return [min(values), round(statistics.median(values)), max(values)] if values else [0, 0, 0]


def per_minute(samples):
    """Bytes of text in each minute."""
    step = 60 // PERIOD
    return [after.text - before.text for before, after in zip(samples, samples[step:])]


def latencies(samples):
    """Milliseconds until what is received is on disk, from each sample to the next."""
    pairs = [(a.stored, b.stored) for a, b in zip(samples, samples[1:])]
    return [round(1000 * (b[0] - a[0]) / (b[1] - a[1])) for a, b in pairs if b[1] > a[1]]


def judge(samples, seconds):
    """The figures of a run, each as least, median and most of its first and last third, and what is wrong with them."""
    steady = [s for s in samples if s.seconds >= seconds * WARM_UP]
    third = max(len(steady) // 3, 1)
    first, last = steady[:third], steady[-third:]
    figures = {}
    for name, values in {
        "rss_bytes": lambda part: (s.resident for s in part),
        "descriptors": lambda part: (s.descriptors for s in part),
        "wal_bytes": lambda part: (s.wal for s in part),
        "wal_bytes_at_rest": lambda part: (s.wal for s in part if s.rested),
        "log_bytes_per_minute": per_minute,
        "store_ms": latencies,
        "metrics_answer_ms": lambda part: (s.answer_ms for s in part),
        "database_bytes": lambda part: (s.database for s in part),
    }.items():
        figures[name] = {"first": spread(values(first)), "last": spread(values(last))}
    unready = sorted({s.ready for s in samples} - {""})
    figures["set_aside"], figures["not_ready"] = max(s.set_aside for s in samples), unready
    faults = []

    def grows(name, most):
        before, after = figures[name]["first"][1], figures[name]["last"][1]
        if after > before * most:
            faults.append(f"{name} grows: a median of {before:,} in the first third, and {after:,} in the last")

    if seconds >= GROWTH_RUN:
        grows("rss_bytes", MEMORY_GROWTH)
    grows("descriptors", DESCRIPTOR_GROWTH)
    if figures["rss_bytes"]["last"][2] > figures["rss_bytes"]["first"][1] + MEMORY_PEAK:
        faults.append(f"memory peaks at {figures['rss_bytes']['last'][2]:,} bytes")
    rest = max((s.wal for s in samples if s.rested), default=0)
    if rest > WAL_BYTES:
        faults.append(f"the write-ahead log has {rest:,} bytes though nobody holds it")
    most = max(figures["wal_bytes"]["first"][2], WAL_BYTES) * WAL_GROWTH
    if seconds >= GROWTH_RUN and figures["wal_bytes"]["last"][2] > most:
        faults.append(f"the write-ahead log grows with each time that it is held: {figures['wal_bytes']}")
    text = max(per_minute(samples), default=0)
    figures["log_bytes_per_minute_most"] = text
    if text > TEXT_BYTES:
        faults.append(f"the log had {text:,} bytes in a minute")
    if figures["set_aside"]:
        faults.append(f"{figures['set_aside']:.0f} devices were set aside")
    if unready:
        faults.append(f"/readyz said: {unready}")
    return figures, faults


def settle(collector, seconds=100):
    """Descriptors once trouble is over: those that trouble had go, at the latest when the time-outs have passed."""
    deadline = time.monotonic() + seconds
    while (left := collector.descriptors()) > collector.quiet + DESCRIPTORS_LEFT and time.monotonic() < deadline:
        time.sleep(1)
    return left


def wait_for_devices(collector, count, seconds=60):
    deadline = time.monotonic() + seconds
    while (known := collector.metrics()["devices"]) < count:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {known:.0f} of {count} devices have greeted")
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(prog="scripts/soak.sh trouble")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=int, default=20_000, help="operations a second (20000)")
    options = parser.parse_args()
    if options.minutes < 1:
        parser.error("--minutes must be 1 or more")
    seconds = options.minutes * 60
    keep = max(int(seconds / 6), 120)
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    collector = Collector(WORK, options=[
        "--keep-detail", f"{keep}s", "--keep-minutes", f"{keep * 2}s", "--keep-hours", f"{keep * 3}s"])
    load = Load(collector.port, WORK, CONNECTIONS, 24 * 3600, options.rate, [
        "--recorded-rate", str(max(options.rate // CONNECTIONS, 1)), "--frames", "5000"])
    real = ["--rate", "100", "--frame-interval", "500", "--workload", "steady,churn"]
    good = devices("true", collector.port, WORK, real + ["--devices", str(TRUE_DEVICES)])
    load.wait_until_connected()
    wait_for_devices(collector, CONNECTIONS + TRUE_DEVICES)
    collector.quiet = collector.descriptors()

    holder = Holder(collector.database)
    twins = [devices("twin", collector.port, WORK, real + ["--retry-limit", "250", "--boot", str(boot)]) for boot in (1, 2)]
    port, api = collector.port, collector.api
    troubles = {
        # They come back before what they build upon is too old to be kept.
        "frozen": Frozen(port, WORK, real + ["--retry-limit", "5000", "--devices", "3"]),
        "silent": Silent(port, 1, 20), "deaf": Deaf(port, 0.1, 4),
        "pair": Pair(port, 0.2), "endless": Endless(port, 0.25), "left": Leaver(api, 0.25), "unread": Unread(api, 1, 16),
        "idle": Idle(api, 1, 60), "slow": Slow(api, 1, 10),
    }
    for trouble in troubles.values():
        trouble.start()
    with open(os.path.join(WORK, "samples.jsonl"), "w") as log:
        samples, missing = watch(collector, holder, load, seconds, log)
    for trouble in troubles.values():
        trouble.stop()
    holder.stop()
    for twin in twins:
        twin.kill()
    left = settle(collector)
    words = end(good)
    for gap in gaps(collector.database):
        missing.setdefault(gap, seconds)
    load.child.terminate()
    sent = load.result()
    closed = {name.partition('"')[2].rstrip('"}'): round(value) for name, value in collector.metrics().items()
              if name.startswith("connections_closed_total") and value}
    collector.stop()

    say("soak: dalloc-collector check")
    checked = subprocess.run([f"{BINARIES}/dalloc-collector", "check", "--database", collector.database],
                             capture_output=True, text=True)
    figures, faults = judge(samples, seconds)
    print(json.dumps({
        "minutes": options.minutes, "connections": CONNECTIONS, "operations": sent["operations"],
        "ops_per_second": sent["ops_per_second"], "ack_p50_ms": sent["ack_p50_ms"], "ack_p99_ms": sent["ack_p99_ms"],
        "ack_max_ms": sent["ack_max_ms"], **figures, "descriptors_before": collector.quiet, "descriptors_after": left,
        "log_held": holder.holds, "connections_closed": closed,
        "troubles": {name: trouble.count for name, trouble in troubles.items()},
        "gaps": len(missing), "check": checked.returncode}))
    if left > collector.quiet + DESCRIPTORS_LEFT:
        faults.append(f"{left} descriptors stay where there were {collector.quiet} before")
    if sent["ops_per_second"] < options.rate * 0.95:
        faults.append(f"only {sent['ops_per_second']:,} operations a second came in")
    if " 0 lost, 0 frames not acknowledged" not in words:
        faults.append(f"the true devices say: {words}")
    if missing:
        faults.append(f"gaps in the history of devices that did nothing wrong: {sorted(missing.items(), key=str)[:10]}")
    for reason in ("twin", "displaced", "malformed", "idle"):
        if not closed.get(reason):
            faults.append(f"no connection was closed as {reason}: this run shows nothing")
    if checked.returncode != 0:
        faults.append(f"check: {checked.stdout[-500:]}{checked.stderr[-500:]}")
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
