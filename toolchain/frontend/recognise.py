"""Pass 3: the chain of hardware layers is recognised in the simplified nodes.

    Conv -> Relu, or Clip from 0                             FloatConv(relu=True, cap)
    Conv 1x1 -> Relu -+                                      FloatExpand(centre, window)
    Conv 3x3 -> Relu -+-> Concat         (a Fire module's expand stage, Relu before or after Concat)
    MaxPool                                                  FloatMaxPool
    GlobalAveragePool, or AveragePool / ReduceMean over the whole map     FloatGlobalPool

The walk starts at the input and keeps the shape of the map; every mismatch names the node. What a
layer computes is not this file's business, only what it is.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.clip import cap
from hearth.toolchain.frontend.simplify.graph import ACTIVATIONS, bias_of
from hearth.toolchain.frontend.simplify.means import axes_of
from hearth.toolchain.frontend.windows import pool_kernel, window
from hearth.toolchain.ir import (
    Array,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatLayer,
    FloatMaxPool,
    Graph,
)
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True)
class Cursor:
    """How far the walk has come: a tensor and the shape of its map."""

    tensor: str
    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"'{self.tensor}' ({self.height}x{self.width} pixels, {self.channels} channels)"


Step = tuple[FloatLayer, Cursor]


def recognise(model: OnnxModel) -> Graph:
    """The network as a chain of layers; HearthError where it is not one that Hearth knows."""
    layers: list[FloatLayer] = []
    cursor = Cursor(model.input_tensor, model.channels, model.height, model.width)
    while cursor.tensor != model.output_tensor:
        layer, cursor = _step(model, cursor)
        layers.append(layer)
        if isinstance(layer, FloatGlobalPool) and cursor.tensor != model.output_tensor:
            raise HearthError(
                f"{layer.name}: only Softmax and flattening may follow the global average pool,"
                f" found {_readers(model, cursor.tensor)}"
            )
    _check_ends(model, layers)
    return Graph(
        name=model.name,
        input_tensor=model.input_tensor,
        channels=model.channels,
        height=model.height,
        width=model.width,
        layers=_uniquely_named(layers),
    )


def _step(model: OnnxModel, cursor: Cursor) -> Step:
    """The layer that reads the cursor's tensor."""
    readers = model.consumers(cursor.tensor)
    match [node.op for node in readers]:
        case ["Conv"]:
            return _conv(model, readers[0], cursor)
        case ["Conv", "Conv"]:
            return _expand(model, readers[0], readers[1], cursor)
        case ["MaxPool"]:
            return _max_pool(readers[0], cursor)
        case ["GlobalAveragePool" | "AveragePool" | "ReduceMean"]:
            return _global_pool(model, readers[0], cursor)
    raise HearthError(
        f"{model.name}: {cursor} should be read by one layer, or by the two convolutions of an"
        f" expand stage, found {_readers(model, cursor.tensor)}"
    )


def _readers(model: OnnxModel, tensor: str) -> str:
    found = [f"{node.name} ({node.op})" for node in model.consumers(tensor)]
    return ", ".join(found) or "none"


def _conv(model: OnnxModel, node: Node, cursor: Cursor) -> Step:
    conv, shape = _bare_conv(model, node, cursor)
    conv, tensor = _with_relu(model, conv)
    return conv, replace(shape, tensor=tensor)


def _bare_conv(model: OnnxModel, node: Node, cursor: Cursor) -> tuple[FloatConv, Cursor]:
    """One Conv node without what follows it."""
    weights = _weights(model, node, cursor)
    kernel = int(weights.shape[2]), int(weights.shape[3])
    place = window(node, kernel, cursor.height, cursor.width)
    bias = bias_of(model, node, len(weights)).astype(np.float32)
    conv = FloatConv(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        weights=np.ascontiguousarray(weights.transpose(0, 2, 3, 1)),
        bias=bias,
        strides=place.strides,
        pads=place.pads,
        relu=False,
        dilations=place.dilations,
        groups=int(node.attributes.get("group", 1)),
    )
    return conv, Cursor(node.target, len(weights), place.height, place.width)


