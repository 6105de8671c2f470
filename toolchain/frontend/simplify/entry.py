"""What a network does to its image before the first layer: a gain and an offset per channel.

    image -> Sub(mean) -> Div(std) -> conv1         image' -> conv1
    image -> BatchNormalization -> conv1            image' = gain * image + offset

The arithmetic is taken out of the network and becomes part of the preprocessing (preparation.py),
which hardware gets for nothing: it moves into the first convolution's weights. Sub, Add, Mul, Div
by constants in any order and number, and BatchNormalization, are followed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Entry, OnnxModel
from hearth.toolchain.frontend.simplify.affine import of_constant, step
from hearth.toolchain.support.errors import HearthError


def take_normalization(model: OnnxModel) -> OnnxModel:
    """The model from behind its own normalization on; `entry` says what that was."""
    gain, offset = np.ones(model.channels), np.zeros(model.channels)
    tensor, taken, centred = model.input_tensor, set(), False
    while True:
        readers = model.consumers(tensor)
        if len(readers) != 1 or not of_constant(model, readers[0]):
            break
        node = readers[0]
        times, plus = step(model, node, model.channels)
        gain, offset = gain * times, offset * times + plus
        centred |= node.op != "BatchNormalization" and bool(np.any(plus))
        taken.add(node.name)
        tensor = node.target
    if not taken:
        return model
    if not (np.isfinite(gain).all() and np.isfinite(offset).all() and gain.all()):
        raise HearthError(
            f"{node.name}: the normalization of the input multiplies a colour by zero or infinity"
        )
    return replace(
        model,
        nodes=tuple(node for node in model.nodes if node.name not in taken),
        input_tensor=tensor,
        entry=Entry(gain, offset, centred),
        rewritten=True,
    )
