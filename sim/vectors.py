"""Golden values as the files the harness reads, and the way back from a beat to a value.

A beat carries `beat` channels, the lowest in the lowest bits; every pixel starts a new beat, and
the unused channels of a pixel's last beat are zero. In a file each beat takes whole bytes, highest
byte first, as SystemVerilog's $fread wants them.
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Array, Edge


def beats_per_pixel(edge: Edge, beat: int) -> int:
    return -(-edge.channels // beat)


def beats_per_frame(edge: Edge, beat: int) -> int:
    return edge.pixels * beats_per_pixel(edge, beat)


def encode(frames: Array, edge: Edge, beat: int) -> bytes:
    """The beats of `frames` [n, height, width, channels], in order."""
    count = beats_per_pixel(edge, beat)
    padded = np.zeros((len(frames) * edge.pixels, count * beat), edge.dtype)
    padded[:, : edge.channels] = frames.reshape(-1, edge.channels)
    values = padded.reshape(-1, beat)[:, ::-1]
    if edge.bits == 8 * edge.dtype.itemsize:
        return values.astype(edge.dtype.newbyteorder(">")).tobytes()
    octets = np.ascontiguousarray(values.astype(edge.dtype.newbyteorder(">"))).view(np.uint8)
    bits = np.unpackbits(octets.reshape(*values.shape, -1), axis=-1)[..., -edge.bits :]
    bits = bits.reshape(len(values), beat * edge.bits)
    lead = -bits.shape[1] % 8
    return np.packbits(np.pad(bits, ((0, 0), (lead, 0))), axis=-1).tobytes()


def unpack(word: int, edge: Edge, beat: int) -> list[int]:
    """The `beat` channel values of one beat, lowest channel first."""
    values = [word >> (edge.bits * i) & ((1 << edge.bits) - 1) for i in range(beat)]
    sign = 1 << (edge.bits - 1) if edge.signed else 0
    return [v - (1 << edge.bits) if v & sign else v for v in values]


def locate(index: int, edge: Edge, beat: int) -> tuple[int, int, int, int]:
    """Frame, row, column and first channel of beat number `index` of an edge."""
    per_pixel = beats_per_pixel(edge, beat)
    pixel, part = divmod(index, per_pixel)
    frame, pixel = divmod(pixel, edge.pixels)
    row, column = divmod(pixel, edge.width)
    return frame, row, column, part * beat
