"""Counts what a protobuf file would unfold into, before it is unfolded.

Two bytes of a file can become a message of 150 in memory, so 256 MiB could take 19 GB. The fields
are walked here without making anything of them, with the message types that onnx declares, and the
walk ends at a limit. Encoding: https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10
DEEPEST = 100
"""Messages inside each other that protobuf's own parsers accept."""


class MalformedError(ValueError):
    """Not the encoding of any message."""


def fields(data: bytes, kind: Descriptor, limit: int) -> int:
    """How many fields a message of this kind has, those inside it included; stops beyond `limit`.

    Raises MalformedError for what is no message, and for groups, which ONNX has none of.
    """
    count = 0
    pending = [(0, len(data), kind, 0)]
    while pending:
        position, end, kind, depth = pending.pop()
        if depth > DEEPEST:
            raise MalformedError("nested too deep")
        while position < end and count <= limit:
            key, position = _varint(data, position, end)
            count += 1
            start, position = _value(data, position, end, key & 7)
            field = kind.fields_by_number.get(key >> 3)
            if key & 7 == LENGTH and field and field.type == FieldDescriptor.TYPE_MESSAGE:
                pending.append((start, position, field.message_type, depth + 1))
    return count


def _value(data: bytes, position: int, end: int, wire: int) -> tuple[int, int]:
    """Where a value starts and ends."""
    start = position
    if wire == VARINT:
        _, position = _varint(data, position, end)
    elif wire == LENGTH:
        length, start = _varint(data, position, end)
        position = start + length
    elif wire in (FIXED64, FIXED32):
        position += 8 if wire == FIXED64 else 4
    else:
        raise MalformedError(f"wire type {wire}")
    if position > end:
        raise MalformedError("a value ends behind its message")
    return start, position


def _varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    if position < end and data[position] < 128:  # nearly all of them
        return data[position], position + 1
    value = 0
    for i, byte in enumerate(data[position : min(end, position + LONGEST_VARINT)]):
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, position + i + 1
    raise MalformedError("a number without an end")
