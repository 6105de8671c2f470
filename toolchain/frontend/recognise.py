"""Pass 3: the layers of hardware are recognised in the simplified nodes.

What a layer is recognised by is said in layers/, one kind a file. The walk takes a node when all
that it reads has been made, and keeps the shape of every map; every mismatch names the node. What
a layer computes is not this file's business, only what it is.
"""

from __future__ import annotations

from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import SUPPORTED
from hearth.toolchain.frontend.layers import activations, joins, pools
from hearth.toolchain.frontend.layers.conv import conv
from hearth.toolchain.frontend.layers.expand import expand
from hearth.toolchain.frontend.layers.maps import Map, Step
from hearth.toolchain.frontend.layers.resize import resize
from hearth.toolchain.frontend.layers.scale import scale
from hearth.toolchain.frontend.simplify.affine import of_constant
from hearth.toolchain.ir import FloatConv, FloatLayer, FloatMaxPool, Graph
from hearth.toolchain.support.errors import HearthError


def recognise(model: OnnxModel) -> Graph:
    """The network as layers in topological order; HearthError where it is not one that Hearth
    knows."""
    layers = _Walk(model).layers()
    _check_ends(model, layers)
    names = {tensor: name for name, tensor in reversed(list(model.ends.items()))}
    return Graph(
        name=model.name,
        input_tensor=model.input_tensor,
        channels=model.channels,
        height=model.height,
        width=model.width,
        layers=_uniquely_named(layers),
        leaves=tuple((names[tensor], tensor) for tensor in model.outputs),
    )


class _Walk:
    """Takes nodes in topological order."""

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        image = Map(model.input_tensor, model.channels, model.height, model.width)
        self._maps = {image.tensor: image}
        self._taken: set[str] = set()

    def layers(self) -> list[FloatLayer]:
        """All of them."""
        found: list[FloatLayer] = []
        waiting = list(self._model.nodes)
        while waiting:
            ready = [node for node in waiting if self._reads(node) <= self._maps.keys()]
            if not ready:
                self._refuse(waiting[0])
            for node in ready:
                if node.name not in self._taken:
                    layer, made = self._step(node)
                    found.append(layer)
                    self._taken.update(layer.nodes)
                    self._maps[made.tensor] = made
            waiting = [node for node in waiting if node.name not in self._taken]
        return found

    def _reads(self, node: Node) -> set[str]:
        """The maps that a node reads."""
        return {name for name in node.inputs if name and name not in self._model.constants}

    def _refuse(self, node: Node) -> None:
        missing = ", ".join(f"'{name}'" for name in sorted(self._reads(node) - self._maps.keys()))
        raise HearthError(
            f"{self._model.name}: {node.name} ({node.op}) reads {missing}, which no layer makes"
            " before it; are these nodes a circle?"
        )

    def _step(self, node: Node) -> Step:
        """The layer that begins with a node."""
        model = self._model
        sources = [self._maps[name] for name in node.inputs if name in self._maps]
        if not sources:
            raise HearthError(
                f"{model.name}: {node.name} ({node.op}) should read a map, found constants alone"
            )
        found = activations.activation(model, node, sources[0])
        if found:
            return found
        match node.op:
            case "Conv":
                return expand(model, node, sources[0]) or conv(model, node, sources[0])
            case "MaxPool":
                return pools.max_pool(node, sources[0])
            case "AveragePool":
                return pools.average_pool(model, node, sources[0])
            case "GlobalAveragePool" | "ReduceMean":
                return pools.global_pool(model, node, sources[0])
            case "Resize" | "Upsample":
                return resize(model, node, sources[0])
            case "Add" if not of_constant(model, node):
                return joins.add(model, node, sources)
            case "Mul" if not of_constant(model, node):
                return joins.multiply(model, node, sources)
            case "Concat":
                return joins.concat(node, sources)
        if of_constant(model, node) and not model.kept.quantized:
            return scale(model, node, sources[0])
        if place := SUPPORTED[node.op]:
            raise HearthError(f"{node.name}: {node.op} is supported only {place}")
        raise HearthError(
            f"{model.name}: {sources[0]} should be read by a layer, found {node.name} ({node.op})"
        )


def _check_ends(model: OnnxModel, layers: list[FloatLayer]) -> None:
    pixels = {model.input_tensor}
    for layer in layers:
        if isinstance(layer, FloatMaxPool) and pixels.issuperset(layer.inputs):
            pixels.add(layer.tensor)
        elif not isinstance(layer, FloatConv) and not pixels.isdisjoint(layer.inputs):
            raise HearthError(
                f"{model.name}: the first layer besides max-pools should be a convolution, found"
                f" {layer.name}"
            )
    for name, tensor in model.ends.items():
        if tensor in pixels:
            raise HearthError(
                f"{model.name}: output '{name}' is the image, or what max-pools leave of it; the"
                " network should end in other layers, such as a convolution"
            )


def _uniquely_named(layers: list[FloatLayer]) -> tuple[FloatLayer, ...]:
    """The layers, with the name of a later one changed if it repeats an earlier one."""
    taken: set[str] = set()
    result = []
    for layer in layers:
        name = layer.name
        while name in taken:
            name += "_"
        taken.add(name)
        result.append(replace(layer, name=name))
    return tuple(result)
