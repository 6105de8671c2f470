"""Where the pixels of a frame lie in the picture that it is made of.

A model's preprocessing resizes a picture and cuts out the centre. On files Pillow does it
(toolchain/data/images.py), in front of a camera hardware (hw/video/hearth_scaler.sv); the sizes and
the crop are those of this file for both.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support.errors import HearthError

LARGEST = 1920
"""Pixels of a camera's longer side."""


@dataclass(frozen=True)
class Camera:
    """Pixels of a camera's picture."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @classmethod
    def parse(cls, text: str) -> Camera:
        """'640x480', width first, as cameras are sold. HearthError for anything else."""
        found = re.fullmatch(r"([0-9]{1,4})x([0-9]{1,4})", text.lower())
        sides = [int(side) for side in found.groups()] if found else [0]
        if not all(1 <= side <= LARGEST for side in sides):
            raise HearthError(
                f"--camera-size: expects WIDTHxHEIGHT, each of 1 to {LARGEST} pixels, such as"
                f" 640x480, found '{text}'"
            )
        return cls(*sides)


@dataclass(frozen=True)
class Axis:
    """One axis of a picture: `source` samples are resized to `scaled`, of which `count` in the
    middle are kept.

    Lengths are in units of which a sample has `unit` and a resized one `step`, the fewest that
    make both whole numbers.
    """

    source: int
    scaled: int
    count: int

    @property
    def unit(self) -> int:
        return self.scaled // math.gcd(self.source, self.scaled)

    @property
    def step(self) -> int:
        return self.source // math.gcd(self.source, self.scaled)

    @property
    def first(self) -> int:
        """The first resized sample that is kept."""
        return (self.scaled - self.count) // 2

    def weights(self) -> Array:
        """Units of each sample in each that is kept: int64 [count, source], every row's sum
        `step`."""
        start = (self.first + np.arange(self.count))[:, None] * self.step
        sample = np.arange(self.source)[None, :] * self.unit
        inside = np.minimum(start + self.step, sample + self.unit) - np.maximum(start, sample)
        units: Array = np.maximum(inside, 0)
        return units


def resized(
    preprocessing: Preprocessing, picture: tuple[int, int], size: tuple[int, int]
) -> tuple[int, int]:
    """Width and height to which a picture of this width and height is resized, for frames of
    `size`, height and width: the crop lies within it."""
    height, width = size
    if preprocessing.resize == 0:
        return width, height
    # The shorter side becomes `resize`; more where the crop would not fit otherwise.
    wanted = preprocessing.resize / min(picture)
    factor = max(wanted, width / picture[0], height / picture[1])
    return max(width, round(picture[0] * factor)), max(height, round(picture[1] * factor))
