"""Golden model of hw/video/hearth_scaler.sv: exact area averages of a camera's picture.

    out[y, x] = (2 sum + area) // (2 area),  sum over all units of pixels that (y, x) covers

`area` is the number of units that a pixel of the frame covers (geometry.py), so this is the mean to
the nearest integer, a half upwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.video.geometry import Axis, Camera, resized

SOURCES = (
    "memory/hearth_ram.sv",
    "stream/hearth_fifo.sv",
    "axi/hearth_axi_video.sv",
    "video/hearth_scaler_pkg.sv",
    "video/hearth_scaler_axis.sv",
    "video/hearth_scaler_row.sv",
    "video/hearth_scaler_rows.sv",
    "video/hearth_scaler_mean.sv",
    "video/hearth_scaler.sv",
)
"""Files below hw/ of the hardware, in the order in which they are read."""


@dataclass(frozen=True)
class Scaler:
    """What is built in front of a network for a camera: both axes of its picture."""

    x: Axis
    y: Axis

    @property
    def window(self) -> tuple[float, float, float, float]:
        """What the network sees, in the camera's pixels: left, top, right, bottom."""
        across, down = self.x.source / self.x.scaled, self.y.source / self.y.scaled
        left, top = self.x.first, self.y.first
        right, bottom = left + self.x.count, top + self.y.count
        return left * across, top * down, right * across, bottom * down

    @property
    def parameters(self) -> dict[str, int]:
        """Of the hardware."""
        return {
            "SourceWidth": self.x.source,
            "SourceHeight": self.y.source,
            "ScaledWidth": self.x.scaled,
            "ScaledHeight": self.y.scaled,
            "Width": self.x.count,
            "Height": self.y.count,
        }

    @property
    def told(self) -> str:
        """For people."""
        return f"{self.x.source}x{self.y.source} to {self.x.count}x{self.y.count}"

    def golden(self, picture: Array) -> Array:
        """uint8 [source height, source width, channels] to uint8 [height, width, channels].

        Floats hold the sums: integers below 2^53, so that these are exact in any order.
        """
        area = self.x.step * self.y.step
        down = np.tensordot(self.y.weights().astype(np.float64), picture.astype(np.float64), 1)
        sums = np.tensordot(down, self.x.weights().astype(np.float64), (1, 1)).astype(np.int64)
        return ((2 * sums + area) // (2 * area)).astype(np.uint8).transpose(0, 2, 1)


def scaler(camera: Camera, preprocessing: Preprocessing, size: tuple[int, int]) -> Scaler:
    """The scaler from a camera's picture to frames of `size`, height and width.

    Raises HearthError where the preprocessing would make the picture larger: hardware holds no
    line twice.
    """
    width, height = resized(preprocessing, (camera.width, camera.height), size)
    if width > camera.width or height > camera.height:
        raise HearthError(
            f"--camera-size {camera}: the network's preprocessing makes {width}x{height} pixels of"
            f" it, and a camera's scaler makes no picture larger; use a mode of the camera of"
            f" {width}x{height} or more"
        )
    rows, columns = size
    return Scaler(
        Axis(camera.width, width, columns),
        Axis(camera.height, height, rows),
    )
