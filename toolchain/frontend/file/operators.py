"""The ONNX operators that may lie on the way from the pixels to the scores, and where.

One table for two refusals: an operator that is not here at all (read_onnx.py), and one that is left
in a place where neither hardware nor a rewrite exists for it (simplify).
"""

from __future__ import annotations

from collections.abc import Mapping

POOLED = "after the global average pool"
FLAT = "after the global average pool, or as Linear layers that end the network behind a Flatten"
CONSTANT = "by constants, one number or one for each channel"
END = "at the end of the network"

SUPPORTED: Mapping[str, str] = {
    "Abs": "",
    "Add": "",
    "ArgMax": END,
    "AveragePool": "",
    "BatchNormalization": "",
    "Cast": "to float32, or of the class that an ArgMax or TopK found",
    "Celu": "",
    "Clip": "",
    "Concat": "",
    "Constant": "",
    "Conv": "",
    "Div": CONSTANT,
    "Dropout": "",
    "Elu": "",
    "Erf": "",
    "Flatten": FLAT,
    "Gelu": "",
    "Gemm": FLAT,
    "GlobalAveragePool": "",
    "HardSigmoid": "",
    "HardSwish": "",
    "Identity": "",
    "LeakyRelu": "",
    "LogSoftmax": POOLED,
    "MatMul": FLAT,
    "Max": "of a map and one number",
    "MaxPool": "",
    "Min": "of a map and one number",
    "Mish": "",
    "Mul": "",
    "Pad": "with zeros, in front of a Conv",
    "PRelu": "",
    "ReduceMean": "",
    "Relu": "",
    "Reshape": FLAT,
    "Resize": "",
    "Selu": "",
    "Sigmoid": "on a map, or after the global average pool",
    "Sign": "",
    "Softmax": POOLED,
    "Softplus": "",
    "Softsign": "",
    "Squeeze": POOLED,
    "Sub": CONSTANT,
    "Tanh": "",
    "TopK": END,
    "Transpose": "where it cancels with another, or brings an image's channels to the front",
    "Unsqueeze": POOLED,
    "Upsample": "",
}
"""Where each operator is supported; '' where only its neighbours decide (recognise.py)."""

POINTWISE = (
    *("Abs", "Add", "Celu", "Clip", "Div", "Elu", "Erf", "Gelu", "HardSigmoid", "HardSwish"),
    *("LeakyRelu", "Max", "Min", "Mish", "Mul", "PRelu", "Relu", "Selu", "Sigmoid", "Sign"),
    *("Softplus", "Softsign", "Sub", "Tanh"),
)
"""What computes a map value by value: activations, and the arithmetic that they are written in."""
