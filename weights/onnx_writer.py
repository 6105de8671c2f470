"""Nodes and weights collected into a checked ONNX file.

Node by node rather than traced, so that names are the network's own (`fire2/squeeze1x1`, `pool3`)
and stay the same with every PyTorch release: every node is named after the one tensor it produces.
Knows NumPy alone; which module gives which nodes is said by export.py and zoo/blueprint.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from weights.classes import LABELS, SIZE

OPSET = 17
IR_VERSION = 8
IMAGE, LOGITS = "image", "logits"


@dataclass(frozen=True)
class Taps:
    """Weights [out, in / groups, rows, columns] and biases [out] of a convolution."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True)
class OnnxWriter:
    """Each method adds one layer and returns its output's name."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[TensorProto] = field(default_factory=list)

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolution(
        self,
        name: str,
        source: str,
        taps: Taps,
        pads: tuple[int, int],
        stride: int = 1,
        groups: int = 1,
    ) -> str:
        """Pads are rows and columns on either side."""
        inputs = [source]
        inputs += [self.constant(f"{name}.weight", taps.weight)]
        inputs += [self.constant(f"{name}.bias", taps.bias)]
        window: dict[str, Any] = {"kernel_shape": list(taps.weight.shape[2:]), "pads": [*pads] * 2}
        window["strides"] = [stride] * 2
        if groups > 1:
            window["group"] = groups
        return self.node("Conv", inputs, name, **window)

    def model(self, name: str) -> onnx.ModelProto:
        """`image` [batch, 3, 32, 32] in 0..1 -> `logits` [batch, 10], checked."""
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info(IMAGE, TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])],
            [helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["batch", len(LABELS)])],
            self.weights,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="hearth")
        model.ir_version = IR_VERSION
        model = onnx.shape_inference.infer_shapes(model)
        onnx.checker.check_model(model, full_check=True)
        return model
