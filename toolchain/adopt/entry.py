"""What a file's input quantizer makes of a photograph's bytes.

    byte p of a colour -> (p - mean) * scale -> Q(s, low..high)   =   s * k[p]

Hardware receives bytes, so this is a table of 256 entries for each colour, exact whatever the
preprocessing. Its entries are kept positive by an offset per colour, p' = k[p] + offset, which the
first convolution's bias takes out again. Usually nothing is left to do: the scale of ONNX Runtime's
quantizer for pixels / 255 is 1 / 255, and k[p] = p.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.adopt.links import Link
from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.quantized.kept import Quantizer
from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support.errors import HearthError

BYTES = 256


@dataclass(frozen=True, eq=False)
class Entry:
    """real = scale * (value - offset), with value = tables[colour, byte], colours as RGB.

    `tables` int32 [3, 256]; `needed` is false where value = byte.
    """

    scale: float
    tables: Array
    offset: Array

    @property
    def needed(self) -> bool:
        return bool((self.tables != np.arange(BYTES)).any())


def entry(preprocessing: Preprocessing, links: Sequence[Link], channels: int) -> Entry | None:
    """What the links between the input and the first convolution do; None without a quantizer."""
    steps = [step for link in links for step in link.steps]
    quantizers = [step for step in steps if isinstance(step, Quantizer)]
    if not quantizers:
        return None
    frames = np.arange(BYTES).astype(np.uint8)[None, :, None, None].repeat(channels, axis=3)
    reals = as_float(frames, preprocessing)[0, :, :, 0]
    for step in steps:
        reals = step.apply(reals)
    scale = quantizers[-1].scale
    integers = np.rint(reals / np.float32(scale)).astype(np.int64)
    if preprocessing.channel_order == "BGR":
        integers = integers[::-1]
    shifted = np.arange(BYTES) - integers
    lowest = integers.min(axis=1)
    constant = (shifted == shifted[:, :1]).all()
    offset = shifted[:, 0] if constant else np.maximum(0, -lowest)
    tables = integers + offset[:, None]
    if tables.min() < 0 or tables.max() >= BYTES:
        raise HearthError(
            f"{quantizers[-1].name}: the input's quantizer should have at most {BYTES} values,"
            f" found {integers.min()} to {integers.max()}; quantize activations to 8 bits"
        )
    return Entry(scale, tables.astype(np.int32), offset)
