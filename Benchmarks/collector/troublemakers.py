# SPDX-License-Identifier: Apache-2.0
"""Peers that do what peers must not, each for as long as it is let: devices that fall silent, don't read, have one id, or send no frames,
and clients of the API that leave, don't read, or only sit there."""

import itertools
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading

from processes import BINARIES, Process
from wirebytes import hello

HERE = os.path.dirname(os.path.abspath(__file__))
# Loopback has many addresses: what is bounded for each of them must be bounded for all.
ADDRESSES = [f"127.0.1.{number}" for number in range(1, 9)]


class Trouble(threading.Thread):
    """Does `once` again and again until it is told to stop; then its connections are closed."""

    def __init__(self, port, pause):
        super().__init__(daemon=True)
        self.port, self.pause = port, pause
        self.over, self.count, self.failure = threading.Event(), 0, None
        self.addresses = itertools.cycle(ADDRESSES)

    def connect(self, **options):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10, source_address=(next(self.addresses), 0), **options)

    def run(self):
        try:
            while not self.over.wait(self.pause):
                try:
                    self.once()
                    self.count += 1
                except OSError:
                    # The collector hung up, as it may.
                    pass
            self.end()
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def end(self):
        pass

    def stop(self):
        self.over.set()
        self.join()
        if self.failure:
            raise self.failure


class Kept(Trouble):
    """Keeps so many connections open; one that the collector closes is made again."""

    def __init__(self, port, pause, most):
        super().__init__(port, pause)
        self.most, self.selector = most, selectors.DefaultSelector()

    def once(self):
        for key, _ in self.selector.select(0):
            if self.is_over(key.fileobj):
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
        while len(self.selector.get_map()) < self.most and not self.over.is_set():
            one = self.connect()
            self.begin(one)
            self.selector.register(one, selectors.EVENT_READ)
        for key in list(self.selector.get_map().values()):
            self.go_on(key.fileobj)

    def is_over(self, one):
        try:
            return not one.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def begin(self, one):
        pass

    def go_on(self, one):
        pass

    def end(self):
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


class Silent(Kept):
    """Devices that greet, and of which nothing is heard any more."""

    def begin(self, one):
        self.count += 1
        one.sendall(hello(f"silent-{self.count % 20}", 1))


class Deaf(Kept):
    """Devices that greet as often as they can, and never read what they are told."""

    def begin(self, one):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.setblocking(False)

    def is_over(self, one):
        # What has come stays unread; only an end is looked for.
        try:
            return one.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def go_on(self, one):
        try:
            one.send(hello("deaf", 1) * 20)
        except BlockingIOError:
            pass


class Pair(Trouble):
    """Two devices with one id that connect in turn, ever again."""

    def once(self):
        one = self.connect()
        try:
            one.sendall(hello("pair", self.count % 2 + 1, 5000 + self.count))
            one.settimeout(0.2)
            one.recv(100)
        finally:
            # It stays open for a while, as the other one comes while it is there.
            old, self.old = getattr(self, "old", None), one
            if old:
                old.close()

    def end(self):
        if getattr(self, "old", None):
            self.old.close()


class Endless(Trouble):
    """Bytes that no zero ends."""

    def once(self):
        with self.connect() as one:
            one.sendall(b"\x55" * 65536)
            while one.recv(4096):
                pass


class Leaver(Trouble):
    """Asks what costs much, and is gone."""

    def once(self):
        with self.connect() as one:
            one.sendall(question(self.count % 50 + 1))


class Unread(Kept):
    """Asks for long answers, and reads nothing of them."""

    def begin(self, one):
        self.count += 1
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(question(self.count % 50 + 1))
        one.setblocking(False)

    is_over = Deaf.is_over


class Idle(Kept):
    """Asks once, and keeps the connection for later."""

    def begin(self, one):
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")


class Slow(Kept):
    """Sends the head of its question by the byte."""

    def go_on(self, one):
        one.send(b"G")


def question(number):
    path = f"/v1/devices/load-{number}/moves?since=2020-01-01T00:00:00Z&limit=100000"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


class Frozen(Trouble):
    """Real devices with a relay before the collector that is stopped for longer than anybody is patient, and then goes on with old news."""

    def __init__(self, port, folder, options):
        super().__init__(port, 0)
        self.relay = subprocess.Popen([sys.executable, f"{HERE}/relay.py", str(port)], stdout=subprocess.PIPE, text=True)
        self.devices = devices("frozen", int(self.relay.stdout.readline()), folder, options)

    def once(self):
        if self.over.wait(25):
            return
        self.relay.send_signal(signal.SIGSTOP)
        self.over.wait(75)
        self.relay.send_signal(signal.SIGCONT)

    def stop(self):
        super().stop()
        end(self.devices)
        self.relay.kill()
        self.relay.wait()


def devices(name, port, folder, options):
    """Real agents: what is recorded of them is held against what they were."""
    return Process([f"{BINARIES}/dalloc-simulator", "devices", "--collector", f"127.0.0.1:{port}", "--name", name, *options],
                   os.path.join(folder, f"{name}-{options[-1]}.log"))


def end(process):
    """Lets devices finish; their last words."""
    process.child.send_signal(signal.SIGTERM)
    process.child.wait()
    process.log.close()
    return process.words().strip().splitlines()[-1]
