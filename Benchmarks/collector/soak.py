#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A collector under steady load for an hour, with a history that retention keeps short. scripts/soak.sh builds what it runs."""

import argparse
import http.client
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import time

from processes import BINARIES, Collector, Load, say

WORK = os.path.abspath(".build/soak/collector")
CONNECTIONS = 1000
# Retention sweeps so often, in seconds, and lets so many bytes of pages be free besides a twentieth of the file.
SWEEP = 60
FREE_BYTES = 4096 * 4096
# Of the whole time: until then caches fill, and history grows to what is kept.
WARM_UP = 0.3
# Bytes of the write-ahead log at most: it begins anew when its pages are in the database, and none may stay in the way of that.
LOG_BYTES = 64 * 1024 * 1024


class Sample:
    def __init__(self, seconds, collector):
        self.seconds = seconds
        self.resident = collector.resident_bytes()
        # Before anything is asked: the connections of earlier questions are closed by now.
        self.descriptors = collector.descriptors()
        metrics = collector.metrics()
        self.database = os.path.getsize(collector.database)
        self.log = os.path.getsize(collector.database + "-wal")
        self.operations = metrics["operations_total"]
        self.frames = metrics["frames_total"]


def ask(collector, device):
    """What people ask, now and then: it must not cost memory for good either."""
    connection = http.client.HTTPConnection("127.0.0.1", collector.api, timeout=60)
    for question in ("devices", f"devices/{device}/snapshot", f"devices/{device}/history", f"devices/{device}/moves"):
        connection.request("GET", f"/v1/{question}")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{question}: {answer.status} {body[:300]}")
    connection.close()


def watch(collector, seconds, load, log):
    samples, start = [], time.monotonic()
    while (now := time.monotonic() - start) < seconds:
        if load.child.poll() is not None:
            raise SystemExit(f"the load generator ended:\n{load.words()[-2000:]}")
        sample = Sample(now, collector)
        samples.append(sample)
        print(json.dumps(vars(sample)), file=log, flush=True)
        # Every device has reported by then.
        if len(samples) > 6:
            ask(collector, f"load-{len(samples) % CONNECTIONS + 1}")
        if len(samples) % 30 == 1:
            say(f"soak: {now / 60:.0f} of {seconds / 60:.0f} min, {sample.operations:,.0f} operations, "
                f"{sample.resident / 1e6:.1f} MB resident, {sample.descriptors} descriptors, "
                f"database {sample.database / 1e6:.0f} MB")
        time.sleep(max(0, min(start + len(samples) * 10, start + seconds) - time.monotonic()))
    return samples


def slope(samples):
    """Bytes a second by which the database grows."""
    return statistics.linear_regression([s.seconds for s in samples], [s.database for s in samples]).slope


