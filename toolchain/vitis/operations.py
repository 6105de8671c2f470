"""What layer kinds say their hls4ml operations with: types, domains, and our own operations.

The operation itself is `Operation` (toolchain/ir.py). Layers that hls4ml lacks become operations of
our own domain (extension.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from toolchain.ir import Edge, Layer, Operation

CHANNELS_LAST = "qonnx.custom_op.channels_last"
OWN = "hearth"
ACCUMULATOR = "fixed<32,32>"


def precision(edge: Edge) -> str:
    """hls4ml's type of an edge's values; rounding and saturation are those of requantization."""
    return f"{'' if edge.signed else 'u'}fixed<{edge.bits},{edge.bits},RND,SAT>"


def own(
    layer: Layer,
    kind: str,
    source: str,
    name: str,
    attributes: Mapping[str, int | tuple[int, ...] | float],
) -> Operation:
    """An operation of our own, with the sizes of both maps among its attributes."""
    shape = {
        "in_height": layer.source.height,
        "in_width": layer.source.width,
        "in_channels": layer.source.channels,
        "out_height": layer.target.height,
        "out_width": layer.target.width,
        "out_channels": layer.target.channels,
    }
    return Operation(
        name,
        kind,
        OWN,
        (source,),
        layer.target.shape,
        {"result": precision(layer.target)},
        {**shape, **attributes},
        edge=layer.target.name,
    )
