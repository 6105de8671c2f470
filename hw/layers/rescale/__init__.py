"""Rescale: layer.py says what it computes."""

from hearth.hw.layers.rescale.layer import LARGEST_FACTOR, LARGEST_SHIFT, Rescale

__all__ = ["LARGEST_FACTOR", "LARGEST_SHIFT", "LAYER", "Rescale"]

LAYER = Rescale
