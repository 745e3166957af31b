# SPDX-License-Identifier: Apache-2.0
"""What is packed in bits: "Bits", and the operations of "DELTA", in ../wire.md."""

TABLE, LAZY, CALL_SITES = 65535, 1, 2
# Owners that only a copy of the table can tell: the variables that were left last, and before.
LATEST, SECOND = "left last", "left before"


class Malformed(Exception):
    """The frame is dropped and counted; the exception's text is the reason."""


def out_of_range():
    raise Malformed("value out of range")


def unzigzag(number):
    return number >> 1 ^ -(number & 1)


class Packed:
    """Reads bits, low ones first, and the fields that are made of them."""

    def __init__(self, data, layout):
        self.data, self.at, self.layout = data, 0, layout
        self.sites = [0, 0]

    @property
    def is_at_end(self):
        left = len(self.data) * 8 - self.at
        return left < 8 and (left == 0 or self.data[-1] >> (8 - left) == 0)

    def bits(self, count):
        if self.at + count > len(self.data) * 8:
            raise Malformed("truncated field")
        number = 0
        for place in range(count):
            number |= (self.data[self.at >> 3] >> (self.at & 7) & 1) << place
            self.at += 1
        return number

    def zeros(self, most):
        zeros = 0
        while zeros < most and self.bits(1) == 0:
            zeros += 1
        return zeros

    def size(self):
        power = self.bits(3) + 3
        if power == 10:
            power += self.bits(2)
            if power == 13:
                power = self.bits(5)
        return (1 << power) + self.bits(power)

    def depth(self):
        power = self.zeros(15) + 2
        if power == 17:
            raise Malformed("value out of range")
        depth = (1 << power) + self.bits(power) - 4
        return depth if depth <= TABLE else out_of_range()

    def owner(self):
        """LATEST, SECOND, 0 for none, or how far it is from the one before, in a tuple."""
        if self.bits(1):
            if not self.bits(1):
                return LATEST
            return 0 if self.bits(1) else SECOND
        quotient = self.zeros(4)
        if quotient < 4:
            return (unzigzag(quotient * 64 + self.bits(6)) * self.layout.width,)
        return (self.distance(),)

    def distance(self):
        length = self.bits(7)
        return unzigzag(self.bits(length)) if length <= 8 * self.layout.width else out_of_range()

    def call_site(self):
        site, other = self.sites
        if self.bits(1):
            if self.bits(1):
                site, other = self.layout.around(site + self.distance()), site
            else:
                site, other = other, site
        self.sites = [site, other]
        return site

    def gap(self):
        return 0 if self.bits(1) else self.size()


class Operations(Packed):
    """Reads the operations of a DELTA. Their owners are found by Trail."""

    def __init__(self, data, layout):
        super().__init__(data, layout)
        self.rate = 4

    def ticks(self):
        power = self.rate // 4
        quotient = self.zeros(6)
        if quotient < 6:
            self.rate = min(max(self.rate + quotient - 1, 0), 63)
            return (quotient << power) + self.bits(power)
        power = self.bits(5)
        self.rate = min(4 * power, 63)
        return (1 << power) + self.bits(power)

    def next(self):
        """The next operation with the ticks before it; None at the end."""
        if self.is_at_end:
            return None
        kind = self.zeros(4)
        if kind == 3:
            kind = ["reown", "failed"][self.bits(1)]
        elif kind == 4:
            kind = ["", "orphan", "bad-pointer", "reset", "compact", "", "", "skipped"][self.bits(3)]
        else:
            kind = ["alloc", "free", "resize"][kind]
        if not kind or kind == "compact" and not self.layout.lazy:
            raise Malformed("value out of range")
        operation = {"ticks": self.ticks(), "name": kind}
        if kind == "skipped":
            self.bits(8)
            for _ in range(self.bits(8)):
                self.bits(8)
        if kind in ("free", "resize", "reown", "orphan", "compact"):
            operation["depth"] = self.depth()
        if kind == "failed":
            operation["why"] = self.bits(2)
            if operation["why"] == 3:
                raise Malformed("value out of range")
        if kind in ("alloc", "resize", "compact") or kind == "failed" and operation["why"] != 2:
            operation["bytes" if kind == "compact" else "size"] = self.size()
        elif kind == "failed":
            operation["size"] = 0
        if kind in ("alloc", "reown", "failed", "bad-pointer"):
            operation["owner"] = self.owner()
        if kind in ("alloc", "failed") and self.layout.call_sites:
            operation["site"] = self.call_site()
        return operation


class Trail:
    """Finds the owners of a frame's operations, one after the other."""

    def __init__(self, layout):
        self.layout, self.previous, self.left = layout, layout.base, [0, 0]

    def find(self, operation, before):
        """Puts in the owner; `before` is that of the block, before the operation, and 0 where it isn't known."""
        if "owner" in operation:
            operation["owner"] = self.owner(operation["owner"])
        name = operation["name"]
        if name in ("free", "reown"):
            self.left = [before, self.left[0]]
        elif name in ("failed", "bad-pointer") and operation["owner"]:
            self.left = [operation["owner"], self.left[0]]
        elif name == "reset":
            self.left = [0, 0]

    def owner(self, form):
        if form == LATEST:
            self.previous, self.left = self.left[0], [self.left[1], 0]
        elif form == SECOND:
            self.previous, self.left = self.left[1], [self.left[0], 0]
        elif form == 0:
            return 0
        else:
            self.previous = self.layout.around(self.previous + form[0])
        return self.previous
