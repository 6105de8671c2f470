"""Names that nothing in a file bears yet."""

from __future__ import annotations

from collections.abc import Iterable

import onnx


class Names:
    """Names that are taken."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def fresh(self, wanted: str) -> str:
        """The name, or a longer one where it is taken; taken from now on."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted


def of_tensors(graph: onnx.GraphProto) -> Names:
    """What the tensors of a graph are called, but for those of graphs within it."""
    stored = [tensor.name for tensor in (*graph.initializer, *graph.input)]
    return Names([*stored, *(name for node in graph.node for name in (*node.input, *node.output))])
