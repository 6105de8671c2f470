"""The embedded default model's 3x3 convolutions as pairs of a 3x1 and a 1x3 one.

With the weights as a matrix of (input, row) by (output, column), W = U S V: the first r columns of
U and rows of V, the square roots of S given to both, are the nearest pair that has r channels
between (Jaderberg et al. 2014, arXiv 1405.3866, scheme 2; the singular values' solution is that of
Tai et al. 2015, arXiv 1511.06067). Nothing stands between the two but the map: no bias, no ReLU.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from weights.onnx_writer import Taps

MODEL = Path(__file__).parents[1] / "default" / "squeezenet_cifar10.onnx"
COLUMN, ROW = "/3x1", "/1x3"


def taps() -> Mapping[str, Taps]:
    """Every convolution's weights by its name; a 3x3 one in a Fire module gives two, of half as
    many channels as it reads between them."""
    graph = onnx.load(MODEL).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found: dict[str, Taps] = {}
    for node in graph.node:
        if node.op_type == "Conv":
            whole = Taps(arrays[node.input[1]], arrays[node.input[2]])
            if node.name.endswith("/expand3x3"):
                rank = whole.weight.shape[1] // 2
                found[node.name + COLUMN], found[node.name + ROW] = pair(whole, rank)
            else:
                found[node.name] = whole
    return found


def pair(whole: Taps, rank: int) -> tuple[Taps, Taps]:
    """The nearest 3x1 and 1x3 convolutions with `rank` channels between them."""
    outputs, inputs, rows, columns = whole.weight.shape
    matrix = whole.weight.transpose(1, 2, 0, 3).reshape(inputs * rows, outputs * columns)
    left, values, right = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    share = np.sqrt(values[:rank])
    first = (left[:, :rank] * share).T.reshape(rank, inputs, rows, 1)
    second = (right[:rank] * share[:, None]).reshape(rank, outputs, columns).transpose(1, 0, 2)
    return (
        Taps(first.astype(np.float32), np.zeros(rank, np.float32)),
        Taps(second[:, :, None].astype(np.float32), whole.bias),
    )
