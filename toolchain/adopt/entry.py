"""What a file's input quantizer makes of a photograph's bytes.

    byte p of a colour -> (p - mean) * scale -> Q(s, low..high)   =   s * k[p]

Hardware receives bytes, so this is a table of 256 entries for each colour, exact whatever the
preprocessing. Its entries are kept positive by an offset per colour, p' = k[p] + offset, which the
first convolution's bias takes out again. Usually nothing is left to do: the scale of ONNX Runtime's
quantizer for pixels / 255 is 1 / 255, and k[p] = p.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hearth.hw.layers.border import Border
from hearth.hw.layers.table import Table
from hearth.toolchain.adopt.links import Link, Links
from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.quantized.kept import Quantizer
from hearth.toolchain.ir import Array, Edge, FloatMaxPool, Graph, Pads, Preprocessing
from hearth.toolchain.ir.graph import readers
from hearth.toolchain.support.errors import HearthError

BYTES = 256


@dataclass(frozen=True, eq=False)
class Entry:
    """real = scale * (value - offset), with value = tables[colour, byte], colours as RGB.

    `tables` int32 [colours, 256]; `needed` is false where value = byte.
    """

    scale: float
    tables: Array
    offset: Array

    @property
    def needed(self) -> bool:
        return bool((self.tables != np.arange(BYTES)).any())


def entry_links(graph: Graph, found: Links) -> list[Link]:
    """The links between the input and its first readers besides max-pools; HearthError where a
    max-pool beside other readers has quantizers that these do not see."""
    made, tensor = [found.entry], graph.input_tensor
    pixels, seen = {tensor}, set()
    while len(read := readers(graph, tensor)) == 1 and isinstance(read[0], FloatMaxPool):
        made.append(found.after[read[0].name])
        tensor = read[0].tensor
        seen.add(read[0].name)
    known = [quantizer for link in made for quantizer in link.quantizers]
    for layer in graph.layers:
        if not isinstance(layer, FloatMaxPool) or not pixels.issuperset(layer.inputs):
            continue
        pixels.add(layer.tensor)
        own = () if layer.name in seen else found.after[layer.name].steps
        for step in own:
            if not isinstance(step, Quantizer) or not (known and step.same(known[-1])):
                raise HearthError(
                    f"{step.name}: changes what the max-pool {layer.name} makes of the image, which"
                    " other layers read unchanged; quantize the image once, in front of all"
                )
    return made


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
    integers = preprocessing.exchanged(integers, axis=0)
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


def entry_table(found: Entry, source: Edge, name: str) -> Table:
    """What takes bytes to the integers that the file has of them."""
    tables, group = np.unique(found.tables, axis=0, return_inverse=True)
    target = replace(source, name=name, scale=found.scale)
    return Table(name, source, target, tables, group.reshape(-1).astype(np.int32))


def border(name: str, source: Edge, pads: Pads, values: Array) -> Border:
    """Padding of what stands for 0 in front of the first convolution."""
    top, left, bottom, right = pads
    height, width = source.height + top + bottom, source.width + left + right
    target = source.carried(name, (height, width, source.channels))
    return Border(name, source, target, pads, values.astype(source.dtype))