def parts(samples, count=8):
    """Parts of equal length."""
    size = max(len(samples) // count, 1)
    return [samples[start:start + size] for start in range(0, size * count, size) if start < len(samples)]


def judge(samples, seconds, keep):
    """The figures of a run, and what is wrong with them."""
    steady = parts([s for s in samples if s.seconds >= max(seconds * WARM_UP, keep + 2 * SWEEP)])
    resident = [statistics.fmean(s.resident for s in part) for part in steady]
    middle = statistics.fmean(resident)
    drift = (max(resident) - min(resident)) / middle
    # A question that is just being answered has one as well.
    descriptors = [min(s.descriptors for s in part) for part in steady]
    # What is kept, and half of what comes between two sweeps; then what may be free.
    rate = slope([s for s in samples if keep * 0.2 <= s.seconds <= keep])
    predicted = rate * (keep + SWEEP / 2) * 21 / 20 + FREE_BYTES / 2
    sizes = [statistics.fmean(s.database for s in part) for part in steady]
    database = statistics.fmean(sizes)
    log = max(s.log for s in samples)
    figures = {
        "rss_bytes": round(middle), "rss_drift": round(drift, 4), "rss_parts_mb": [round(mean / 1e6, 1) for mean in resident],
        "descriptors_first": descriptors[0], "descriptors_last": descriptors[-1],
        "database_bytes": round(database), "database_predicted_bytes": round(predicted),
        "database_over_predicted": round(database / predicted, 3), "database_bytes_per_second": round(rate),
        "database_drift": round((max(sizes) - min(sizes)) / database, 4), "log_most_bytes": log,
    }
    faults = []
    if drift > 0.05:
        faults.append(f"memory is not flat: parts of the run differ by {drift:.1%}")
    if descriptors[-1] > descriptors[0]:
        faults.append(f"descriptors grow: from {descriptors[0]} to {descriptors[-1]}")
    if not 0.85 <= database / predicted <= 1.15:
        faults.append(f"the database has {database / 1e6:.0f} MB, but retention predicts {predicted / 1e6:.0f}")
    if figures["database_drift"] > 0.1:
        faults.append(f"the database goes on growing: parts of the run differ by {figures['database_drift']:.1%}")
    if log > LOG_BYTES:
        faults.append(f"the write-ahead log has {log / 1e6:.0f} MB")
    return figures, faults


def overdue(database, keep):
    """By how many seconds the oldest row of each level is too old, beyond a sweep and what a row spans."""
    connection, now = sqlite3.connect(f"file:{database}?mode=ro", uri=True), time.time()
    levels = {"chunks": ("last_time", keep, 0), "minutes": ("time", keep * 2, 60), "hours": ("time", keep * 3, 3600)}
    ages = {}
    for level, (column, kept, span) in levels.items():
        oldest = connection.execute(f"SELECT min({column}) FROM {level}").fetchone()[0]
        ages[level] = round(now - oldest / 1e6 - kept - span - 2 * SWEEP, 1)
    connection.close()
    return {level: age for level, age in ages.items() if age > 0}


def main():
    parser = argparse.ArgumentParser(prog="scripts/soak.sh collector")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=200_000, help="operations a second (200000)")
    options = parser.parse_args()
    if options.minutes < 6:
        parser.error("--minutes must be 6 or more: there is nothing to judge before the history is as long as it is kept")
    seconds = options.minutes * 60
    # Of an hour: ten minutes.
    keep = max(int(seconds / 6), 120)
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    collector = Collector(WORK, options=[
        "--keep-detail", f"{keep}s", "--keep-minutes", f"{keep * 2}s", "--keep-hours", f"{keep * 3}s"])
    # Recorded at the rate at which it is sent: retention goes by the devices' own times. A boot lasts less than half an hour.
    load = Load(collector.port, WORK, CONNECTIONS, int(seconds) + 30, options.rate, [
        "--recorded-rate", str(max(options.rate // CONNECTIONS, 1)), "--frames", "5000"])
    load.wait_until_connected()
    with open(os.path.join(WORK, "samples.jsonl"), "w") as log:
        samples = watch(collector, seconds, load, log)
    sent = load.result()
    collector.stop()

    late = overdue(collector.database, keep)
    say("soak: dalloc-collector check")
    checked = subprocess.run([f"{BINARIES}/dalloc-collector", "check", "--database", collector.database],
                             capture_output=True, text=True)
    figures, faults = judge(samples, seconds, keep)
    # The collector's own count leaves out what only changes a block.
    print(json.dumps({
        "minutes": options.minutes, "connections": CONNECTIONS, "operations": sent["operations"],
        "ops_per_second": sent["ops_per_second"], "check": checked.returncode, **figures}))
    if sent["ops_per_second"] < options.rate * 0.95:
        faults.append(f"only {sent['ops_per_second']:,} operations a second came in")
    if late:
        faults.append(f"retention has left what is too old, by so many seconds: {late}")
    if checked.returncode != 0:
        faults.append(f"check: {checked.stdout[-500:]}{checked.stderr[-500:]}")
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
