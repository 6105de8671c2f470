"""SqueezeNet with the paper's bypass connections, made of a SqueezeNet without (arXiv 1602.07360,
section 6, figure 2).

    python -m weights.bypass squeezenet_v1.0.onnx complex -o build/complex.onnx

    simple     around every Fire module that makes as many channels as it reads: the module's input
               is added to its result. Its weights were trained without: a check of arithmetic
    complex    around every other one, by way of a 1x1 convolution, whose weights here are zero: the
               network answers as the one without, until they are trained
    both       the paper's complex bypass: convolutions where channels differ, the input elsewhere

Fire modules are found by what they are, not by name; the file stays as it is otherwise.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from hearth.toolchain.frontend.file.read_onnx import read_onnx
from hearth.toolchain.frontend.recognise import recognise
from hearth.toolchain.frontend.simplify import simplify
from hearth.toolchain.ir import FloatConv, FloatExpand, Graph
from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.files import write_file

KINDS = ("simple", "complex", "both")


def bypassed(path: Path, kind: str) -> onnx.ModelProto:
    """The network of a file with bypass connections of a kind. HearthError when no Fire module
    can have one."""
    model = onnx.load(path)
    found = 0
    for made, source, (outputs, inputs) in _fires(recognise(simplify(read_onnx(path)))):
        if kind == "both" or (kind == "simple") == (outputs == inputs):
            past = (
                source if outputs == inputs else _convolution(model, made, source, outputs, inputs)
            )
            _add(model, made, past)
            found += 1
    if not found:
        raise HearthError(f"{path.name}: no Fire module is there that a {kind} bypass could be of")
    onnx.checker.check_model(model)
    return model


def _fires(graph: Graph) -> list[tuple[str, str, tuple[int, int]]]:
    """Of every Fire module: the tensor that it makes, the one that it reads, and their channels."""
    makers = {layer.tensor: layer for layer in graph.layers}
    fires = []
    for layer in graph.layers:
        squeeze = makers.get(layer.inputs[0])
        if isinstance(layer, FloatExpand) and isinstance(squeeze, FloatConv):
            made = len(layer.centre.weights) + len(layer.window.weights)
            fires.append((layer.tensor, squeeze.inputs[0], (made, squeeze.weights.shape[3])))
    return fires


def _add(model: onnx.ModelProto, made: str, past: str) -> None:
    """Add `past` to the tensor `made`, for all that read it."""
    total = f"{made}/bypassed"
    nodes = model.graph.node
    place = next(i for i, node in enumerate(nodes) if made in node.output) + 1
    for node in nodes[place:]:
        for index, name in enumerate(node.input):
            if name == made:
                node.input[index] = total
    place = max([place, *(i + 1 for i, node in enumerate(nodes) if past in node.output)])
    nodes.insert(place, helper.make_node("Add", [made, past], [total], name=total))


def _convolution(model: onnx.ModelProto, made: str, source: str, outputs: int, inputs: int) -> str:
    """A 1x1 convolution of a Fire module's input, of zeros."""
    name = f"{made}/bypass1x1"
    shapes = {f"{name}.weight": (outputs, inputs, 1, 1), f"{name}.bias": (outputs,)}
    for tensor, shape in shapes.items():
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(shape, "f4"), tensor))
    nodes = model.graph.node
    place = next(i for i, node in enumerate(nodes) if source in node.output) + 1
    nodes.insert(place, helper.make_node("Conv", [source, *shapes], [name], name=name))
    return name


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m weights.bypass", description=__doc__)
    parser.add_argument("model", type=Path, help="a SqueezeNet as ONNX")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the file to write")
    chosen = parser.parse_args()
    model = bypassed(chosen.model, chosen.kind)
    write_file(chosen.output, model.SerializeToString())
    added = sum(node.name.endswith("/bypassed") for node in model.graph.node)
    print(
        f"{chosen.output}: {added} Fire modules with a bypass; next: hearth compile {chosen.output}"
    )


if __name__ == "__main__":
    script.run(main)
