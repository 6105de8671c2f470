"""Other people's files that went wrong once: now equal to ONNX Runtime on the file, or refused.

The files are not part of the project (tests/shared.py). What becomes of others,
`python -m tests.yardstick` prints.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from hearth.toolchain.support.errors import HearthError
from tests.shared import SHARED, needs
from tests.yardstick import compare

FAULTS = SHARED / "faults"

EQUAL = {
    # floats, 8 bits by calibration on six frames
    **dict.fromkeys(("dy_noopt", "h_cast_noop", "h_concat_swapped", "h_pad_node", "h_tf_nhwc"), 45),
    **dict.fromkeys(("h_bn_input", "h_norm_inside", "ts_head_mean2"), 45),
    **dict.fromkeys(("ts_end_argmax", "ts_end_sigmoid", "ts_end_topk", "fuzz_215"), 45),
    "layer_named_fifo": 35,
    # quantized files: their own integers and scales, so every step is the same ...
    **dict.fromkeys(("h_qdq_afterpool_05", "q5_qcdq", "q5_qonnx", "q5_qonnx_bias32"), 80),
    **dict.fromkeys(("qdq_convonly", "qdq_dedicated", "qdq_int4w", "qdq_norelu_u8"), 80),
    **dict.fromkeys(("qdq_symact", "qop_u8i8"), 80),
    # ... but for a sum halfway between two, where float32 decides in the file
    **dict.fromkeys(("q1_inputs", "q2_none", "q2_pool", "q3_no_zero_point"), 60),
    "q3_weights_q_dq_pair": 60,
}
"""Least signal-to-noise ratio of the logits in dB; every frame has the same first class."""

REFUSED = {
    "fuzz_136": "conv1: the float network vanishes: no value exceeds 1.4e-45",
    "fuzz_240": "pool3: ceil_mode should be 0 or 1, found 4294967296",
    "fuzz_244": "tensor 'fire2/squeeze1x1' is written by 2 nodes",
    "fuzz_250": "not a valid ONNX model: TensorProto (tensor name: fire2/expand3x3.weight)",
    "fuzz_343": "not a valid ONNX model: Unrecognized attribute: kernel_shape for operator Relu",
    "fuzz_400": "qx573681: a quantizer's scale should be a positive number",
    "fuzz_621": "qdq709068Q: a quantizer's scale should be a positive number",
    "fuzz_83": "qdq998410Q: a quantizer's scale should be a positive number",
    "fuzz_94": "not a valid ONNX model: No opset import for domain 'qonnx.custom_op.general'",
}
"""What the sentence of a refusal says."""


def frames(model: Path) -> Path:
    """Calibration frames of the file's size."""
    entry = onnx.load(model, load_external_data=False).graph.input[0]
    sides = {dim.dim_value for dim in entry.type.tensor_type.shape.dim}
    return FAULTS / ("cal32.npz" if 32 in sides else "cal16.npz")


@needs("faults")
@pytest.mark.parametrize("name", sorted(EQUAL))
def test_equal_to_the_file(name: str) -> None:
    model = FAULTS / f"{name}.onnx"
    found = compare(model, frames(model))
    assert found.decibels >= EQUAL[name], str(found)
    assert found.agreeing == found.frames, str(found)


@needs("faults")
@pytest.mark.parametrize("name", sorted(REFUSED))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_refused_in_one_sentence(name: str) -> None:
    model = FAULTS / f"{name}.onnx"
    with pytest.raises(HearthError) as caught:
        compare(model, frames(model))
    assert REFUSED[name] in str(caught.value)
    assert np.all([letter.isprintable() for letter in str(caught.value)])
