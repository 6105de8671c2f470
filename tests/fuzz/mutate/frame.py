"""Mutations of what holds the nodes: versions, inputs, outputs, names, loops, functions."""

from __future__ import annotations

import onnx
from onnx import helper

from tests.fuzz.mutate.choices import INTEGERS, NAMES, Rng, pick, some


def opset(rng: Rng, model: onnx.ModelProto) -> str:
    if rng.integers(4) == 0:
        model.opset_import.add(domain="", version=int(rng.integers(1, 30)))
        return "a second operator set"
    entry = some(rng, model.opset_import)
    entry.version = pick(rng, (0, 1, 6, 7, 9, 10, 11, 12, 13, 14, 18, 20, 21, 22, 24, 99, 1 << 62))
    return f"operator set '{entry.domain}' {entry.version}"


def ir_version(rng: Rng, model: onnx.ModelProto) -> str:
    model.ir_version = pick(rng, (0, 1, 3, 4, 7, 10, 12, 13, 99, -1))
    return f"IR version {model.ir_version}"


def entry(rng: Rng, model: onnx.ModelProto) -> str:
    kind = some(rng, model.graph.input).type.tensor_type
    match int(rng.integers(5)):
        case 0:
            kind.elem_type = int(rng.integers(0, 24))
        case 1 if kind.shape.dim:
            kind.shape.dim[int(rng.integers(len(kind.shape.dim)))].dim_value = pick(rng, INTEGERS)
        case 2 if kind.shape.dim:
            pick(rng, kind.shape.dim).Clear()
        case 3:
            kind.ClearField("shape")
        case _:
            kind.shape.dim.add(dim_value=1)
    return f"input: {str(kind).split()}"


def more_ends(rng: Rng, model: onnx.ModelProto) -> str:
    """Further inputs and outputs, or fewer."""
    value = helper.make_tensor_value_info("extra", 1, [1])
    names = [t for n in model.graph.node for t in n.output] or ["x"]
    match int(rng.integers(6)):
        case 0:
            model.graph.input.append(value)
        case 1:
            stored = some(rng, model.graph.initializer)
            model.graph.input.append(
                helper.make_tensor_value_info(stored.name, stored.data_type, list(stored.dims))
            )
        case 2:
            model.graph.output.add(name=pick(rng, names))
        case 3 if model.graph.output:
            model.graph.output[0].name = pick(rng, [*names, "data", "nothing"])
        case 4:
            del model.graph.output[:]
        case _:
            del model.graph.input[:]
    return f"{len(model.graph.input)} inputs, outputs {[o.name for o in model.graph.output]}"


def named(rng: Rng, model: onnx.ModelProto) -> str:
    node, new = some(rng, model.graph.node), pick(rng, NAMES)
    if rng.integers(2):
        for other in model.graph.node:
            other.name = new
    node.name = new
    return f"{node.op_type} named {new[:20]!r}"


def tensor_named(rng: Rng, model: onnx.ModelProto) -> str:
    """A tensor renamed wherever it occurs."""
    old = some(rng, [t for n in model.graph.node for t in n.output if t])
    new = pick(rng, NAMES[1:])
    for node in model.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for value in model.graph.output:
        value.name = new if value.name == old else value.name
    return f"tensor {old} named {new[:20]!r}"


def metadata(rng: Rng, model: onnx.ModelProto) -> str:
    model.metadata_props.add(key=pick(rng, NAMES), value="x")
    model.producer_name = pick(rng, NAMES)
    model.graph.doc_string = "y" * 1000
    model.graph.value_info.append(helper.make_tensor_value_info("conv1", 7, [1 << 40]))
    return "metadata and a wrong value_info"


def dead_loop(rng: Rng, model: onnx.ModelProto) -> str:
    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"])], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", ""], ["endless"], body=body))
    if rng.integers(2):
        some(rng, [n for n in model.graph.node if n.input]).input[0] = "endless"
    return "a Loop"


def function(rng: Rng, model: onnx.ModelProto) -> str:
    """One node becomes a call of a function that holds it; sometimes one that calls itself."""
    node = some(rng, model.graph.node)
    inner = onnx.NodeProto()
    inner.CopyFrom(node)
    if rng.integers(3) == 0:
        inner.op_type, inner.domain = "Wrapped", "local"
    made = helper.make_function(
        "local", "Wrapped", list(node.input), list(node.output), [inner], list(model.opset_import)
    )
    made.opset_import.add(domain="local", version=1)
    model.functions.append(made)
    text = f"{node.op_type} {node.name} in a function"
    node.op_type, node.domain = "Wrapped", "local"
    del node.attribute[:]
    model.opset_import.add(domain="local", version=1)
    return text
