"""Which frames of a clip or a camera are asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True)
class Part:
    """Every `every`-th frame from `start` seconds on. HearthError for what no clip has."""

    every: int = 1
    start: float = 0.0

    def __post_init__(self) -> None:
        if self.every < 1:
            raise HearthError(f"--every {self.every}: expects 1 or more")
        if not (math.isfinite(self.start) and self.start >= 0):
            raise HearthError(f"--start {self.start:g}: expects seconds from the clip's beginning")

    @property
    def seconds(self) -> Fraction:
        """`start` to a microsecond: 0.04 as a float is more than a 25th of a second."""
        return Fraction(self.start).limit_denominator(1_000_000)
