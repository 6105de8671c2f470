"""Where a sliding window lies on a map: the ONNX rules for pads, auto_pad and ceil_mode.

Specification: https://onnx.ai/onnx/operators/onnx__Conv.html and onnx__MaxPool.html. Each number of
a window is one for each axis, rows first.
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.frontend.file.onnx_model import Node
from hearth.toolchain.ir import Pads, Pair, extent
from hearth.toolchain.support.errors import HearthError

LARGEST_KERNEL = 15
LARGEST_EXTENT = 127
"""Pixels along one side that a dilated window may span."""
LARGEST_STRIDE = 4096
AUTO_PADS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


@dataclass(frozen=True)
class Window:
    """A window on a map, and the size of the map that comes out. A single tap along an axis has no
    neighbour, and so a dilation of 1 there."""

    kernel: Pair
    strides: Pair
    dilations: Pair
    pads: Pads
    ceil: bool
    height: int
    width: int


def window(node: Node, kernel: Pair, height: int, width: int) -> Window:
    """Decode the window attributes of a Conv or a pool over a height x width map."""
    strides = _pair(node, "strides", 1)
    down, across = _pair(node, "dilations", 1)
    dilations = (down if kernel[0] > 1 else 1, across if kernel[1] > 1 else 1)
    span = extent(kernel, dilations)
    _check_sizes(node, kernel, span, strides)
    ceil = node.flag("ceil_mode")
    node.flag("storage_order")  # of the indices, which nobody reads
    pads = _pads(node, span, strides, (height, width))
    top, left, bottom, right = pads
    return Window(
        kernel,
        strides,
        dilations,
        pads,
        ceil,
        _count(node, height, top, bottom, span[0], strides[0], ceil),
        _count(node, width, left, right, span[1], strides[1], ceil),
    )


def pool_kernel(node: Node) -> Pair:
    """The window of a pool from its kernel_shape."""
    if "kernel_shape" not in node.attributes:
        raise HearthError(f"{node.name}: kernel_shape is missing")
    return _pair(node, "kernel_shape", 1)


def _check_sizes(node: Node, kernel: Pair, span: Pair, strides: Pair) -> None:
    if max(kernel) > LARGEST_KERNEL:
        raise HearthError(
            f"{node.name}: a window of side {max(kernel)} is larger than the supported"
            f" {LARGEST_KERNEL}"
        )
    if max(span) > LARGEST_EXTENT:
        raise HearthError(
            f"{node.name}: dilations {list(node.attributes['dilations'])} spread the window over"
            f" {max(span)} pixels, more than the supported {LARGEST_EXTENT}"
        )
    if max(strides) > LARGEST_STRIDE:
        raise HearthError(
            f"{node.name}: a stride of {max(strides)} is larger than the supported {LARGEST_STRIDE}"
        )


def _pair(node: Node, attribute: str, default: int) -> Pair:
    values = node.attributes.get(attribute) or [default, default]
    if len(values) != 2 or min(values) < 1:
        raise HearthError(
            f"{node.name}: {attribute} should be two numbers from 1, found {list(values)}"
        )
    return int(values[0]), int(values[1])


def _pads(node: Node, span: Pair, strides: Pair, size: Pair) -> Pads:
    """Explicit pads, or those that auto_pad stands for."""
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto not in AUTO_PADS:
        raise HearthError(
            f"{node.name}: auto_pad should be one of {', '.join(AUTO_PADS)}, found '{auto}'"
        )
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        axes = zip(span, strides, size, strict=True)
        totals = [
            max(0, (-(-side // step) - 1) * step + reach - side) for reach, step, side in axes
        ]
        small = [total // 2 for total in totals]
        large = [total - half for total, half in zip(totals, small, strict=True)]
        first, last = (small, large) if auto == "SAME_UPPER" else (large, small)
        return (first[0], first[1], last[0], last[1])
    pads = [0, 0, 0, 0] if auto == "VALID" else list(node.attributes.get("pads") or [0, 0, 0, 0])
    if len(pads) != 4 or not all(
        0 <= pad <= reach for pad, reach in zip(pads, (*span, *span), strict=True)
    ):
        raise HearthError(
            f"{node.name}: pads should be four numbers from 0 to the window's {span[0]} rows and"
            f" {span[1]} columns, found {pads}"
        )
    return (int(pads[0]), int(pads[1]), int(pads[2]), int(pads[3]))


def _count(
    node: Node, side: int, before: int, after: int, span: int, stride: int, ceil: bool
) -> int:
    """Pixels along one side of the result."""
    room = side + before + after - span
    if room < 0:
        raise HearthError(
            f"{node.name}: a window that spans {span} pixels does not fit into a map with a side of"
            f" {side} pixels; the input size is too small for this network"
        )
    return windows(room, side + before, stride, ceil)


def windows(room: int, end: int, stride: int, ceil: bool) -> int:
    """Windows along one side. The last may begin `room` pixels behind the first, and the map ends
    `end` pixels behind it; in ceil mode one more counts, partly covered, if it begins on the map.
    """
    count = room // stride + 1
    if ceil and room % stride and count * stride < end:
        count += 1
    return count
