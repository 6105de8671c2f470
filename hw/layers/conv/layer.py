"""Convolution, and the expand stage of a Fire module: integer semantics.

For output pixel (y, x) and channel o, with S = strides, D = dilations and P = pads of each axis:

    acc = bias[o] + sum of a[y*S - P + ky*D, x*S - P + kx*D, i] * w[o, ky, kx, i]
          over the taps ky, kx that lie inside the map and the inputs i of o's group
    out = clip((acc * multiplier[o] + 2^(shift-1)) >> shift, target.low, target.high)

which rounds half up (arithmetic shift). Of several groups each has as many channels as the others
on either side; where that is one channel, the layer is depthwise. An expand stage is the same layer
with `centre` not empty: its first channels see the centre tap alone (the 1x1 convolution), the rest
the whole window (the 3x3 convolution), so that the concatenation of a Fire module is the order of
the channels and nothing more. golden.py computes that, the hardware is in kernel.py, the cost model
in cost.py, examples in examples.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hearth.hw.layers.conv import cost, forms, gathering, golden, lowering, skipping, sums
from hearth.toolchain.ir import (
    Array,
    Block,
    Coding,
    Edge,
    Fold,
    HlsJob,
    Kernel,
    Layer,
    Memory,
    Pads,
    Pair,
    Products,
    Rom,
    Spread,
    Sums,
    Timing,
    Weighted,
    Windows,
)
from hearth.toolchain.support.errors import HearthError

MOST_SHIFT = 40
_BEFORE_CODINGS = ("weight_bits", "codebook")


@dataclass(frozen=True, eq=False)
class Conv(Weighted):
    """Convolution with requantization.

    - centre: int8 [centre_channels, in], weights of the 1x1 part; empty for a plain convolution
    - window: int8 [channels, rows, columns, in / groups]
    - bias: int32 [out], multiplier: uint16 [out]; out = centre_channels + channels
    - fraction: uint8 [out], eight more bits below each multiplier's, for scales of another's file;
      empty when 16 bits say them exactly, as they do for scales that were chosen here
    - shift: right shift after the multiplication by 16 bits, 1..40; `fraction` shifts 8 further
    - codings: how the ROM holds the weights of each of `matrices`: of centre, if there is one, and
      of window; left out, 8 bits each
    - live: uint32 [photographs], input values that are not zero in frames of the calibration, a
      pixel of zeros being one (skipping.py); empty where nobody counted
    """

    kind: ClassVar[str] = "conv"
    arrays: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("centre", "window"), "int8"),
        "bias": "int32",
        "multiplier": "uint16",
        "fraction": "uint8",
        "live": "uint32",
    }
    name: str
    source: Edge
    target: Edge
    strides: Pair
    pads: Pads
    centre: Array
    window: Array
    bias: Array
    multiplier: Array
    shift: int
    codings: tuple[Coding, ...] = ()
    fraction: Array = field(default_factory=lambda: np.zeros(0, np.uint8))
    dilations: Pair = (1, 1)
    groups: int = 1
    live: Array = field(default_factory=lambda: np.zeros(0, np.uint32))

    def __post_init__(self) -> None:
        if not self.codings:
            object.__setattr__(self, "codings", (Coding(8),) * len(self.matrices))
        self._check_channels()
        if len(self.bias) != self.target.channels or len(self.multiplier) != self.target.channels:
            raise HearthError(
                f"{self.name}: {self.target.channels} output channels need as many biases and"
                f" multipliers, found {len(self.bias)} and {len(self.multiplier)}"
            )
        if len(self.centre) + len(self.window) != self.target.channels or not self._fits():
            raise HearthError(
                f"{self.name}: {len(self.centre)} and {len(self.window)} channels of weights,"
                f" strides {self.strides}, dilations {self.dilations} and pads {self.pads} do not"
                f" make {self.target.shape} of {self.source.shape}"
            )
        if len(self.fraction) not in (0, self.target.channels):
            raise HearthError(
                f"{self.name}: {self.target.channels} multipliers need as many fractions or none,"
                f" found {len(self.fraction)}"
            )
        if any(self.pads) and not self.windows.skippable(self.source.shape[:2]):
            raise HearthError(
                f"{self.name}: with padding {self.pads} a window of {self.windows.extent} lies"
                " beside the map; put a border layer in front"
            )
        self._check_weights()
        self._check_live()
        rows, columns = self.kernel_size
        plain = self.strides == self.dilations == (1, 1) and self.groups == 1
        if len(self.centre) and not (plain and self.pads == (rows // 2, columns // 2) * 2):
            raise HearthError(
                f"{self.name}: an expand stage has stride 1, 'same' padding and no groups, found"
                f" strides {self.strides}, dilations {self.dilations}, pads {self.pads} and"
                f" {self.groups} groups"
            )

    def _check_channels(self) -> None:
        """Weights and groups must be those of the two edges."""
        inputs = self.source.channels
        if self.window.ndim != 4 or self.window.shape[3] * max(1, self.groups) != inputs:
            raise HearthError(
                f"{self.name}: weights expect {self.window.shape[-1] * self.groups} input channels,"
                f" but {self.source.name} produces {inputs}"
            )
        if self.groups < 1 or len(self.window) % self.groups:
            raise HearthError(
                f"{self.name}: {len(self.window)} channels do not make {self.groups} groups"
            )

    def _fits(self) -> bool:
        """Whether every window of the target map lies inside the padded source."""
        if min(*self.strides, *self.dilations, *self.kernel_size, self.shift) < 1:
            return False
        rows, columns = self.windows.count(self.source.shape[:2])
        return (
            self.shift <= MOST_SHIFT
            and min(self.pads) >= 0
            and (not self.centre.size or self.centre.shape[1:] == (self.source.channels,))
            and self.target.height <= rows
            and self.target.width <= columns
        )

    def _check_weights(self) -> None:
        """Every weight must have a code in the ROM."""
        if len(self.codings) != len(self.matrices):
            raise HearthError(
                f"{self.name}: {len(self.matrices)} matrices of weights need as many codings, found"
                f" {len(self.codings)}"
            )
        for matrix, coding in zip(self.matrices, self.codings, strict=True):
            try:
                coding.check(matrix)
            except HearthError as error:
                raise HearthError(f"{self.name}: {error}") from None

    def _check_live(self) -> None:
        """Counts must be of frames of the source."""
        pixels = self.source.pixels
        if len(self.live) and not (
            self.live.ndim == 1
            and skipping.able(self)
            and pixels <= self.live.min()
            and self.live.max() <= pixels * self.source.channels
        ):
            raise HearthError(
                f"{self.name}: counts of input values are of another layer than one of"
                f" {self.source.shape}"
            )

    @classmethod
    def brought_up(cls, fields: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 had one width and one codebook for both parts, 2 one stride for both axes; up
        to 4 nobody counted zeros."""
        fields = {"live": np.zeros(0, np.uint32)} | fields
        if version <= 2:
            own = {name: value for name, value in fields.items() if name != "stride"}
            fields = own | {"strides": (fields["stride"],) * 2, "dilations": (1, 1), "groups": 1}
        if version > 1:
            return fields
        own = {name: value for name, value in fields.items() if name not in _BEFORE_CODINGS}
        coding = Coding(*(fields[name] for name in _BEFORE_CODINGS))
        return own | {"codings": (coding,) * (1 + (len(fields["centre"]) > 0))}

    @property
    def split(self) -> bool:
        """Whether the codes of the two parts have different widths, and so a ROM each."""
        return len({coding.bits for coding in self.codings}) > 1

    @cached_property
    def sums(self) -> Sums:
        """Widths of its sums where the hardware is its own."""
        return sums.needed(self)

    def taken_over(self, fold: Fold, other: Layer) -> Fold:
        assert isinstance(other, Conv)
        return sums.taken_over(self, fold, other)

    @property
    def bias_bits(self) -> int:
        """Bits of a bias in the ROM: 20 when all fit, which with a multiplier make the 36 bits of
        a block RAM's word; else 32."""
        low, high = int(self.bias.min()), int(self.bias.max())
        return 20 if low >= -(1 << 19) and high < 1 << 19 else 32

    @property
    def factor_bits(self) -> int:
        """Bits of a multiplier with its fraction."""
        return 24 if len(self.fraction) else 16

    @property
    def factor(self) -> Array:
        """Multipliers with their fractions, int64 [out]; the shift is `factor_shift`."""
        whole = self.multiplier.astype(np.int64)
        return whole * 256 + self.fraction if len(self.fraction) else whole

    @property
    def factor_shift(self) -> int:
        return self.shift + self.factor_bits - 16

    @property
    def kernel_size(self) -> Pair:
        """Rows and columns of taps."""
        return int(self.window.shape[1]), int(self.window.shape[2])

    @property
    def windows(self) -> Windows:
        return Windows(self.kernel_size, self.strides, self.dilations, self.pads)

    @property
    def macs(self) -> int:
        return self.target.pixels * (self.centre.size + self.window.size)

    @cached_property
    def numbers(self) -> golden.Numbers:
        """The constants that the golden model computes with."""
        return golden.numbers(self)

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        return golden.golden(self, frames)

    @property
    def matrices(self) -> tuple[Array, ...]:
        """The 1x1 part of an expand stage, if it is one, and the window, [out, columns] each."""
        window = self.window.reshape(len(self.window), -1)
        return (self.centre, window) if len(self.centre) else (window,)

    def with_matrices(self, matrices: Sequence[Array], **changes: Any) -> Conv:
        *centre, window = matrices
        whole = np.ascontiguousarray(window).reshape(self.window.shape)
        return replace(self, centre=centre[0] if centre else self.centre, window=whole, **changes)

    def keeping(self, source: Edge, kept: Sequence[int]) -> Conv:
        """A plain convolution cut to some of its outputs; `source` is not changed by that."""
        if self.groups > 1:
            raise HearthError(
                f"{self.name}: a convolution in {self.groups} groups cannot be cut to {len(kept)}"
                " channels"
            )
        if len(self.centre):
            raise HearthError(f"{self.name}: an expand stage cannot be cut to {len(kept)} channels")
        index = list(kept)
        return replace(
            self,
            source=source,
            target=replace(self.target, channels=len(index)),
            window=self.window[index],
            bias=self.bias[index],
            multiplier=self.multiplier[index],
            fraction=self.fraction[index] if len(self.fraction) else self.fraction,
        )

    hls4ml = lowering.hls4ml

    @cached_property
    def gathered(self) -> Conv:
        """The same convolution of windows one column wide (gathering.py)."""
        return gathering.widened(self)

    def seeing(self, *sources: Array) -> Conv:
        (frames,) = sources
        if not skipping.able(self):
            return self
        return replace(self, live=np.concatenate([self.live, skipping.counted(self, frames)]))

    def folds(self, in_beat: int) -> Iterator[Fold]:
        yield from cost.folds(self, in_beat)
        yield from skipping.folds(self)
        yield from gathering.folds(self, in_beat)

    def can_be(self, fold: Fold, in_beat: int) -> bool:
        return fold in (skipping.legal(self) if fold.skips else self.folds(in_beat))

    def cycles(self, fold: Fold) -> int:
        return forms.of(self, fold).cycles()

    def pace(self, fold: Fold, in_beat: int) -> int:
        return forms.of(self, fold).pace(in_beat)

    def spent(self, fold: Fold, in_beat: int, *sources: Array) -> list[int]:
        if fold.skips:
            return skipping.spent(self, fold, in_beat, *sources)
        return super().spent(fold, in_beat, *sources)

    def spread(self, fold: Fold) -> Spread | None:
        return skipping.spread(self, fold) if fold.skips else None

    def timing(self, fold: Fold) -> Timing:
        return forms.of(self, fold).timing()

    def luts(self, fold: Fold) -> float:
        return forms.of(self, fold).luts()

    def memories(self, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
        return forms.of(self, fold).memories(in_beat)

    def products(self, fold: Fold) -> Products:
        return forms.of(self, fold).products()

    def special(self, fold: Fold, block: Block) -> tuple[HlsJob, ...]:
        return forms.of(self, fold).special(block)

    def roms(self, fold: Fold, module: str) -> tuple[Rom, ...]:
        return forms.of(self, fold).roms(module)

    def rom_shapes(self, fold: Fold) -> tuple[Memory, ...]:
        return forms.of(self, fold).rom_shapes()

    def kernel(self, fold: Fold, in_beat: int, module: str) -> Kernel:
        return forms.of(self, fold).kernel(in_beat, module)
