"""Operators on integers (QOperator format) as ordinary ones between quantizers.

    x -> QLinearConv -> y       x -> Dequantize -> Conv -> Quantize -> y

Tensors keep their names, so that integers of the file are still found by them. Operators of ONNX:
https://onnx.ai/onnx/operators/onnx__QLinearConv.html; of ONNX Runtime (domain com.microsoft):
docs/ContribOperators.md in its repository.
"""

from __future__ import annotations

from collections.abc import Callable

import onnx
from onnx import helper

from hearth.toolchain.frontend.quantized.names import Names, of_tensors
from hearth.toolchain.frontend.quantized.parameters import node_name
from hearth.toolchain.support.errors import HearthError

MICROSOFT = "com.microsoft"


def without_qoperators(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with QDQ in the place of operators on integers; itself if it has none."""
    if not any(node.op_type in FORMS for node in proto.graph.node):
        return proto
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    del copy.graph.node[:]
    names = of_tensors(proto.graph)
    for node in proto.graph.node:
        copy.graph.node.extend(_Form(node, names).nodes() if node.op_type in FORMS else [node])
    return copy


class _Form:
    """One operator taken apart."""

    def __init__(self, node: onnx.NodeProto, names: Names) -> None:
        self.node = node
        self.name = node_name(node)
        self.fresh = names.fresh
        self.made: list[onnx.NodeProto] = []

    def nodes(self) -> list[onnx.NodeProto]:
        FORMS[self.node.op_type](self)
        return self.made

    def inputs(self, least: int) -> list[str]:
        """The inputs' names; HearthError when there are fewer than `least`."""
        if len(self.node.input) < least or not self.node.output:
            raise HearthError(
                f"{self.name}: a {self.node.op_type} has {least} inputs, found"
                f" {len(self.node.input)}"
            )
        return list(self.node.input)

    def real(self, codes: str, scale: str, zero: str, axis: int = 1) -> str:
        """The real values that integers stand for."""
        target = self.fresh(f"{codes}/real")
        inputs = [name for name in (codes, scale, zero) if name]
        self.made.append(
            helper.make_node("DequantizeLinear", inputs, [target], name=target, axis=axis)
        )
        return target

    def compute(self, kind: str, inputs: list[str], *, keep: bool) -> str:
        """The ordinary operator, with the node's own name (and attributes when `keep`)."""
        target = self.fresh(f"{self.node.output[0]}/exact")
        made = helper.make_node(kind, inputs, [target], name=self.name)
        if keep:
            made.attribute.extend(self.node.attribute)
        self.made.append(made)
        return target

    def end(self, result: str, scale: str, zero: str) -> None:
        """Round a result to the node's output."""
        inputs = [name for name in (result, scale, zero) if name]
        output = self.node.output[0]
        name = f"{self.name}/quantizer"
        self.made.append(helper.make_node("QuantizeLinear", inputs, [output], name=name))


def _conv(form: _Form) -> None:
    """x, its scale and zero, w, its scale and zero, y's scale and zero, bias (int32)."""
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, *bias = form.inputs(8)
    inputs = [form.real(x, x_scale, x_zero), form.real(w, w_scale, w_zero, axis=0)]
    if bias and bias[0]:
        inputs.append(_bias(form, bias[0], inputs[1], x_scale, w_scale))
    form.end(form.compute("Conv", inputs, keep=True), y_scale, y_zero)


def _bias(form: _Form, bias: str, weights: str, x_scale: str, w_scale: str) -> str:
    """A bias is in steps of the accumulator, x_scale * w_scale."""
    step = form.fresh(f"{weights}/step")
    form.made.append(helper.make_node("Mul", [x_scale, w_scale], [step], name=step))
    return form.real(bias, step, "", axis=0)


def _gemm(form: _Form) -> None:
    """A, its scale and zero, B, its scale and zero, C (int32), y's scale and zero (QGemm)."""
    a, a_scale, a_zero, b, b_scale, b_zero, *rest = form.inputs(6)
    c, y_scale, y_zero = [*rest, "", "", ""][:3]
    transposed = any(entry.name == "transB" and entry.i for entry in form.node.attribute)
    weights = form.real(b, b_scale, b_zero, axis=0 if transposed else 1)
    inputs = [form.real(a, a_scale, a_zero), weights]
    if c:
        inputs.append(_bias(form, c, weights, a_scale, b_scale))
    result = form.compute("Gemm", inputs, keep=True)
    if not y_scale:
        form.made[-1].output[0] = form.node.output[0]
        return
    form.end(result, y_scale, y_zero)


def _pool(form: _Form) -> None:
    """x, its scale and zero, y's scale and zero (QLinearGlobalAveragePool, QLinearAveragePool)."""
    x, x_scale, x_zero, y_scale, y_zero = form.inputs(5)[:5]
    if any(entry.name == "channels_last" and entry.i for entry in form.node.attribute):
        raise HearthError(
            f"{form.name}: a {form.node.op_type} over channels-last maps is not supported"
        )
    kind = form.node.op_type.removeprefix("QLinear")
    whole = kind == "GlobalAveragePool"
    result = form.compute(kind, [form.real(x, x_scale, x_zero)], keep=not whole)
    kept = [entry for entry in form.made[-1].attribute if entry.name != "channels_last"]
    del form.made[-1].attribute[:]
    form.made[-1].attribute.extend(kept)
    form.end(result, y_scale, y_zero)


def _concat(form: _Form) -> None:
    """y's scale and zero, then x, its scale and zero for each part (QLinearConcat)."""
    y_scale, y_zero, *parts = form.inputs(5)
    if len(parts) % 3:
        raise HearthError(f"{form.name}: a QLinearConcat has three inputs for each part")
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    real = [form.real(codes, scale, zero) for codes, scale, zero in triples]
    form.end(form.compute("Concat", real, keep=True), y_scale, y_zero)


def _add(form: _Form) -> None:
    """a, its scale and zero, b, its scale and zero, y's scale and zero (QLinearAdd)."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = [*form.inputs(7), ""][:8]
    real = [form.real(a, a_scale, a_zero), form.real(b, b_scale, b_zero)]
    form.end(form.compute("Add", real, keep=False), y_scale, y_zero)


def _softmax(form: _Form) -> None:
    """x, its scale and zero, y's scale and zero (QLinearSoftmax)."""
    x, x_scale, x_zero, y_scale, y_zero = form.inputs(5)[:5]
    result = form.compute("Softmax", [form.real(x, x_scale, x_zero)], keep=False)
    form.end(result, y_scale, y_zero)


def _sigmoid(form: _Form) -> None:
    """As _softmax (QLinearSigmoid)."""
    x, x_scale, x_zero, y_scale, y_zero = form.inputs(5)[:5]
    result = form.compute("Sigmoid", [form.real(x, x_scale, x_zero)], keep=False)
    form.end(result, y_scale, y_zero)


FORMS: dict[str, Callable[[_Form], None]] = {
    "QLinearConv": _conv,
    "QGemm": _gemm,
    "QLinearAdd": _add,
    "QLinearAveragePool": _pool,
    "QLinearGlobalAveragePool": _pool,
    "QLinearConcat": _concat,
    "QLinearSoftmax": _softmax,
    "QLinearSigmoid": _sigmoid,
}
"""What takes each operator apart."""
