"""Table: layer.py says what it computes."""

from hearth.hw.layers.table.layer import Table

__all__ = ["LAYER", "Table"]

LAYER = Table
