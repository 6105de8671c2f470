"""Mutations of a model: each changes one thing and says in a few words what.

Attributes, dimensions, types, stored values and those of quantizers above all, nodes gone, doubled,
rewired or of another kind, operator sets, inputs and outputs, names, hostile extras, and at the end
single bytes of the file.
"""

from __future__ import annotations

from tests.fuzz.mutate import attributes, frame, nodes, tensors
from tests.fuzz.mutate.choices import Mutation, Rng

MUTATIONS: tuple[Mutation, ...] = (
    attributes.attribute_value,
    attributes.attribute_value,
    attributes.attribute_all,
    attributes.attribute_length,
    attributes.attribute_gone,
    attributes.attribute_new,
    attributes.attribute_new,
    tensors.tensor_dims,
    tensors.tensor_cut,
    tensors.tensor_type,
    tensors.tensor_converted,
    tensors.tensor_values,
    tensors.tensor_values,
    tensors.quantizer_values,
    tensors.quantizer_values,
    tensors.quantizer_values,
    tensors.tensor_bytes,
    tensors.tensor_moved,
    tensors.tensor_twice,
    tensors.tensor_gone,
    tensors.tensor_spelled,
    tensors.tensors_as_nodes,
    nodes.node_bypassed,
    nodes.node_bypassed,
    nodes.node_gone,
    nodes.node_doubled,
    nodes.node_in_series,
    nodes.nodes_swapped,
    nodes.node_order,
    nodes.rewired,
    nodes.rewired,
    nodes.inputs_changed,
    nodes.operator,
    nodes.domain,
    nodes.inserted,
    nodes.inserted,
    nodes.inserted,
    nodes.inserted,
    frame.opset,
    frame.ir_version,
    frame.entry,
    frame.more_ends,
    frame.named,
    frame.tensor_named,
    frame.metadata,
    frame.dead_loop,
    frame.function,
)


def flipped(rng: Rng, data: bytes) -> tuple[bytes, str]:
    """A few bytes of the file changed, gone or new."""
    if not data:
        return data, "nothing"
    array = bytearray(data)
    place = int(rng.integers(len(array)))
    match int(rng.integers(4)):
        case 0:
            array[place] ^= 1 << int(rng.integers(8))
        case 1:
            array[place : place + 1 + int(rng.integers(8))] = b""
        case 2:
            array[place:place] = rng.bytes(1 + int(rng.integers(8)))
        case _:
            del array[place:]
    return bytes(array), f"bytes changed at {place}"
