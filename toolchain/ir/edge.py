"""What streams carry: arrays, the edges between kernels, and how photographs become pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hearth.toolchain.support.errors import HearthError

Array = npt.NDArray[Any]
Pads = tuple[int, int, int, int]
"""Padding in pixels: top, left, bottom, right (ONNX order for two axes)."""
Pair = tuple[int, int]
"""A number for each axis of a map: down, across."""


@dataclass(frozen=True)
class Edge:
    """A stream between two kernels: one frame is height x width pixels, channel innermost.

    `scale` is the real value of one integer step (zero point is always 0). `minimum` and `maximum`
    narrow the values that `bits` and `signed` allow, where a quantizer clips earlier: 8 bits with a
    zero point of 100 are the integers -100 to 155.
    """

    name: str
    height: int
    width: int
    channels: int
    bits: int = 8
    signed: bool = False
    scale: float = 1.0
    minimum: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        if min(self.height, self.width, self.channels, self.bits) < 1:
            raise HearthError(
                f"{self.name}: a map of {self.height}x{self.width} pixels and {self.channels}"
                " channels is empty; the input size is too small for this network"
            )
        lowest, highest = self._limits
        if not lowest <= self.low <= self.high <= highest:
            raise HearthError(
                f"{self.name}: {self.bits} bits hold {lowest} to {highest}, which the range"
                f" {self.low} to {self.high} exceeds"
            )

    @property
    def pixels(self) -> int:
        return self.height * self.width

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one frame as the golden model holds it: (height, width, channels)."""
        return (self.height, self.width, self.channels)

    def carried(self, name: str, shape: tuple[int, int, int]) -> Edge:
        """The same values on a map of another name and shape (height, width, channels)."""
        height, width, channels = shape
        return replace(self, name=name, height=height, width=width, channels=channels)

    @property
    def low(self) -> int:
        """Smallest integer on this edge."""
        return self._limits[0] if self.minimum is None else self.minimum

    @property
    def high(self) -> int:
        """Largest integer on this edge."""
        return self._limits[1] if self.maximum is None else self.maximum

    @property
    def narrowed(self) -> bool:
        """Whether values are clipped to less than the bits can hold."""
        return (self.low, self.high) != self._limits

    @property
    def _limits(self) -> tuple[int, int]:
        if self.signed:
            return -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1
        return 0, (1 << self.bits) - 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest NumPy integer type that holds every value of this edge."""
        width = next(w for w in (8, 16, 32, 64) if self.bits <= w)
        return np.dtype(f"{'int' if self.signed else 'uint'}{width}")


COLOUR_ORDERS = ("RGB", "BGR", "RGBA", "BGRA")
"""Orders of a network's input channels, where it takes colours."""


@dataclass(frozen=True)
class Preprocessing:
    """How a photograph becomes the network's input: resize, centre crop, (pixel - mean) * scale.

    `mean` and `scale` are per colour in `channel_order`, in units of 8-bit pixel values. Resizing
    and cropping happen on the host; mean, scale and colour order are folded into the first
    convolution, so hardware always receives RGB bytes, with the fourth channel behind them where
    there is one (A: alpha, or a depth that was stored as alpha), or bytes of luminance where the
    order is "L": a grey image of one channel.
    """

    channel_order: str = "RGB"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    scale: tuple[float, ...] = (1.0, 1.0, 1.0)
    resize: int = 0
    """Shorter side after resizing, in pixels; 0 resizes straight to the crop."""

    def __post_init__(self) -> None:
        if self.channel_order not in ("L", *COLOUR_ORDERS):
            raise HearthError(
                f"preprocessing: channel order is {', '.join(COLOUR_ORDERS[:-1])} or"
                f" {COLOUR_ORDERS[-1]}, but '{self.channel_order}' was given"
            )
        if not len(self.mean) == len(self.scale) == self.channels:
            raise HearthError(
                f"preprocessing: {self.channels} means and scales are expected, found"
                f" {len(self.mean)} and {len(self.scale)}"
            )

    @property
    def channels(self) -> int:
        """Bytes of a pixel."""
        return len(self.channel_order)

    @property
    def swaps(self) -> bool:
        """Whether the network takes blue first."""
        return self.channel_order.startswith("BGR")

    def exchanged(self, values: Array, axis: int = -1) -> Array:
        """Values with one entry per colour along `axis`, from the network's order to the bytes' or
        back: the two are the same exchange of red and blue."""
        if not self.swaps:
            return values
        return values.take([2, 1, 0, 3][: self.channels], axis=axis)
