"""The ONNX operators that may lie on the way from the pixels to the scores, and where.

One table for two refusals: an operator that is not here at all (read_onnx.py), and one that is left
in a place where neither hardware nor a rewrite exists for it (simplify).
"""

from __future__ import annotations

from collections.abc import Mapping

POOLED = "after the global average pool"
END = "at the end of the network"

SUPPORTED: Mapping[str, str] = {
    "ArgMax": END,
    "AveragePool": "",
    "BatchNormalization": "right after a Conv",
    "Cast": "to float32, or of the class that an ArgMax or TopK found",
    "Clip": "",
    "Concat": "",
    "Constant": "",
    "Conv": "",
    "Dropout": "",
    "Flatten": POOLED,
    "GlobalAveragePool": "",
    "Identity": "",
    "LogSoftmax": POOLED,
    "MaxPool": "",
    "ReduceMean": "",
    "Relu": "",
    "Reshape": POOLED,
    "Sigmoid": POOLED,
    "Softmax": POOLED,
    "Squeeze": POOLED,
    "TopK": END,
    "Unsqueeze": POOLED,
}
"""Where each operator is supported; '' where only its neighbours decide (recognise.py)."""
