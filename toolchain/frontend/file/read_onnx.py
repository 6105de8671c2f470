"""Pass 1: an ONNX file becomes an `OnnxModel`, or one clear sentence.

    squeezenet.onnx  ->  OnnxModel(nodes=(conv1: Conv, conv1/relu: Relu, ...), constants={...})

Everything that can be wrong with the file itself is found here: not ONNX, truncated, external data
elsewhere, unknown operator set, unsupported operators, weights that are NaN or infinite, an input
that is no image of known size (image_input.py). What the nodes mean together is recognise.py's
business. Operator semantics: https://onnx.ai/onnx/operators, opset 7 and later.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.frontend.file import onnx_file
from hearth.toolchain.frontend.file.bounds import check_shape_nodes
from hearth.toolchain.frontend.file.fold_constants import fold_constants
from hearth.toolchain.frontend.file.image_input import LARGEST_SIDE, image_input, resized, shapes
from hearth.toolchain.frontend.file.names import label, standard
from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import SUPPORTED
from hearth.toolchain.frontend.quantized.codings import codings
from hearth.toolchain.frontend.quantized.normalise import QUANT_DOMAINS, normalise
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

OLDEST_OPSET = 7
SHAPED = ("Pad", "Reshape", "Squeeze", "Unsqueeze", "ReduceMean", "TopK")
"""Operators whose other inputs are shapes, axes or counts."""
DOMAINS = ("", "com.microsoft", *QUANT_DOMAINS)
"""Where operators may come from: ONNX itself, ONNX Runtime's quantizer, QONNX and Brevitas."""
WRONG = (
    onnx.checker.ValidationError,
    onnx.shape_inference.InferenceError,
    RuntimeError,
    ValueError,
)
CONSTANT_ATTRIBUTES = ("value", "value_float", "value_floats", "value_int", "value_ints")


def read_onnx(path: Path, input_size: tuple[int, int] | None = None) -> OnnxModel:
    """Read and check a model. `input_size` (height, width) overrides the file's spatial size."""
    data = onnx_file.read(path)
    original = onnx_file.load(path, data)
    opset = _opset(path, original)
    _check_domains(path, original)
    _check(path, original)
    proto, kept = normalise(fold_constants(path, original))
    constants = _constants(path, proto.graph)
    image = image_input(path, proto.graph, constants, input_size)
    outputs = [str(entry.name) for entry in proto.graph.output]
    nodes = _data_path(_nodes(proto.graph), outputs)
    _check_operators(path, nodes)
    _check(path, proto)
    network = resized(proto, image)
    _check_types(path, original)
    check_shape_nodes(path, network, {name for node in nodes for name in node.outputs})
    return OnnxModel(
        name=path.stem,
        file=str(path.resolve()),
        sha256=hashlib.sha256(data).hexdigest(),
        original=resized(original, image),
        proto=network,
        opset=opset,
        input_tensor=image.name,
        ends={name: name for name in outputs},
        batch=image.batch,
        channels=image.channels,
        height=image.height,
        width=image.width,
        nodes=tuple(node for node in nodes if node.op != "Constant"),
        constants=constants,
        kept=replace(kept, codings=codings(path, original)),
        shapes=shapes(network),
        channels_last=image.channels_last,
    )


def parse_size(text: str) -> tuple[int, int]:
    """'224' or '224x320' (height x width) as (height, width)."""
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise HearthError(f"--input-size: expects H or HxW in pixels, such as 224, found '{text}'")
    height, width = int(parts[0]), int(parts[-1])
    if not (1 <= height <= LARGEST_SIDE and 1 <= width <= LARGEST_SIDE):
        raise HearthError(f"--input-size: a side lies between 1 and {LARGEST_SIDE}, found '{text}'")
    return height, width


def _check(path: Path, proto: onnx.ModelProto) -> None:
    """Refuse what breaks the rules of ONNX."""
    try:
        onnx.checker.check_model(proto)
    except WRONG as error:
        raise _invalid(path, error) from None


def _check_types(path: Path, proto: onnx.ModelProto) -> None:
    """Refuse tensors of a type that their reader does not take."""
    try:
        onnx.shape_inference.infer_shapes(proto, check_type=True)
    except WRONG as error:
        raise _invalid(path, error) from None


