"""Upsample: layer.py says what it computes."""

from hearth.hw.layers.upsample.layer import Upsample

__all__ = ["LAYER", "Upsample"]

LAYER = Upsample
