"""Conv: layer.py says what it computes."""

from hearth.hw.layers.conv.layer import Conv

__all__ = ["LAYER", "Conv"]

LAYER = Conv