def _weights(model: OnnxModel, node: Node, cursor: Cursor) -> Array:
    """Weights [out, in / groups, rows, columns], checked against the map they are applied to."""
    weights = model.constants.get(node.optional(1))
    if weights is None:
        raise HearthError(f"{node.name}: weights '{node.optional(1)}' should be a constant")
    if weights.ndim != 4 or 0 in weights.shape:
        raise HearthError(
            f"{node.name}: weights should be [out, in, rows, columns] of a kernel, found"
            f" {list(weights.shape)}"
        )
    declared = list(node.attributes.get("kernel_shape") or weights.shape[2:])
    if declared != list(weights.shape[2:]):
        raise HearthError(
            f"{node.name}: kernel_shape {declared} contradicts the weights {list(weights.shape)}"
        )
    groups = node.attributes.get("group", 1)
    if not isinstance(groups, int) or groups < 1 or len(weights) % groups:
        raise HearthError(
            f"{node.name}: group should be a number that divides the {len(weights)} output"
            f" channels, found {groups}"
        )
    if weights.shape[1] * groups != cursor.channels:
        raise HearthError(
            f"{node.name}: weights expect {weights.shape[1] * groups} input channels, but"
            f" '{cursor.tensor}' has {cursor.channels}"
        )
    return weights.astype(np.float32)


def _with_relu(model: OnnxModel, conv: FloatConv) -> tuple[FloatConv, str]:
    """Merge the activation that reads a convolution's result, if it is the only reader."""
    readers = model.consumers(conv.tensor)
    if len(readers) != 1 or readers[0].op not in ACTIVATIONS:
        return conv, conv.tensor
    made, nodes = readers[0].target, (*conv.nodes, readers[0].name)
    limit = cap(model, readers[0])
    return replace(conv, nodes=nodes, tensor=made, relu=True, cap=limit), made


def _expand(model: OnnxModel, first: Node, second: Node, cursor: Cursor) -> Step:
    """Two convolutions of one tensor and the Concat that joins them."""
    parts = {}
    shapes = {}
    for node in (first, second):
        conv, shape = _bare_conv(model, node, cursor)
        conv, tensor = _with_relu(model, conv)
        parts[tensor], shapes[tensor] = conv, shape
    joins = {node.name: node for tensor in parts for node in model.consumers(tensor)}
    join = next(iter(joins.values()), None)
    if (
        len(joins) != 1
        or join is None
        or join.op != "Concat"
        or sorted(join.inputs) != sorted(parts)
    ):
        raise HearthError(
            f"{first.name} and {second.name} read one tensor, but are not joined by one Concat;"
            " only the expand stage of a Fire module may branch"
        )
    centre, window_ = (parts[tensor] for tensor in join.inputs)
    _check_expand(join, centre, window_, cursor)
    relu, limit, tail, tensor = _relu_after(model, join, centre, window_)
    layer = FloatExpand(
        name=_expand_name(join, centre.name, window_.name),
        nodes=(*centre.nodes, *window_.nodes, join.name, *tail),
        tensor=tensor,
        centre=replace(centre, relu=relu, cap=limit),
        window=replace(window_, relu=relu, cap=limit),
    )
    channels = sum(shape.channels for shape in shapes.values())
    return layer, Cursor(tensor, channels, cursor.height, cursor.width)


