"""Pass 2: rewrite the ONNX nodes until only those with work in hardware are left.

    conv1 -> BatchNormalization -> Clip(0) -> Dropout -> pool -> Flatten -> Softmax
    conv1 (weights changed) -> Relu -> pool

Each rewrite is a function from model to model; `REWRITES` lists them in order, one idea a file
beside this one. Most keep the tensor names of the file, so that ONNX Runtime can be asked for the
same tensor. One that makes tensors which the file does not have says so (`rewritten`), and `proto`
is then written anew from the nodes (proto.py): calibration and reports run that network, which
computes the same scores as the file.
"""

from __future__ import annotations

from collections.abc import Callable

from toolchain.errors import HearthError
from toolchain.onnx_model import OnnxModel
from toolchain.passes.operators import SUPPORTED
from toolchain.passes.simplify.batchnorm import fold_batchnorm
from toolchain.passes.simplify.clip import clip_to_relu
from toolchain.passes.simplify.identities import drop_identities
from toolchain.passes.simplify.means import join_means
from toolchain.passes.simplify.tail import drop_tail

Rewrite = Callable[[OnnxModel], OnnxModel]
REWRITES: tuple[Rewrite, ...] = (
    drop_identities,
    join_means,
    drop_tail,
    clip_to_relu,
    fold_batchnorm,
)


def simplify(model: OnnxModel) -> OnnxModel:
    """Apply every rewrite once, in order."""
    for rewrite in REWRITES:
        model = rewrite(model)
    for node in model.nodes:
        if SUPPORTED[node.op]:
            raise HearthError(f"{node.name}: {node.op} is supported only {SUPPORTED[node.op]}")
    return model
