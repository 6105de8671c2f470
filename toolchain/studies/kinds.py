"""The layer kinds there are, as Markdown: what each computes, what else it has.

    python -m hearth.toolchain.studies.kinds

Asks the folders of hw/layers; docs/design/architecture.md holds what this prints.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from hearth.hw import layers
from hearth.toolchain.ir import Layer, Weighted
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script


def rows() -> Iterator[tuple[str, ...]]:
    for kind, layer in layers.kinds().items():
        text = inspect.getdoc(layer) or ""
        yield (
            f"`{kind}`",
            " ".join(text.split("\n\n")[0].split()),
            "yes" if issubclass(layer, Weighted) else "",
            "yes" if layer.hls4ml is not Layer.hls4ml else "",
        )


def table() -> str:
    """One row per kind."""
    heads = ("kind", "what it computes", "weights", "hls4ml")
    return lines(heads, "llll", rows())


def main() -> None:
    print(table(), end="")


if __name__ == "__main__":
    script.run(main)
