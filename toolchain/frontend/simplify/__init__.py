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

from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.file.operators import POINTWISE, SUPPORTED
from hearth.toolchain.frontend.simplify.batchnorm import fold_batchnorm
from hearth.toolchain.frontend.simplify.clip import clip_to_relu
from hearth.toolchain.frontend.simplify.dense import flattened_to_convs
from hearth.toolchain.frontend.simplify.entry import take_normalization
from hearth.toolchain.frontend.simplify.expand_order import order_expand
from hearth.toolchain.frontend.simplify.forward import fold_forward
from hearth.toolchain.frontend.simplify.identities import drop_identities
from hearth.toolchain.frontend.simplify.join_convs import join_convs
from hearth.toolchain.frontend.simplify.layout import cancel_transposes
from hearth.toolchain.frontend.simplify.linear import move_linear
from hearth.toolchain.frontend.simplify.means import join_means
from hearth.toolchain.frontend.simplify.pads import merge_pads
from hearth.toolchain.frontend.simplify.pixels import rows_to_pixels
from hearth.toolchain.frontend.simplify.proto import written
from hearth.toolchain.frontend.simplify.shuffle import shuffle_channels
from hearth.toolchain.frontend.simplify.tail import drop_tail
from hearth.toolchain.support.errors import HearthError

Rewrite = Callable[[OnnxModel], OnnxModel]
REWRITES: tuple[Rewrite, ...] = (
    shuffle_channels,
    cancel_transposes,
    drop_identities,
    take_normalization,
    join_means,
    drop_tail,
    clip_to_relu,
    flattened_to_convs,
    move_linear,
    rows_to_pixels,
    fold_batchnorm,
    fold_forward,
    join_convs,
    merge_pads,
    order_expand,
)


def simplify(model: OnnxModel) -> OnnxModel:
    """Apply every rewrite once, in order."""
    for rewrite in REWRITES:
        model = rewrite(model)
    for node in model.nodes:
        if SUPPORTED[node.op] and node.op not in POINTWISE:
            raise HearthError(f"{node.name}: {node.op} is supported only {SUPPORTED[node.op]}")
    return replace(model, proto=written(model)) if model.rewritten else model
