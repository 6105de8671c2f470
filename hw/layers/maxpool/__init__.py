"""MaxPool: layer.py says what it computes."""

from hw.layers.maxpool.layer import MaxPool

__all__ = ["LAYER", "MaxPool"]

LAYER = MaxPool
