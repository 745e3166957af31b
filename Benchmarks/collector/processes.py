# SPDX-License-Identifier: Apache-2.0
"""The collector and the load generator as processes, and what can be seen of them from outside."""

import atexit
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

BINARIES = os.path.abspath(".build/release")
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def say(text):
    print(text, file=sys.stderr, flush=True)


# Who ends this ends its children: what is registered below runs only when Python ends by itself.
for ending in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(ending, lambda number, _: sys.exit(128 + number))


class Process:
    """A child, with what it writes to stderr in a file."""

    def __init__(self, arguments, log, **options):
        self.log_path = log
        self.log = open(log, "wb")
        self.child = subprocess.Popen(arguments, stderr=self.log, **options)
        # Whatever fails, nothing stays behind.
        atexit.register(self.kill)

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def wait_for(self, pattern, seconds=120):
        """Waits until what it wrote to stderr holds `pattern`; returns the match."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            match = re.search(pattern, self.words())
            if match:
                return match
            if self.child.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit(f"{self.child.args[0]}: no {pattern!r} in\n{self.words()[-2000:]}")

    def words(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def cpu_seconds(self):
        with open(f"/proc/{self.child.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self):
        with open(f"/proc/{self.child.pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.child.pid}/fd"))

    def stop(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
        status = self.child.wait()
        self.log.close()
        return status


class Collector(Process):
    def __init__(self, folder, database=None, options=(), binaries=BINARIES):
        os.makedirs(folder, exist_ok=True)
        self.database = database or os.path.join(folder, "history.sqlite")
        super().__init__(
            [f"{binaries}/dalloc-collector", "serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0",
             "--database", self.database, *options],
            os.path.join(folder, "collector.log"))
        ready = self.wait_for(r"(?=.*the collector is ready).*")
        line = ready.group(0)
        self.port = int(re.search(r"listen=127\.0\.0\.1:(\d+)", line).group(1))
        self.api = int(re.search(r"api=127\.0\.0\.1:(\d+)", line).group(1))

    def metrics(self):
        """Every sample of /metrics by its name and labels."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api, timeout=60)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        samples = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {name.removeprefix("dalloc_collector_"): float(value) for name, _, value in samples}

    def stop(self, how=signal.SIGTERM):
        status = super().stop(how)
        if status != 0:
            raise SystemExit(f"the collector ended with {status}:\n{self.words()[-2000:]}")

    def wait_until_idle(self):
        """Until what has come is gathered as well."""
        used = -1
        while self.cpu_seconds() - used > 0.1:
            used = self.cpu_seconds()
            time.sleep(3)

    def bytes_on_disk(self):
        return sum(os.path.getsize(self.database + end) for end in ("", "-wal") if os.path.exists(self.database + end))


class Load(Process):
    def __init__(self, port, folder, connections, seconds, rate=None, options=()):
        self.connections = connections
        arguments = [f"{BINARIES}/dalloc-simulator", "load", "--collector", f"127.0.0.1:{port}",
                     "--connections", str(connections), "--duration", f"{seconds}s", *options]
        if rate:
            arguments += ["--rate", str(rate)]
        super().__init__(arguments, os.path.join(folder, "load.log"), stdout=subprocess.PIPE)

    def wait_until_connected(self):
        self.wait_for(rf" {self.connections} of {self.connections} connected")

    def result(self):
        output = self.child.communicate()[0]
        self.log.close()
        if self.child.returncode != 0:
            raise SystemExit(f"the load generator failed:\n{self.words()[-2000:]}")
        result = json.loads(output.splitlines()[-1])
        if result["reconnects"] or result["lost_frames"]:
            raise SystemExit(f"connections broke, or frames were lost: {result}")
        return result
