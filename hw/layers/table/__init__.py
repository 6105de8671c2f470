"""Table: layer.py says what it computes."""

from hw.layers.table.layer import Table

__all__ = ["LAYER", "Table"]

LAYER = Table
