"""TopK: layer.py says what it computes."""

from hearth.hw.layers.topk.layer import TopK

__all__ = ["LAYER", "TopK"]

LAYER = TopK
