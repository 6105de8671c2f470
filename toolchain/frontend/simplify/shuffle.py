"""A channel shuffle (ShuffleNet, Zhang et al., 2017) becomes a 1x1 convolution of ones.

    Reshape [n, g, c/g, h, w] -> Transpose [0, 2, 1, 3, 4] -> Reshape [n, c, h, w]      Conv 1x1

Every output channel is one input channel as it is. Hardware multiplies by c * c ones and zeros; a
kernel that only rewires beats would be cheaper, and nothing else needs one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import fresh, not_negative, rewritten

_TURN = [0, 2, 1, 3, 4]


def shuffle_channels(model: OnnxModel) -> OnnxModel:
    """Rewrite every shuffle whose sizes are constants."""
    for first in model.nodes:
        if first.op == "Reshape":
            model = _rewritten(model, first)
    return model


def _rewritten(model: OnnxModel, first: Node) -> OnnxModel:
    shape = model.constants.get(first.optional(1))
    turn = _only_reader(model, first.target, "Transpose")
    last = None if turn is None else _only_reader(model, turn.target, "Reshape")
    if shape is None or turn is None or last is None or shape.size != len(_TURN):
        return model
    groups, each = (int(number) for number in shape.reshape(-1)[1:3])
    whole = model.constants.get(last.optional(1))
    split = min(groups, each) >= 1 and list(turn.attributes.get("perm", ())) == _TURN
    if not split or whole is None or list(whole.reshape(-1)[1:2]) not in ([groups * each], [-1]):
        return model
    channels = groups * each
    order = np.arange(channels).reshape(groups, each).T.reshape(-1)
    name, sums = fresh(model, f"{last.name}/order"), fresh(model, f"{last.name}/shuffled")
    positive = not_negative(model, first.source)
    made = [Node(last.name, "Conv", (first.source, name), (sums if positive else last.target,), {})]
    if positive:  # so that no bit is spent on a sign
        made.append(Node(f"{last.name}/relu", "Relu", (sums,), last.outputs, {}))
    gone = {first.name, turn.name}
    nodes: list[Node] = []
    for node in model.nodes:
        nodes += made if node.name == last.name else [] if node.name in gone else [node]
    weights = np.eye(channels, dtype=np.float32)[order].reshape(channels, channels, 1, 1)
    return rewritten(replace(model, nodes=tuple(nodes)), (), {name: weights})


def _only_reader(model: OnnxModel, tensor: str, op: str) -> Node | None:
    readers = model.consumers(tensor)
    return readers[0] if len(readers) == 1 and readers[0].op == op else None
