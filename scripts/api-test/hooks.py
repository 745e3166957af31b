# SPDX-License-Identifier: Apache-2.0
"""What scripts/api-test.sh tells Schemathesis about a collector.

Values that Schemathesis makes up meet no device, boot or time of which something is known, and a schema can't say that of two
parameters only one may be given. So most requests that shall be answered get devices, times, frames, blocks and pages that exist,
and none contradicts itself. Then a refusal of such a request means that the description is wrong. Requests that shall be refused
stay as they are."""

import datetime
import json
import os
import random
import urllib.parse
import urllib.request
import zlib

import schemathesis
from schemathesis import GenerationMode

QUESTIONS_WITH_BOOTS = ["history", "snapshot", "moves", "operations", "diff", "whatif", "gaps", "failures", "summaries"]
MODELS = ["first-fit", "best-fit", "tlsf", "heap_4"]
# Devices that are there for questions that change something. The first one is connected.
LABELLED, FORGOTTEN = "labelled-01", "forgotten-01"


def ask(path):
    with urllib.request.urlopen(os.environ["DALLOC_API"] + path) as answer:
        return json.load(answer)


def time(text):
    return datetime.datetime.fromisoformat(text)


class Device:
    def __init__(self, summary):
        self.id = summary["id"]
        self.path = "/v1/devices/" + urllib.parse.quote(self.id, safe="")
        self.begin, self.end = time(summary["first_seen"]), time(summary["last_seen"])
        self.heaps = [text for heap in summary["heaps"] for text in (heap["name"], str(heap["heap"]))]
        self.last = max(heap["sequence"] for heap in summary["heaps"])
        self.boots = [str(boot["boot"]) for boot in ask(self.path + "/boots")["boots"]]
        self.boots_after = ask(self.path + "/boots?limit=1").get("next")
        page = ask(self.path + "/operations?since_sequence=0&limit=50")
        self.after = page.get("next")
        self.blocks = [operation["allocation"] for operation in page["operations"] if "allocation" in operation]

    def moments(self, chance):
        """Two in order; sometimes a bit before there was anything, or after the last report."""
        length = self.end - self.begin
        found = sorted(self.begin + length * chance.uniform(-0.1, 1.02) for _ in range(2))
        return [moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for moment in found]


SUMMARIES = ask("/v1/devices")["devices"]
DEVICES = [Device(summary) for summary in SUMMARIES if summary["id"] != FORGOTTEN]
BUILDS = sorted({summary["build"] for summary in SUMMARIES})


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    query, path = dict(case.query or {}), dict(case.path_parameters or {})
    chance = random.Random(zlib.crc32(repr((case.path, sorted(query.items()), path)).encode()))
    device = chance.choice(DEVICES)
    if case.method == "PUT":
        case.query = {"label": [label(text) for text in query["label"]][:8]}
        if chance.random() < 0.5:
            case.path_parameters = {"device": LABELLED}
    elif case.method == "DELETE" and chance.random() < 0.5:
        case.path_parameters = {"device": chance.choice([LABELLED, FORGOTTEN])}
    elif case.method == "GET":
        # One in ten asks about a device that nobody knows.
        if "device" in path and chance.random() < 0.9:
            path["device"] = device.id
        if "number" in path and device.blocks and chance.random() < 0.8:
            path["number"] = chance.choice(device.blocks)
        case.path_parameters = path
        case.query = consistent(query, case.operation.path.rsplit("/", 1)[-1], device, chance)


def label(text):
    """With one of eight names, so that they don't become too many, and a value of 255 bytes at most."""
    name, value = text.split("=", 1)
    return f"name-{zlib.crc32(name.encode()) % 8}={value.encode()[:200].decode(errors='ignore')}"


def consistent(query, question, device, chance):
    if "heap" in query and chance.random() < 0.8:
        query["heap"] = chance.choice(device.heaps)
    if "boot" in query:
        query["boot"] = chance.choice(device.boots)
    if question == "compare":
        # Of two builds, which most devices have; not of one with itself.
        if chance.random() < 0.8:
            query["a"], query["b"] = chance.sample(BUILDS, 2)
        elif query["a"] == query["b"]:
            query["b"] += "-2"
    if query.get("sort", "id") != "id":
        query.pop("after", None)
    if "points" in query:
        query.pop("step", None)
    if "shard" in query:
        query["shard"] = "/".join(sorted(query["shard"].split("/"), key=int))
    if query.get("allocator") in MODELS:
        query.pop("table", None)
    if "after" in query and question in ("operations", "boots"):
        query["after"] = device.after if question == "operations" else device.boots_after
        if query["after"] is None:
            del query["after"]
    first, last = ("from", "to") if question == "diff" else ("since", "until")
    if question == "snapshot":
        first, last = "at", "none"
        if "sequence" in query:
            query.pop("at", None)
            query["sequence"] = chance.randint(1, device.last)
    elif f"{first}_sequence" in query or f"{last}_sequence" in query:
        # Frames for both ends, or for one of them.
        query.pop(first, None)
        query.pop(last, None)
        frames = sorted(chance.randint(1, device.last) for _ in range(2))
        query.update({f"{name}_sequence": frame for name, frame in zip((first, last), frames) if f"{name}_sequence" in query})
    if question == "diff" and "from" not in query and "from_sequence" not in query:
        query["from"] = "any"
        query.pop("to_sequence", None)
    # Two times may be given, and the first must be before the second; a boot is a bound of questions about a device.
    given = [name for name in (first, last) if name in query]
    query.update(zip(given, device.moments(chance)))
    if given == [first] and question in QUESTIONS_WITH_BOOTS and chance.random() < 0.2:
        query[first] = "boot:" + chance.choice(device.boots)
    # At most 10,000 points, of times that are days apart.
    if "step" in query:
        query["step"] = max(int(query["step"]), 300_000_000)
    elif question == "history" and given:
        query["points"] = chance.randint(1, 10_000)
    return query
