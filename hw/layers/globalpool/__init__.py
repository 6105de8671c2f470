"""GlobalPool: layer.py says what it computes."""

from hearth.hw.layers.globalpool.layer import GlobalPool

__all__ = ["LAYER", "GlobalPool"]

LAYER = GlobalPool
