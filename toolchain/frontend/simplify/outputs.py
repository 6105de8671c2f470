"""The classes that the user does not want are cut off: outputs of the last convolution.

    conv10 [1000 outputs] -> Relu -> GlobalAveragePool        1000 scores
    conv10 [ 100 outputs] -> Relu -> GlobalAveragePool         100 scores, those of these classes

What follows that convolution works on every channel alone, so the scores that are left are the
file's own, and ranges, few-bit weights and every yardstick are those of the network as it is cut.
An already quantized file is not touched, as its integers would be scaled anew: `kept_outputs` says
what is to be cut once they are adopted (adopt/outputs.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import ACTIVATIONS, fresh, rewritten
from hearth.toolchain.frontend.simplify.proto import written
from hearth.toolchain.support.errors import HearthError

CHANNEL_BY_CHANNEL = (*ACTIVATIONS, "AveragePool", "GlobalAveragePool", "MaxPool")


def keep_outputs(model: OnnxModel, kept: Sequence[int]) -> OnnxModel:
    """A simplified and recognised model that scores `kept` alone, in this order."""
    conv = _classifier(model)
    if model.kept.quantized:
        return replace(model, kept_outputs=tuple(kept))
    constants, inputs = {}, [conv.source]
    for name in conv.inputs[1:]:
        cut = fresh(model, f"{name}/kept") if name else ""
        if name:
            constants[cut] = model.constants[name][list(kept)]
        inputs.append(cut)
    changed = rewritten(model, [replace(conv, inputs=tuple(inputs))], constants)
    return replace(changed, proto=written(changed))


def _classifier(model: OnnxModel) -> Node:
    """The convolution whose outputs are the classes."""
    producers = model.producers()
    node = producers[model.outputs[0]]
    while node.op in CHANNEL_BY_CHANNEL and node.source in producers:
        node = producers[node.source]
    if node.op != "Conv":
        raise HearthError(
            f"{model.name}: --classes cuts outputs of one last convolution, but the classes come"
            f" from {node.name} ({node.op}); keep all of them"
        )
    return node
