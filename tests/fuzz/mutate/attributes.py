"""Mutations of nodes' attributes."""

from __future__ import annotations

from typing import Any

import onnx
from onnx import helper

from tests.fuzz.mutate.choices import FLOATS, INTEGERS, Rng, pick, some

ATTRIBUTES: tuple[tuple[str, Any], ...] = (
    ("ceil_mode", 1),
    ("ceil_mode", 1 << 32),
    ("auto_pad", "SAME_LOWER"),
    ("auto_pad", "VALID"),
    ("auto_pad", "ANY"),
    ("dilations", [2, 2]),
    ("dilations", [1, 1]),
    ("group", 1),
    ("group", 0),
    ("axis", 0),
    ("axis", 1),
    ("axis", -1),
    ("axis", 9),
    ("keepdims", 0),
    ("epsilon", 0.1),
    ("epsilon", float("nan")),
    ("count_include_pad", 1),
    ("storage_order", 1),
    ("strides", [1, 1]),
    ("strides", [2, 2]),
    ("strides", []),
    ("pads", [1, 1, 1, 1]),
    ("pads", [0, 1, 0, 1]),
    ("pads", [-1, 0, 0, 0]),
    ("kernel_shape", [1, 1]),
    ("kernel_shape", [3]),
    ("training_mode", 1),
    ("allowzero", 1),
    ("noop_with_empty_axes", 1),
    ("axes", [2]),
    ("axes", []),
    ("signed", 0),
    ("narrow", 1),
    ("rounding_mode", "FLOOR"),
    ("saturate", 0),
    ("block_size", 2),
    ("to", 1),
    ("no_such_attribute", 1),
)


def attribute_value(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, [n for n in model.graph.node if n.attribute])
    attribute = pick(rng, node.attribute)
    match attribute.type:
        case onnx.AttributeProto.INT:
            attribute.i = pick(rng, INTEGERS)
        case onnx.AttributeProto.FLOAT:
            attribute.f = pick(rng, FLOATS)
        case onnx.AttributeProto.STRING:
            attribute.s = pick(
                rng, (b"", b"SAME_UPPER", b"VALID", b"FLOOR", b"\xff\xfe", b"x" * 100)
            )
        case onnx.AttributeProto.INTS if attribute.ints:
            attribute.ints[int(rng.integers(len(attribute.ints)))] = pick(rng, INTEGERS)
        case _:
            attribute.type = pick(rng, (0, 1, 2, 3, 4, 7, 99))
    return f"{node.op_type}.{attribute.name} changed"


def attribute_all(rng: Rng, model: onnx.ModelProto) -> str:
    """All numbers of a list alike, so that windows stay square."""
    found = [a for n in model.graph.node for a in n.attribute if a.ints]
    attribute, value = some(rng, found), pick(rng, INTEGERS)
    attribute.ints[:] = [value] * len(attribute.ints)
    return f"{attribute.name} = {value} everywhere"


def attribute_length(rng: Rng, model: onnx.ModelProto) -> str:
    attribute = some(rng, [a for n in model.graph.node for a in n.attribute if a.ints])
    attribute.ints[:] = [*attribute.ints, 1] if rng.integers(2) else list(attribute.ints)[1:]
    return f"{attribute.name} has {len(attribute.ints)} numbers"


def attribute_gone(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, [n for n in model.graph.node if n.attribute])
    index = int(rng.integers(len(node.attribute)))
    name = node.attribute[index].name
    del node.attribute[index]
    return f"{node.op_type}.{name} deleted"


def attribute_new(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, model.graph.node)
    name, value = pick(rng, ATTRIBUTES)
    kept = [a for a in node.attribute if a.name != name or rng.integers(8) == 0]
    rest = [*kept, helper.make_attribute(name, value, attr_type=_kind(value))]
    copies = [onnx.AttributeProto.FromString(a.SerializeToString()) for a in rest]
    del node.attribute[:]
    node.attribute.extend(copies)
    return f"{node.op_type}.{name} = {value}"


def _kind(value: Any) -> int | None:
    return onnx.AttributeProto.INTS if value == [] else None
