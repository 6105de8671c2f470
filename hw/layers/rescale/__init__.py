"""Rescale: layer.py says what it computes."""

from hw.layers.rescale.layer import Rescale

__all__ = ["LAYER", "Rescale"]

LAYER = Rescale
