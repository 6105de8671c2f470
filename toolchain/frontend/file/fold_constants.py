"""Pass: nodes whose inputs are all constants are computed once, before anything else looks at them.

    [3, 3, 3, 64] -> ConstantOfShape -> Conv          weights [3, 3, 3, 64] -> Conv
    Constant, Constant -> Reshape -> ReduceMean       axes -> ReduceMean

What a node computes is the `onnx` package's business: its reference evaluator gives the value, and
before that its shape inference, told the constants, gives the size. The order matters, since a file
may come from anyone: a ConstantOfShape of 2 GB costs nothing to describe. The other libraries that
fold were looked at for that reason: onnxscript and onnx-ir evaluate first and compare with their
limit afterwards; ONNX Runtime has no limit, and an integer division by zero in it ends the process.

Operators are those of `FOLDABLE`: deterministic, one result, time proportional to inputs and
result. Anything else keeps its place and is judged by read_onnx.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, checker, defs, helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

from hearth.toolchain.frontend.file.live import live
from hearth.toolchain.frontend.file.names import label, standard
from hearth.toolchain.support.errors import HearthError

ARITHMETIC = ("Abs", "Add", "Cast", "Ceil", "Div", "Floor", "Mod", "Mul", "Neg", "Sqrt", "Sub")
CHOICES = ("And", "Equal", "Greater", "Less", "Max", "Min", "Not", "Or", "Where")
MAKERS = ("ConstantOfShape", "Expand", "Pad", "Range", "Tile")
MOVERS = ("Concat", "Flatten", "Gather", "Identity", "Reshape", "Shape", "Size", "Slice")
OTHERS = ("ReduceProd", "ReduceSum", "Squeeze", "Transpose", "Unsqueeze")
FOLDABLE = frozenset((*ARITHMETIC, *CHOICES, *MAKERS, *MOVERS, *OTHERS))
LIMIT_BYTES = 64 << 20
"""Most bytes that all computed constants may take together; SqueezeNet's weights take 5 MB."""
NUMBERS = ("bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8")
"""NumPy types of constants that are computed; strings and packed types are left alone."""
WRONG = (
    checker.ValidationError,
    defs.SchemaError,
    shape_inference.InferenceError,
    RuntimeError,
    ValueError,
)
UNKNOWN = onnx.TypeProto()


def fold_constants(path: Path, proto: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with computed constants stored; `proto` is in topological order (live.py).

    Raises HearthError for a constant that is too large or that cannot be computed.
    """
    if not any(node.op_type in FOLDABLE for node in proto.graph.node):
        return proto
    work = _Work(path, proto)
    kept = [node for node in proto.graph.node if not work.fold(node)]
    if len(kept) == len(proto.graph.node):
        return proto
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    del copy.graph.node[:]
    copy.graph.node.extend(kept)
    copy.graph.initializer.extend(work.computed.values())
    return live(path, copy)


class _Work:
    """The constants known so far."""

    def __init__(self, path: Path, proto: onnx.ModelProto) -> None:
        self.path = path
        self.opsets = list(proto.opset_import)
        versions = [entry.version for entry in proto.opset_import if not standard(entry.domain)]
        self.opset = versions[0] if versions else 0
        self.ir_version = proto.ir_version
        self.stored = {tensor.name: tensor for tensor in proto.graph.initializer}
        self.computed: dict[str, TensorProto] = {}
        self.left = LIMIT_BYTES

    def fold(self, node: onnx.NodeProto) -> bool:
        """Whether the node's result is a constant now, so that the node can go."""
        if standard(node.domain) or not node.output:
            return False
        if node.op_type == "Constant":
            self._remember(node)
            return False
        names = [name for name in node.input if name]
        known = all(name in self.stored or name in self.computed for name in names)
        if node.op_type not in FOLDABLE or not known or len(node.output) != 1:
            return False
        inputs = {name: self.computed.get(name) or self.stored[name] for name in names}
        if not all(_plain(tensor) for tensor in inputs.values()):
            return False
        self._reserve(node, inputs)
        self.computed[node.output[0]] = self._value(node, inputs)
        return True

    def _remember(self, node: onnx.NodeProto) -> None:
        """A Constant node of any spelling as a tensor."""
        for attribute in node.attribute:
            value = helper.get_attribute_value(attribute)
            if attribute.name == "value":
                self.stored[node.output[0]] = value
            elif attribute.name in ("value_float", "value_floats"):
                self.stored[node.output[0]] = numpy_helper.from_array(np.asarray(value, np.float32))
            elif attribute.name in ("value_int", "value_ints"):
                self.stored[node.output[0]] = numpy_helper.from_array(np.asarray(value, np.int64))

    def _reserve(self, node: onnx.NodeProto, inputs: Mapping[str, TensorProto]) -> None:
        """Take the result's size from what is left, before it is computed."""
        types = {
            name: helper.make_tensor_type_proto(tensor.data_type, list(tensor.dims))
            for name, tensor in inputs.items()
        }
        try:
            schema = defs.get_schema(node.op_type, self.opset, "")
            inferred = shape_inference.infer_node_outputs(
                schema, node, types, dict(inputs), None, self.opsets, self.ir_version
            )
        except WRONG as error:
            raise self._refused(node, str(error)) from None
        result = inferred.get(node.output[0], UNKNOWN).tensor_type
        dims = [d.dim_value if d.HasField("dim_value") else -1 for d in result.shape.dim]
        if not result.HasField("shape") or min(dims, default=1) < 0:
            raise self._refused(node, "the size of its result is not known beforehand")
        size = math.prod(dims) * helper.tensor_dtype_to_np_dtype(result.elem_type).itemsize
        self.left -= size
        if self.left < 0:
            raise HearthError(
                f"{self.path}: node '{label(node)}' is a {node.op_type} that makes a constant of"
                f" {size:,} bytes; all computed constants together may take"
                f" {LIMIT_BYTES >> 20} MiB, a SqueezeNet needs 5 MB"
            )

    def _value(self, node: onnx.NodeProto, inputs: Mapping[str, TensorProto]) -> TensorProto:
        """The result as the reference evaluator computes it."""
        graph = helper.make_graph(
            [node], "constant", [], [onnx.ValueInfoProto(name=node.output[0])], [*inputs.values()]
        )
        for name, tensor in zip(inputs, graph.initializer, strict=True):
            tensor.name = name
        try:
            with np.errstate(all="ignore"):
                evaluator = ReferenceEvaluator(graph, opsets={"": self.opset})
                (value,) = evaluator.run(None, {})
                array = np.asarray(value)
        except Exception as error:  # an evaluator of Python code raises whatever Python raises
            raise self._refused(node, str(error)) from None
        if array.dtype.name not in NUMBERS:
            raise self._refused(node, f"its result is of type {array.dtype}")
        return numpy_helper.from_array(array, node.output[0])

    def _refused(self, node: onnx.NodeProto, reason: str) -> HearthError:
        first = (reason.strip().splitlines() or ["unknown"])[0][:200]
        return HearthError(
            f"{self.path}: node '{label(node)}' is a {node.op_type} of constants that cannot be"
            f" computed: {first}"
        )


def _plain(tensor: TensorProto) -> bool:
    """Numbers of whole bytes; strings and packed types are left alone."""
    try:
        return helper.tensor_dtype_to_np_dtype(tensor.data_type).name in NUMBERS
    except (KeyError, TypeError, ValueError):
        return False
