"""Where a sliding window lies on a map: the ONNX rules for pads, auto_pad and ceil_mode.

Specification: https://onnx.ai/onnx/operators/onnx__Conv.html and onnx__MaxPool.html. Both axes are
square here (one kernel size, one stride), which is all that SqueezeNets use.
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.frontend.file.onnx_model import Node
from hearth.toolchain.ir import Pads
from hearth.toolchain.support.errors import HearthError

LARGEST_KERNEL = 15
LARGEST_STRIDE = 4096
AUTO_PADS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


@dataclass(frozen=True)
class Window:
    """A square window on a map, and the size of the map that comes out."""

    kernel: int
    stride: int
    pads: Pads
    ceil: bool
    height: int
    width: int


def window(node: Node, kernel: int, height: int, width: int) -> Window:
    """Decode the window attributes of a Conv or a pool over a height x width map."""
    stride = _square(node, "strides", 1)
    if _square(node, "dilations", 1) != 1 and kernel > 1:
        raise HearthError(
            f"{node.name}: dilations {list(node.attributes['dilations'])} are not supported, only 1"
        )
    if kernel > LARGEST_KERNEL:
        raise HearthError(
            f"{node.name}: a window of side {kernel} is larger than the supported {LARGEST_KERNEL}"
        )
    if stride > LARGEST_STRIDE:
        raise HearthError(
            f"{node.name}: a stride of {stride} is larger than the supported {LARGEST_STRIDE}"
        )
    ceil = node.flag("ceil_mode")
    node.flag("storage_order")  # of the indices, which nobody reads
    pads = _pads(node, kernel, stride, (height, width))
    top, left, bottom, right = pads
    return Window(
        kernel,
        stride,
        pads,
        ceil,
        _extent(node, height, top, bottom, kernel, stride, ceil),
        _extent(node, width, left, right, kernel, stride, ceil),
    )


def square_kernel(node: Node) -> int:
    """The window size of a pool from its kernel_shape."""
    if "kernel_shape" not in node.attributes:
        raise HearthError(f"{node.name}: kernel_shape is missing")
    return _square(node, "kernel_shape", 1)


def _square(node: Node, attribute: str, default: int) -> int:
    values = node.attributes.get(attribute) or [default, default]
    if len(values) != 2 or values[0] != values[1] or values[0] < 1:
        raise HearthError(
            f"{node.name}: {attribute} should be two equal numbers from 1, found {list(values)}"
        )
    return int(values[0])


def _pads(node: Node, kernel: int, stride: int, size: tuple[int, int]) -> Pads:
    """Explicit pads, or those that auto_pad stands for."""
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto not in AUTO_PADS:
        raise HearthError(
            f"{node.name}: auto_pad should be one of {', '.join(AUTO_PADS)}, found '{auto}'"
        )
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        totals = [max(0, (-(-side // stride) - 1) * stride + kernel - side) for side in size]
        small = [total // 2 for total in totals]
        large = [total - half for total, half in zip(totals, small, strict=True)]
        first, last = (small, large) if auto == "SAME_UPPER" else (large, small)
        return (first[0], first[1], last[0], last[1])
    pads = [0, 0, 0, 0] if auto == "VALID" else list(node.attributes.get("pads") or [0, 0, 0, 0])
    if len(pads) != 4 or not all(0 <= pad <= kernel for pad in pads):
        raise HearthError(
            f"{node.name}: pads should be four numbers from 0 to the kernel size {kernel}, found"
            f" {pads}"
        )
    return (int(pads[0]), int(pads[1]), int(pads[2]), int(pads[3]))


def _extent(
    node: Node, side: int, before: int, after: int, kernel: int, stride: int, ceil: bool
) -> int:
    """Pixels along one side of the result."""
    room = side + before + after - kernel
    if room < 0:
        raise HearthError(
            f"{node.name}: a {kernel}x{kernel} window does not fit into a map with a side of {side}"
            " pixels; the input size is too small for this network"
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
