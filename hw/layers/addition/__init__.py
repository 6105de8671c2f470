"""Addition: layer.py says what it computes."""

from hearth.hw.layers.addition.layer import Addition

__all__ = ["LAYER", "Addition"]

LAYER = Addition
