"""MaxPool: layer.py says what it computes."""

from hearth.hw.layers.maxpool.layer import MaxPool

__all__ = ["LAYER", "MaxPool"]

LAYER = MaxPool
