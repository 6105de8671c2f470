"""Gating: layer.py says what it computes."""

from hearth.hw.layers.gating.layer import Gating

__all__ = ["LAYER", "Gating"]

LAYER = Gating
