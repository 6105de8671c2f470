"""A Pad with zeros becomes part of the padding of the window that reads it.

    Pad(0) -> Conv                      Conv with larger pads
    Pad(0) -> MaxPool                   MaxPool with larger pads, where the map is not negative

A max-pool's own padding never wins, and neither does a zero among values that are not negative; so
only the size of the result could differ, in ceil mode, which is refused.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import bypass, not_negative
from hearth.toolchain.support.errors import HearthError

AS_ATTRIBUTES = 11
"""The operator set from which pads and value are inputs."""


def merge_pads(model: OnnxModel) -> OnnxModel:
    """Move every Pad into the Convs or MaxPools that read it."""
    for node in model.nodes:
        if node.op == "Pad":
            pads = _pads(model, node)
            readers = model.consumers(node.target)
            wider = {reader.name: _wider(model, node, reader, pads) for reader in readers}
            nodes = tuple(wider.get(other.name, other) for other in model.nodes)
            model = bypass(replace(model, nodes=nodes), [node])
    return model


def _pads(model: OnnxModel, node: Node) -> list[int]:
    """Zeros added: top, left, bottom, right; HearthError where it is anything else."""
    mode = node.attributes.get("mode", "constant")
    pads, value, axes = node.attributes.get("pads"), node.attributes.get("value", 0.0), None
    if model.opset >= AS_ATTRIBUTES:
        found = [model.constants.get(node.optional(position)) for position in (1, 2, 3)]
        if any(node.optional(i + 1) and value is None for i, value in enumerate(found)):
            raise HearthError(f"{node.name}: pads, value and axes of a Pad should be constants")
        if any(a is not None and a.dtype.kind not in "iu" for a in (found[0], found[2])):
            raise HearthError(f"{node.name}: pads and axes of a Pad should be whole numbers")
        pads, value, axes = found[0], 0.0 if found[1] is None else found[1], found[2]
    numbers = np.asarray([] if pads is None else pads).reshape(-1).astype(int).tolist()
    chosen = list(range(4)) if axes is None else [int(a) % 4 for a in np.reshape(axes, -1)]
    if mode != "constant" or np.any(value) or len(numbers) != 2 * len(chosen):
        raise HearthError(
            f"{node.name}: Pad is supported with zeros around height and width, found mode"
            f" {mode}, pads {numbers} and value {np.reshape(value, -1)[:1].tolist()}"
        )
    count = len(chosen)
    before = dict(zip(chosen, numbers[:count], strict=True))
    after = dict(zip(chosen, numbers[count:], strict=True))
    others = [before.get(axis, 0) or after.get(axis, 0) for axis in (0, 1)]
    result = [before.get(2, 0), before.get(3, 0), after.get(2, 0), after.get(3, 0)]
    if any(others) or min(result) < 0:
        raise HearthError(
            f"{node.name}: Pad is supported around height and width, found pads {numbers}"
        )
    return result


def _wider(model: OnnxModel, node: Node, reader: Node, pads: list[int]) -> Node:
    """The reader with these pads besides its own."""
    auto = reader.attributes.get("auto_pad", "NOTSET")
    own = list(reader.attributes.get("pads") or [0, 0, 0, 0])
    known = reader.op == "Conv" or (
        reader.op == "MaxPool"
        and not reader.attributes.get("ceil_mode", 0)
        and not_negative(model, node.source)
    )
    if not known or auto not in ("NOTSET", "VALID") or len(own) != 4:
        raise HearthError(
            f"{node.name}: Pad is supported in front of a Conv, or of a MaxPool behind a Relu,"
            f" without auto_pad or ceil_mode; found {reader.name} ({reader.op})"
        )
    both = [a + b for a, b in zip(own, pads, strict=True)]
    attributes = {k: v for k, v in reader.attributes.items() if k != "auto_pad"}
    return replace(reader, attributes={**attributes, "pads": both})
