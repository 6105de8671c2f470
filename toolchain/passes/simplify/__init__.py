"""Pass 2: rewrite the ONNX nodes until only those with work in hardware are left.

    conv1 -> BatchNormalization -> Clip(0) -> Dropout -> pool -> Flatten -> Gemm -> Softmax
    conv1 (weights changed) -> Relu -> fc (a 1x1 convolution) -> pool

Each rewrite is a function from model to model; `REWRITES` lists them in order, one idea a file
beside this one. Most keep the tensor names of the file, so that ONNX Runtime can be asked for the
same tensor. One that makes tensors which the file does not have says so (`rewritten`), and `proto`
is then written anew from the nodes (proto.py): calibration and reports run that network, which
computes the same scores as the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from toolchain.errors import HearthError
from toolchain.onnx_model import OnnxModel
from toolchain.passes.operators import SUPPORTED
from toolchain.passes.simplify.batchnorm import fold_batchnorm
from toolchain.passes.simplify.clip import clip_to_relu
from toolchain.passes.simplify.entry import take_normalization
from toolchain.passes.simplify.expand_order import order_expand
from toolchain.passes.simplify.identities import drop_identities
from toolchain.passes.simplify.join_convs import join_convs
from toolchain.passes.simplify.layout import cancel_transposes
from toolchain.passes.simplify.linear import move_linear
from toolchain.passes.simplify.means import join_means
from toolchain.passes.simplify.pads import merge_pads
from toolchain.passes.simplify.proto import written
from toolchain.passes.simplify.tail import drop_tail

Rewrite = Callable[[OnnxModel], OnnxModel]
REWRITES: tuple[Rewrite, ...] = (
    cancel_transposes,
    drop_identities,
    take_normalization,
    join_means,
    drop_tail,
    clip_to_relu,
    move_linear,
    fold_batchnorm,
    join_convs,
    merge_pads,
    order_expand,
)


def simplify(model: OnnxModel) -> OnnxModel:
    """Apply every rewrite once, in order."""
    for rewrite in REWRITES:
        model = rewrite(model)
    for node in model.nodes:
        if SUPPORTED[node.op]:
            raise HearthError(f"{node.name}: {node.op} is supported only {SUPPORTED[node.op]}")
    return replace(model, proto=written(model)) if model.rewritten else model
