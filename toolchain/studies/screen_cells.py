"""What hw/video/hearth_screen.sv takes of an ECP5, counted by Yosys, as Markdown.

    python -m hearth.toolchain.studies.screen_cells

640x480 behind a camera of 640x480, by the number of the network's classes: the embedded network's
ten, and others with the same scores. docs/design/video.md quotes the table.
"""

from __future__ import annotations

from dataclasses import replace

from hearth.toolchain.studies import embedded
from hearth.toolchain.studies.ecp5_cells import KINDS, counts
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.screen import SOURCES
from hearth.toolchain.video.vga import screen

CLASSES = {10: 4, 100: 4, 1000: 2}
"""Classes, and bits of a name's letters: 16 letters, or numbers of four digits."""


def table() -> str:
    """A row for each number of classes."""
    base = screen(embedded.design().qgraph, Camera(640, 480), 60_000_000)
    rows = []
    for classes, letters in CLASSES.items():
        names = tuple(f"{i * 2654435761 % 2**32:08x}" for i in range(classes))
        built = replace(base, names=names, letters=letters)
        cells = counts("hearth_screen", SOURCES, built.parameters, "", built.roms())
        rows.append((f"{classes:,}", str(1 << letters), *cells))
    return lines(("classes", "letters", *KINDS), "rr" + "r" * len(KINDS), rows)


def main() -> None:
    print(table(), end="")


if __name__ == "__main__":
    script.run(main)
