"""Resize, Upsample: the nearest pixel of a map that is a whole number of times smaller.

Resize (nearest), any rounding and coordinates that come to the same     FloatUpsample

Which pixel is the nearest, ONNX computes in real numbers, in several ways. For whole factors most
of them repeat every pixel; the file's own is computed here and held against that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.layers.maps import Map, Step
from hearth.toolchain.ir import Array, FloatUpsample
from hearth.toolchain.support.errors import HearthError

LARGEST_SIDE = 4096
"""Of a map, in pixels."""
_PLACES: Mapping[str, Callable[[Array, int], Array]] = {
    "asymmetric": lambda at, factor: at / factor,
    "half_pixel": lambda at, factor: (at + 0.5) / factor - 0.5,
    "pytorch_half_pixel": lambda at, factor: (at + 0.5) / factor - 0.5,
    "tf_half_pixel_for_nn": lambda at, factor: (at + 0.5) / factor,
}
"""ONNX's coordinate_transformation_mode: from a place in the result to one in the map."""
_ROUNDED: Mapping[str, Callable[[Array], Array]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "round_prefer_floor": lambda place: np.ceil(place - 0.5),
    "round_prefer_ceil": lambda place: np.floor(place + 0.5),
}


def resize(model: OnnxModel, node: Node, source: Map) -> Step:
    """HearthError where a result is anything but pixels repeated."""
    mode = str(node.attributes.get("mode", "nearest"))
    factors = _factors(model, node, source)
    down, across = factors
    whole = all(factor >= 1 and factor == int(factor) for factor in factors)
    if mode != "nearest" or not whole or not all(_repeats(node, int(f)) for f in factors):
        raise HearthError(
            f"{node.name}: {node.op} is supported where it repeats the pixels of a map a whole"
            f" number of times (mode 'nearest', factors of 1, 2, 3...), found mode '{mode}',"
            f" factors {down:g} and {across:g}, {_told(node)}"
        )
    height, width = source.height * int(down), source.width * int(across)
    if max(height, width) > LARGEST_SIDE:
        raise HearthError(
            f"{node.name}: makes a map of {height}x{width} pixels, larger than {LARGEST_SIDE}"
        )
    layer = FloatUpsample(
        node.name, (node.name,), node.target, (source.tensor,), (int(down), int(across))
    )
    return layer, Map(node.target, source.channels, height, width)


def _factors(model: OnnxModel, node: Node, source: Map) -> tuple[float, float]:
    """How many times larger the result is, down and across."""
    size = (1, source.channels, source.height, source.width)
    scales = _constant(model, node, 1 if node.op == "Upsample" else 2)
    given = scales if scales is not None else node.attributes.get("scales")
    if given is None:
        sizes = _constant(model, node, 3)
        given = None if sizes is None else np.asarray(sizes, np.float64) / size
        if given is not None and len(given) == 4:
            given[0] = 1.0  # any number of frames
    if given is None or len(given) != 4 or list(given[:2]) != [1, 1] or node.flag("axes"):
        raise HearthError(
            f"{node.name}: {node.op} should have four scales, or sizes, that are constants in the"
            " file and leave frames and channels as they are; export the model with an input of"
            " fixed size"
        )
    return float(given[2]), float(given[3])


def _constant(model: OnnxModel, node: Node, position: int) -> Array | None:
    found = model.constants.get(node.optional(position))
    return found if found is not None and found.size else None


def _repeats(node: Node, factor: int) -> bool:
    """Whether the file's rule gives each of `factor` places in a row the pixel that they are of."""
    place = _PLACES.get(_coordinates(node))
    rounded = _ROUNDED.get(_rounding(node))
    if place is None or rounded is None:
        return False
    at = np.arange(8 * factor, dtype=np.float64)
    found = rounded(place(at, factor)).clip(0, 7)
    return bool((found == at // factor).all())


def _coordinates(node: Node) -> str:
    usual = "asymmetric" if node.op == "Upsample" else "half_pixel"
    return str(node.attributes.get("coordinate_transformation_mode", usual))


def _rounding(node: Node) -> str:
    usual = "floor" if node.op == "Upsample" else "round_prefer_floor"
    return str(node.attributes.get("nearest_mode", usual))


def _told(node: Node) -> str:
    return f"coordinates '{_coordinates(node)}', nearest '{_rounding(node)}'"
