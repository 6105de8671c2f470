"""Networks of the kinds that papers name (shared/networks): taken and close to the file.

Their weights are random and their margins small, so 20 dB and three quarters of the first classes
are what int8 reaches on the worst of them; what is exact is compared exactly.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.stages import Options
from tests.shared import SHARED, needs
from tests.yardstick import compare, integers

NETWORKS = SHARED / "networks"
FRAMES = NETWORKS / "calib.npz"
TAKEN = (
    "bnn_sign_activations",
    "dilated_conv",
    "first_is_pool",
    "flattened_kx1_1xk",
    "grouped_conv",
    "resnet_identity_conv_head",
    "shufflenet",
    "sq_act_leaky",
    "sq_act_none_linear",
    "sq_act_relu6",
    "sq_act_sigmoid",
    "sq_gap_then_linear",
    "sq_no_relu_after_conv10",
    "sq_pct3x3_0_only1x1",
    "sq_pct3x3_100_no1x1",
    "sq_pct3x3_25",
    "sq_weights_hashed",
    "sq_weights_pruned_80",
    "squeezedet_map_output",
    "two_branch_3x3_5x5",
    "two_heads",
    "vgg_bn_flatten_linear",
    "x_sq_gap_linear_moved",
    "x_sq_relu6_as_relu",
)

pytestmark = needs("networks")


def file(name: str) -> Path:
    return NETWORKS / f"{name}.onnx"


@cache
def frames() -> Array:
    found: Array = np.load(FRAMES)["images"]
    return found


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str) -> None:
    found = compare(file(name), FRAMES)
    assert found.decibels >= 20
    if found.agreeing is not None:
        assert found.agreeing >= 0.75 * found.frames


def test_lanes_of_a_mobilenet_work() -> None:
    """Half as wide as the paper's, at 256 lanes: 35,344 cycles, the first layer's, in which lanes
    do 94 % of what they could; those of a pointwise convolution 93 % or more."""
    wanted = Options(
        file("mobilenet_v1_0.5_conv_head"), preprocessing="unit", calibration=FRAMES, lanes=256
    )
    passes = pipeline.FRONT_END + pipeline.QUANTIZATION + pipeline.MAPPING
    design = pipeline.run(passes, wanted).design
    assert (design.lanes, design.cycles) == (253, 35_344)
    assert design.utilisation > 0.94
    dense = {layer.name for layer in design.qgraph.weighted if layer.groups == 1}
    *pointwise, _ = [stage for stage in design.weighted[1:] if stage.layer.name in dense]
    assert len(pointwise) == 8
    for stage in pointwise:
        assert stage.layer.macs > 0.92 * stage.lanes * design.cycles, stage.layer.name


def test_a_linear_behind_the_pool_is_the_convolution_in_front_of_it() -> None:
    """The same network in two spellings: the scores are the same integers."""
    scores = []
    for name in ("sq_gap_then_linear", "x_sq_gap_linear_moved"):
        qgraph = integers(Options(file(name), preprocessing="unit", calibration=FRAMES))
        scores.append(golden.outputs(qgraph, frames()[:16]))
    assert (scores[0] == scores[1]).all()


def test_binary_weights_keep_their_signs() -> None:
    """One bit for the layers that were trained so costs nothing against eight."""
    layers = {"/body/body.0/Conv": Format(8), "/head/Conv": Format(8)}
    request = Request(Plan(Format(1, True), layers))
    few = compare(file("sq_weights_binary"), FRAMES, weights=request, lanes=64)
    whole = compare(file("sq_weights_binary"), FRAMES)
    assert few.decibels > whole.decibels - 1
