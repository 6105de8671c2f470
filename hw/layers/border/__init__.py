"""Border: layer.py says what it computes."""

from hearth.hw.layers.border.layer import Border

__all__ = ["LAYER", "Border"]

LAYER = Border
