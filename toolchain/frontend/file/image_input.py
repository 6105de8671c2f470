"""The input of an ONNX file: which one it is, how large an image it takes, in which order of axes.

[batch, 3, height, width]     colour, channels first; also [batch, height, width, 3]
[batch, 1, height, width]     grey
[batch, 4, height, width]     colour and a fourth channel: alpha, or depth
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto

from hearth.toolchain.support.errors import HearthError

LARGEST_SIDE = 4096
LARGEST_BATCH = 64
CHANNELS = (1, 3, 4)


@dataclass(frozen=True)
class ImageInput:
    """The image a network takes. `batch` is 0 when any number of frames will do."""

    name: str
    batch: int
    channels: int
    height: int
    width: int
    channels_last: bool

    @property
    def dims(self) -> tuple[int, int, int, int]:
        """Extents in the file's order."""
        if self.channels_last:
            return (self.batch, self.height, self.width, self.channels)
        return (self.batch, self.channels, self.height, self.width)


def image_input(
    path: Path,
    graph: onnx.GraphProto,
    constants: Collection[str],
    wanted: tuple[int, int] | None,
) -> ImageInput:
    """The one input that is no constant, of size `wanted` (height, width) if given."""
    entry = _entry(path, graph, constants)
    dims = [int(d.dim_value) for d in entry.type.tensor_type.shape.dim]
    last = len(dims) == 4 and dims[3] in CHANNELS and dims[1] not in CHANNELS
    if len(dims) != 4 or dims[3 if last else 1] not in (0, *CHANNELS):
        raise HearthError(
            f"{path}: input '{entry.name}' should be [batch, 3, height, width], or 1 channel for"
            " grey images, or 4 for colours with alpha or depth, found"
            f" {[d or '?' for d in dims]}"
        )
    height, width = wanted or (dims[1:3] if last else dims[2:4])
    if height < 1 or width < 1:
        raise HearthError(
            f"{path}: the size of input '{entry.name}' is not fixed in the file; give it with"
            " --input-size, such as --input-size 224"
        )
    if max(height, width) > LARGEST_SIDE:
        raise HearthError(
            f"{path}: input '{entry.name}' of {height}x{width} pixels is larger than"
            f" {LARGEST_SIDE}x{LARGEST_SIDE}; choose a smaller one with --input-size"
        )
    if not 0 <= dims[0] <= LARGEST_BATCH:
        raise HearthError(
            f"{path}: a fixed batch of {dims[0]} frames is not supported; export with batch size 1"
        )
    channels = dims[3 if last else 1] or 3
    return ImageInput(str(entry.name), dims[0], channels, height, width, last)


def _entry(path: Path, graph: onnx.GraphProto, constants: Collection[str]) -> onnx.ValueInfoProto:
    entries = [entry for entry in graph.input if entry.name not in constants]
    if len(entries) != 1:
        raise HearthError(
            f"{path}: one input, an image, is expected, found {len(entries)}:"
            f" {', '.join(entry.name for entry in entries) or 'none'}"
        )
    if entries[0].type.tensor_type.elem_type != TensorProto.FLOAT:
        kind = entries[0].type.tensor_type.elem_type
        known = TensorProto.DataType.Name(kind) if kind in TensorProto.DataType.values() else kind
        raise HearthError(
            f"{path}: input '{entries[0].name}' should be float32 (FLOAT), found {known}; export"
            " the float model, Hearth does the quantizing"
        )
    entry: onnx.ValueInfoProto = entries[0]
    return entry


def resized(proto: onnx.ModelProto, image: ImageInput) -> onnx.ModelProto:
    """A copy whose input has the wanted size; shapes that followed from the old one are dropped."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    del copy.graph.value_info[:]
    for output in copy.graph.output:
        for dim in output.type.tensor_type.shape.dim:
            dim.Clear()
    for value in copy.graph.input:
        if value.name == image.name:
            for dim, extent in zip(value.type.tensor_type.shape.dim, image.dims, strict=True):
                if extent:
                    dim.dim_value = extent
    return copy


def shapes(proto: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Shapes of all tensors as far as they can be inferred; 0 is an unknown extent."""
    try:
        graph = onnx.shape_inference.infer_shapes(proto, data_prop=True).graph
    except (onnx.shape_inference.InferenceError, RuntimeError, ValueError):
        return {}
    return {
        value.name: tuple(int(dim.dim_value) for dim in value.type.tensor_type.shape.dim)
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
    }
