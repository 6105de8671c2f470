"""Which quantizers lie between one layer and the next, seen by the layer that reads.

    conv1 -> Relu -> Identity (quantizer) -> pool1          trails["pool1"] = (conv1, Relu, Q)

Every tensor that a layer reads is followed back to the layer that made it; an Add of two tensors is
a layer, of a tensor and a constant it is not. What lies between acts
on single values: quantizers, Relu and Clip, which are kept as steps; operators that change nothing
or only shapes; affine operators, which simplify folds into the convolution before and which
therefore have to come before the first quantizer. Behind a Softmax or its like only the host works,
so quantizers there are none of hardware's business.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import onnx

from hearth.toolchain.frontend.quantized.constants import clip_bounds
from hearth.toolchain.frontend.quantized.kept import Limit, Quantizer, Step, Trail
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

LAYERS = (
    *("Conv", "Gemm", "MatMul", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool"),
    *("GlobalMaxPool", "ReduceMean", "ReduceMax", "ReduceSum"),
)
AFFINE = ("BatchNormalization", "Mul", "Add", "Sub", "Div")
ENDS = ("Softmax", "LogSoftmax", "Sigmoid", "ArgMax", "TopK")


def trace(
    nodes: Sequence[onnx.NodeProto],
    constants: Mapping[str, Array],
    quantizers: Mapping[str, Quantizer],
    output: str,
) -> dict[str, tuple[Trail, ...]]:
    """Trails by reading node; '' reads the network's output."""
    walk = _Walk(nodes, constants, quantizers)
    trails = {
        node.name: tuple(walk.back(name) for name in node.input if name not in constants and name)
        for node in nodes
        if walk.is_layer(node)
    }
    return {**trails, "": (walk.back(output),)}


class _Walk:
    def __init__(
        self,
        nodes: Sequence[onnx.NodeProto],
        constants: Mapping[str, Array],
        quantizers: Mapping[str, Quantizer],
    ) -> None:
        self.producers = {name: node for node in nodes for name in node.output}
        self.quantizers = quantizers
        self.fixed = set(constants)
        """Constants, and what is computed from them alone."""
        for node in nodes:
            if self.fixed.issuperset(name for name in node.input if name):
                self.fixed.update(node.output)
        self.constants = dict(constants)

    def is_layer(self, node: onnx.NodeProto) -> bool:
        """Whether a node computes more than a function of single values."""
        joins = node.op_type in AFFINE and len(self._sources(node)) > 1
        return node.op_type in LAYERS or joins

    def back(self, tensor: str) -> Trail:
        """From a tensor back to the layer, or the input, that it comes from."""
        steps: list[Step] = []
        name, end = tensor, tensor
        affine: onnx.NodeProto | None = None
        while (node := self.producers.get(name)) is not None and not self.is_layer(node):
            source = self._source(node)
            if node.op_type in ENDS:
                steps, end, affine = [], source, None
            elif name in self.quantizers:
                self._check_order(self.quantizers[name], affine)
                steps.append(self.quantizers[name])
            elif node.op_type in ("Relu", "Clip"):
                steps.append(self._limit(node))
            elif node.op_type in AFFINE:
                affine = node
            name = source
        before = affine.name if affine is not None else ""
        return Trail(node.name if node is not None else "", end, tuple(reversed(steps)), before)

    def _sources(self, node: onnx.NodeProto) -> list[str]:
        """The tensors that a node reads and that depend on the image."""
        return [name for name in node.input if name and name not in self.fixed]

    def _source(self, node: onnx.NodeProto) -> str:
        """The one tensor that a node between two layers works on."""
        return next(iter(self._sources(node)), "")

    def _limit(self, node: onnx.NodeProto) -> Limit:
        if node.op_type == "Relu":
            return Limit(node.name, 0.0, math.inf)
        low, high = clip_bounds(node, self.constants, (-math.inf, math.inf))
        return Limit(node.name, low, high)

    @staticmethod
    def _check_order(quantizer: Quantizer, affine: onnx.NodeProto | None) -> None:
        if affine is not None:
            raise folded_late(affine.name, quantizer)


def folded_late(affine: str, quantizer: Quantizer) -> HearthError:
    """The refusal of an affine operator behind a quantizer."""
    return HearthError(
        f"{affine}: what multiplies or adds behind the quantizer {quantizer.name} cannot be folded"
        " into a convolution; quantize after it"
    )
