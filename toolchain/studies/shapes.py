"""Folding of SqueezeNet v1.1 at 224x224 for several numbers of lanes, as Markdown.

    python -m hearth.toolchain.studies.shapes

Lanes, cycles and ROM follow from a network's shape alone, so the weights here are random and no
file is needed. docs/results/folding.md holds what this prints.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain import pipeline
from hearth.toolchain.data import manifest
from hearth.toolchain.few_bits import allocation
from hearth.toolchain.few_bits.blank import narrowed
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.ir import Graph, QGraph, convolutions
from hearth.toolchain.mapping.channels import fifo_bits
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.quantize.precision import Format, Plan, Size
from hearth.toolchain.rtl import rom
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script

SIDE, CLASSES = 224, 1000
LANES = (256, 850, 1700)
BITS = (8, 4)
FIRES = ((64, 16, 64), (128, 16, 64), None, (128, 32, 128), (256, 32, 128), None)
FIRES_AT_THE_END = ((256, 48, 192), (384, 48, 192), (384, 64, 256), (512, 64, 256))
"""Channels in, squeezed, and of each half of the expand stage; None is a max-pool. Iandola et al.,
SqueezeNet, 2016, and the authors' v1.1."""


class _Chain:
    """Nodes of a network that is one chain but for its Fire modules."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[TensorProto] = []
        self.rng = np.random.default_rng(1)

    def add(self, operator: str, sources: list[str], name: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, sources, [name], name=name, **attributes))
        return name

    def conv(self, source: str, name: str, shape: tuple[int, ...], **attributes: Any) -> str:
        spread = np.sqrt(2 / np.prod(shape[1:]))
        weights = self.rng.normal(0, spread, shape).astype(np.float32)
        self.weights.append(numpy_helper.from_array(weights, f"{name}.weight"))
        bias = np.full(shape[0], 0.05, np.float32)
        self.weights.append(numpy_helper.from_array(bias, f"{name}.bias"))
        names = [source, f"{name}.weight", f"{name}.bias"]
        return self.add("Relu", [self.add("Conv", names, name, **attributes)], f"{name}/relu")

    def pool(self, source: str, name: str) -> str:
        shape = {"kernel_shape": [3, 3], "strides": [2, 2]}
        return self.add("MaxPool", [source], name, **shape, ceil_mode=1)

    def fire(self, source: str, name: str, channels: tuple[int, int, int]) -> str:
        inputs, squeezed, half = channels
        middle = self.conv(source, f"{name}/squeeze1x1", (squeezed, inputs, 1, 1))
        left = self.conv(middle, f"{name}/expand1x1", (half, squeezed, 1, 1))
        right = self.conv(middle, f"{name}/expand3x3", (half, squeezed, 3, 3), pads=[1] * 4)
        return self.add("Concat", [left, right], f"{name}/concat", axis=1)


def model() -> onnx.ModelProto:
    """SqueezeNet v1.1 with random weights."""
    net = _Chain()
    tensor = net.pool(net.conv("data", "conv1", (64, 3, 3, 3), strides=[2, 2]), "pool1")
    for index, channels in enumerate((*FIRES, *FIRES_AT_THE_END)):
        name = f"part{index}"
        tensor = net.fire(tensor, name, channels) if channels else net.pool(tensor, name)
    tensor = net.conv(tensor, "conv10", (CLASSES, 512, 1, 1))
    net.add("GlobalAveragePool", [tensor], "pool10")
    shape = [1, 3, SIDE, SIDE]
    entry = helper.make_tensor_value_info("data", TensorProto.FLOAT, shape)
    end = helper.make_tensor_value_info("pool10", TensorProto.FLOAT, [1, CLASSES, 1, 1])
    graph = helper.make_graph(net.nodes, "v1.1", [entry], [end], net.weights)
    opsets = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


@cache
def front_end() -> tuple[OnnxModel, Graph]:
    """The float network, through a file as a user's goes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "v11.onnx"
        path.write_bytes(model().SerializeToString())
        return pipeline.front_end(path, None)


@cache
def qgraph() -> QGraph:
    """The network quantized on one random photograph: right in every size."""
    read, graph = front_end()
    preset = manifest.PRESETS["caffe"]
    frames = np.random.default_rng(2).integers(0, 256, (1, SIDE, SIDE, 3), np.uint8)
    statistics = calibration.collect(read, graph, [frames], preset, "random")
    return quantize(graph, statistics, preset)


def weight_bytes(chosen: Format) -> tuple[int, int]:
    """Bytes of all weights in a format, with biases and multipliers and without; no padding."""
    sizes = {name: Size.of(layer) for name, layer in convolutions(front_end()[1]).items()}
    bits = sum(size.weight_bits(chosen) for size in sizes.values())
    return allocation.total_bytes(sizes, Plan(chosen)), -(-bits // 8)


@cache
def rows() -> tuple[tuple[str, ...], ...]:
    """Bits, lanes, cycles, lanes at work, ROM bytes, bytes of line buffers, of FIFOs."""
    return tuple(_row(bits, lanes) for bits in BITS for lanes in LANES)


def _row(bits: int, lanes: int) -> tuple[str, ...]:
    network = narrowed(qgraph(), bits) if bits < 8 else qgraph()
    made = schedule(fold(network, lanes=lanes))
    stored = sum(words * width for stage in made.stages for words, width in stage.memories)
    waiting = sum(fifo_bits(made).values())
    return (
        f"{bits}",
        f"{made.lanes:,}",
        f"{made.cycles:,}",
        f"{100 * made.utilisation:.1f} %",
        f"{rom.total_bytes(made.roms):,}",
        f"{stored // 8:,}",
        f"{waiting // 8:,}",
    )


def folding() -> str:
    """The table."""
    heads = ("weight bits", "lanes", "cycles a frame", "lanes at work", "ROM bytes")
    return lines((*heads, "line buffers, bytes", "FIFOs, bytes"), "r" * 7, rows())


def main() -> None:
    print(folding(), end="")


if __name__ == "__main__":
    script.run(main)
