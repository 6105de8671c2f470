"""BatchNormalization and arithmetic by constants become part of the convolutions behind them.

Add -> BatchNormalization -> Conv 1x1          Add -> Conv 1x1, weights and bias changed

For those that no convolution in front can take (batchnorm.py). Exact where every reader is a
convolution and none pads what an offset is added to: padding is zero behind the step, and would not
be in front of it. Where that fails, the step is a layer of its own (layers/scale.py).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.affine import data_input, of_constant, step
from hearth.toolchain.frontend.simplify.graph import bias_of, bypass, fresh
from hearth.toolchain.ir import Array


def fold_forward(model: OnnxModel) -> OnnxModel:
    """Fold every such step into its readers, the last of several first."""
    if model.kept.quantized:
        return model
    for node in reversed(model.nodes):
        readers = model.consumers(node.target) if of_constant(model, node) else []
        inside = model.uses()[node.target] == len(readers) > 0
        if not inside or not all(_takes(model, node, reader) for reader in readers):
            continue
        gain, offset = step(model, node, _inputs(model, readers[0]))
        if offset.any() and any(_pads(reader) for reader in readers):
            continue
        for reader in readers:
            model = _scaled(model, reader, gain, offset)
        model = bypass(model, [replace(node, inputs=(data_input(model, node),))])
    return model


def _takes(model: OnnxModel, node: Node, reader: Node) -> bool:
    """Whether a reader is a convolution of this map, its weights and its bias constants."""
    weights = model.constants.get(reader.optional(1))
    group = reader.attributes.get("group", 1)
    if (reader.op, reader.source) != ("Conv", node.target) or weights is None:
        return False
    whole = isinstance(group, int) and group >= 1 and weights.ndim == 4
    return whole and len(weights) % group == 0


def _inputs(model: OnnxModel, conv: Node) -> int:
    return int(model.constants[conv.inputs[1]].shape[1]) * int(conv.attributes.get("group", 1))


def _pads(conv: Node) -> bool:
    return any(conv.attributes.get("pads") or ()) or conv.attributes.get("auto_pad", "NOTSET") in (
        "SAME_UPPER",
        "SAME_LOWER",
    )


def _scaled(model: OnnxModel, conv: Node, gain: Array, offset: Array) -> OnnxModel:
    """A convolution that applies gain and offset [in] to its input itself."""
    weights = model.constants[conv.inputs[1]].astype(np.float64)
    outputs, groups = len(weights), int(conv.attributes.get("group", 1))
    times, plus = (
        numbers.reshape(groups, -1).repeat(outputs // groups, axis=0)[:, :, None, None]
        for numbers in (gain, offset)
    )
    bias = bias_of(model, conv, outputs) + (weights * plus).sum(axis=(1, 2, 3))
    names = [fresh(model, f"{conv.name}/{end}") for end in ("scaled", "scaled bias")]
    constants = {
        names[0]: (weights * times).astype(np.float32),
        names[1]: bias.astype(np.float32),
    }
    made = replace(conv, inputs=(conv.source, *names))
    nodes = tuple(made if other.name == conv.name else other for other in model.nodes)
    return replace(model, nodes=nodes, constants={**model.constants, **constants})
