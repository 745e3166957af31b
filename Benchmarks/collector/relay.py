#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stands between devices and a collector, and can be frozen: relay.py PORT. Says on stdout on which port it listens."""

import selectors
import socket
import sys


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    selector, others = selectors.DefaultSelector(), {}
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            end = key.fileobj
            if end is listener:
                device, _ = listener.accept()
                try:
                    collector = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
                except OSError:
                    device.close()
                    continue
                others[device], others[collector] = collector, device
                for one in (device, collector):
                    selector.register(one, selectors.EVENT_READ)
                continue
            if end not in others:
                continue
            other = others[end]
            try:
                data = end.recv(65536)
                if data:
                    other.sendall(data)
                    continue
            except OSError:
                pass
            for one in (end, other):
                selector.unregister(one)
                del others[one]
                one.close()


if __name__ == "__main__":
    main()
