# SPDX-License-Identifier: Apache-2.0
"""What is packed in bits: "Bits" in section 2 of wire.md."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import List, Union

from .fields import TABLE
from .hello import Layout
from .malformed import Malformed, out_of_range


class Left(Enum):
    """Owners that only a copy of the table can tell: variables that were left."""

    LAST = 0
    BEFORE = 1


@dataclass(frozen=True)
class Distance:
    """An owner that is so far from the one that the frame remembers."""

    far: int


# None: an orphan.
OwnerForm = Union[Left, Distance, None]


def unzigzag(number: int) -> int:
    return number >> 1 ^ -(number & 1)


class Packed:
    """Reads bits, low ones first, and the fields that are made of them."""

    def __init__(self, data: bytes, layout: Layout) -> None:
        self.data, self.at, self.layout = data, 0, layout
        self.sites = [0, 0]
        self.eighths, self.distances = 55, 0

    @property
    def is_at_end(self) -> bool:
        left = len(self.data) * 8 - self.at
        return left < 8 and (left == 0 or self.data[-1] >> (8 - left) == 0)

    def bits(self, count: int) -> int:
        if self.at + count > len(self.data) * 8:
            raise Malformed("truncated field")
        number = 0
        for place in range(count):
            number |= (self.data[self.at >> 3] >> (self.at & 7) & 1) << place
            self.at += 1
        return number

    def zeros(self, most: int) -> int:
        zeros = 0
        while zeros < most and self.bits(1) == 0:
            zeros += 1
        return zeros

    def size(self) -> int:
        power = self.bits(3) + 3
        if power == 10:
            power += self.bits(2)
            if power == 13:
                power = self.bits(5)
        return (1 << power) + self.bits(power)

    def depth(self) -> int:
        while not self.bits(1):
            width = self.eighths // 8
            number = self.bits(width)
            if number < 2**width - 1:
                self.eighths = self.eighths - 1 if number < 2 ** (width - 1) else 8 * width + 7
                return number + 4 if number + 4 <= TABLE else out_of_range()
            if width == 16:
                out_of_range()
            self.eighths += 8
        return self.bits(2)

    def owner(self, step: int) -> OwnerForm:
        """Near ones are so many steps away."""
        zeros = self.zeros(6)
        if zeros in (self.distances, 5, 6):
            is_last, self.distances = zeros == self.distances, 0
            return Left.LAST if is_last else Left.BEFORE if zeros == 5 else None
        quotient = zeros - 1 if zeros > self.distances else zeros
        self.distances = min(self.distances + 1, 3)
        if zeros < 4:
            return Distance(unzigzag(quotient * 64 + self.bits(6)) * step)
        return Distance(self.distance())

    def distance(self) -> int:
        length = self.bits(7)
        return unzigzag(self.bits(length)) if length <= 8 * self.layout.width else out_of_range()

    def call_site(self) -> int:
        site, other = self.sites
        if self.bits(1):
            if self.bits(1):
                site, other = self.layout.around(site + self.distance()), site
            else:
                site, other = other, site
        self.sites = [site, other]
        return site

    def gap(self) -> int:
        return 0 if self.bits(1) else self.size()


class Trail:
    """Finds the owners of a frame, one after the other. An owner of 0 is none."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.previous = layout, layout.base
        self.left: List[int] = [0, 0]

    def owner(self, form: OwnerForm) -> int:
        if form is None:
            return 0
        if form is Left.LAST:
            self.previous, self.left = self.left[0], [self.left[1], 0]
        elif form is Left.BEFORE:
            self.previous, self.left = self.left[1], [self.left[0], 0]
        elif isinstance(form, Distance):
            self.previous = self.layout.around(self.previous + form.far)
        return self.previous

    def leave(self, owner: int) -> None:
        """The variable holds nothing any more, or still nothing."""
        self.left = [owner, self.left[0]]

    def clear(self) -> None:
        """At a reset; a reader without the table knows again what is remembered."""
        self.previous, self.left = 0, [0, 0]
