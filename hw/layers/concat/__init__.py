"""Concat: layer.py says what it computes."""

from hearth.hw.layers.concat.layer import Concat

__all__ = ["LAYER", "Concat"]

LAYER = Concat