def _check_expand(join: Node, centre: FloatConv, window_: FloatConv, cursor: Cursor) -> None:
    if join.attributes.get("axis", 1) not in (1, -3):
        raise HearthError(
            f"{join.name}: Concat is supported over channels (axis 1), found axis"
            f" {join.attributes['axis']}"
        )
    if centre.kernel != (1, 1) and window_.kernel == (1, 1):
        raise HearthError(
            f"{join.name}: the 1x1 convolution {window_.name} should come first in the Concat, but"
            f" {centre.name} does; swap the two inputs and the input channels of the next layer"
        )
    for conv, kernel in ((centre, (1, 1)), (window_, window_.kernel)):
        same = (kernel[0] // 2, kernel[1] // 2) * 2
        plain = conv.strides == conv.dilations == (1, 1) and conv.groups == 1
        if (
            conv.kernel != kernel
            or not all(n % 2 for n in kernel)
            or conv.pads != same
            or not plain
        ):
            raise HearthError(
                f"{conv.name}: an expand stage is a 1x1 convolution and one with odd kernel, both"
                f" with stride 1 and a map of unchanged size; found kernel {list(conv.kernel)},"
                f" strides {list(conv.strides)}, dilations {list(conv.dilations)}, pads"
                f" {list(conv.pads)} and {conv.groups} groups on {cursor}"
            )


def _relu_after(
    model: OnnxModel, join: Node, centre: FloatConv, window_: FloatConv
) -> tuple[bool, float, tuple[str, ...], str]:
    """Whether the stage has a ReLU, its cap, the node it adds to the layer, and the result."""
    readers = model.consumers(join.target)
    tail: tuple[str, ...] = ()
    tensor = join.target
    if len(readers) == 1 and readers[0].op in ACTIVATIONS:
        tail, tensor = (readers[0].name,), readers[0].target
        limit = cap(model, readers[0])
        centre, window_ = (
            replace(part, relu=True, cap=min(limit, part.cap)) for part in (centre, window_)
        )
    if (centre.relu, centre.cap) != (window_.relu, window_.cap):
        raise HearthError(
            f"{join.name}: {centre.name} and {window_.name} should have the same activation, found"
            f" a {_activation(centre)} and a {_activation(window_)}"
        )
    return centre.relu, centre.cap, tail, tensor


def _activation(conv: FloatConv) -> str:
    if not conv.relu:
        return "convolution without a Relu"
    return "Relu" if math.isinf(conv.cap) else f"Relu with a cap of {conv.cap:g}"


def _expand_name(join: Node, centre: str, window_: str) -> str:
    """'fire2/expand' when that is what fire2/expand1x1 and fire2/expand3x3 share."""
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(centre, window_, strict=False))
    prefix = "".join(first for first, _ in same)
    rests = [name[len(prefix) :] for name in (centre, window_)]
    prefix = prefix.rstrip("/_-.")
    if prefix and all(re.match(r"\d+x\d+(?!\d)", rest) for rest in rests):
        return prefix
    return join.name


def _max_pool(node: Node, cursor: Cursor) -> Step:
    place = window(node, pool_kernel(node), cursor.height, cursor.width)
    if place.dilations != (1, 1):
        raise HearthError(
            f"{node.name}: dilations {list(place.dilations)} of a max-pool are not supported, only"
            " 1"
        )
    if any(pad >= side for pad, side in zip(place.pads, place.kernel * 2, strict=True)):
        raise HearthError(
            f"{node.name}: pads {list(place.pads)} should be smaller than the window"
            f" {list(place.kernel)}"
        )
    layer = FloatMaxPool(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        kernel=place.kernel,
        strides=place.strides,
        pads=place.pads,
        ceil=place.ceil,
    )
    return layer, Cursor(node.target, cursor.channels, place.height, place.width)


def _global_pool(model: OnnxModel, node: Node, cursor: Cursor) -> Step:
    if node.op == "AveragePool":
        _check_covering(node, cursor)
    if node.op == "ReduceMean":
        raise HearthError(
            f"{node.name}: ReduceMean is supported over height and width (axes 2 and 3), found"
            f" {axes_of(model, node)}"
        )
    layer = FloatGlobalPool(name=node.name, nodes=(node.name,), tensor=node.target)
    return layer, Cursor(node.target, cursor.channels, 1, 1)


def _check_covering(node: Node, cursor: Cursor) -> None:
    """An AveragePool counts as global when one unpadded window is exactly the map."""
    kernel = list(node.attributes.get("kernel_shape", ()))
    if kernel != [cursor.height, cursor.width] or any(node.attributes.get("pads") or ()):
        raise HearthError(
            f"{node.name}: AveragePool is supported over the whole map, here {cursor.height}x"
            f"{cursor.width} without pads, found kernel_shape {kernel} and pads"
            f" {list(node.attributes.get('pads') or [0, 0, 0, 0])}"
        )


def _check_ends(model: OnnxModel, layers: list[FloatLayer]) -> None:
    work = [layer for layer in layers if not isinstance(layer, FloatMaxPool)]
    if not work or not isinstance(work[0], FloatConv):
        first = work[0].name if work else "none"
        raise HearthError(
            f"{model.name}: the first layer besides max-pools should be a convolution, found"
            f" {first}"
        )
    if not isinstance(layers[-1], FloatGlobalPool):
        raise HearthError(
            f"{model.name}: the network should end in a global average pool (and Softmax or"
            f" flattening), found '{layers[-1].name}' last"
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
