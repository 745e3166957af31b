# SPDX-License-Identifier: Apache-2.0
"""Why a frame can't be read: the reasons of "What becomes of a frame" in wire.md, in a few words."""

from __future__ import annotations

from typing import NoReturn


class Malformed(Exception):
    """The frame is dropped and counted; the exception's text is the reason."""


def out_of_range() -> NoReturn:
    raise Malformed("value out of range")
