#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody who looks at one moment of the database for long: reader.py DATABASE. Says on stdout when it begins and when it lets go."""

import itertools
import sqlite3
import sys
import time

HOLDS = (30, 45, 60)
REST = 20


def main():
    connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, isolation_level=None)
    for seconds in itertools.cycle(HOLDS):
        connection.execute("BEGIN")
        # From here on it has its moment.
        connection.execute("SELECT count(*) FROM devices").fetchone()
        print("holds", flush=True)
        time.sleep(seconds)
        connection.execute("COMMIT")
        print("rests", flush=True)
        time.sleep(REST)


if __name__ == "__main__":
    main()