def check_shapes(model: OnnxModel) -> None:
    """Refuse a file whose tensors do not fit together, as ONNX Runtime would.

    Comes after recognise.py, whose sentences name what is wrong in a network's own words.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model.original)
    for output in copy.graph.output:  # what is declared of it is only a comment to ONNX Runtime
        output.type.tensor_type.ClearField("shape")
    try:
        onnx.shape_inference.infer_shapes(copy, check_type=True, strict_mode=True)
    except WRONG as error:
        raise _invalid(Path(model.file), error) from None


def _invalid(path: Path, error: Exception) -> HearthError:
    reason = (str(error).strip().splitlines() or ["no reason given"])[0][:200]
    return HearthError(f"{path}: not a valid ONNX model: {reason}")


def _opset(path: Path, proto: onnx.ModelProto) -> int:
    newest = onnx.defs.onnx_opset_version()
    versions = [entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")]
    if not versions or not OLDEST_OPSET <= versions[0] <= newest:
        found = versions[0] if versions else "none"
        raise HearthError(
            f"{path}: operator set {OLDEST_OPSET} to {newest} is supported, found {found};"
            " export the model again"
        )
    return int(versions[0])


def _nodes(graph: onnx.GraphProto) -> tuple[Node, ...]:
    """Every node, with a unique name: its own, or one made from the tensor it writes."""
    taken: set[str] = set()
    repeats: Counter[str] = Counter()
    nodes = []
    for proto in graph.node:
        outputs = tuple(proto.output)
        name = label(proto)
        wanted = name
        while name in taken:
            repeats[wanted] += 1
            name = f"{wanted}_{repeats[wanted] + 1}"
        taken.add(name)
        op = f"{proto.domain}::" if standard(proto.domain) else ""
        attributes = {a.name: _attribute(a) for a in proto.attribute}
        nodes.append(Node(name, op + proto.op_type, tuple(proto.input), outputs, attributes))
    return tuple(nodes)


def _attribute(attribute: onnx.AttributeProto) -> Any:
    """Numbers, strings and lists of them; None for tensors and graphs (read elsewhere)."""
    if attribute.type in (attribute.INT, attribute.FLOAT, attribute.INTS, attribute.FLOATS):
        return helper.get_attribute_value(attribute)
    return attribute.s.decode(errors="replace") if attribute.type == attribute.STRING else None


def _data_path(nodes: tuple[Node, ...], outputs: list[str]) -> tuple[Node, ...]:
    """The nodes that pixels flow through.

    A shape computed for a Reshape (Shape, Gather, Concat in PyTorch exports) is not among them.
    """
    producer = {tensor: node for node in nodes for tensor in node.outputs if tensor}
    kept: set[str] = set()
    pending = list(outputs)
    while pending:
        node = producer.get(pending.pop())
        if node is None or node.name in kept:
            continue
        kept.add(node.name)
        pending.extend(node.inputs[:1] if node.op in SHAPED else node.inputs)
    return tuple(node for node in nodes if node.name in kept)


def _check_domains(path: Path, proto: onnx.ModelProto) -> None:
    for node in proto.graph.node:
        if standard(node.domain) not in DOMAINS:
            raise _unsupported(path, label(node), f"{node.domain}::{node.op_type}")


def _check_operators(path: Path, nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        if node.op not in SUPPORTED:
            raise _unsupported(path, node.name, node.op)


def _unsupported(path: Path, name: str, op: str) -> HearthError:
    return HearthError(
        f"{path}: node '{name}' is a {op}, which is not supported; supported are"
        f" {', '.join(SUPPORTED)}"
    )


def _constants(path: Path, graph: onnx.GraphProto) -> dict[str, Array]:
    """Initializers and Constant nodes as arrays; floats are converted to float32 and finite."""
    constants = {tensor.name: _array(path, tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx") and node.output:
            for attribute in node.attribute:
                if attribute.name == "value":
                    constants[node.output[0]] = _array(path, attribute.t, node.output[0])
                elif attribute.name in CONSTANT_ATTRIBUTES:
                    constants[node.output[0]] = np.asarray(helper.get_attribute_value(attribute))
    return constants


def _array(path: Path, tensor: TensorProto, name: str = "") -> Array:
    name = tensor.name or name
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError):
        raise HearthError(
            f"{path}: weight '{name}' of shape {list(tensor.dims)} does not match its data; the"
            " file is damaged"
        ) from None
    if array.dtype.kind != "f":
        return array
    array = array.astype(np.float32)
    # An infinite scalar is a legal bound of Clip; a weight is never a scalar.
    if array.ndim and not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise HearthError(
            f"{path}: weight '{name}' is {array[where]} at index {where};"
            " weights must be finite numbers that float32 can hold"
        )
    return array
