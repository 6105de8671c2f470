"""Where things lie in the picture of a dataflow, in pixels: as a file, and on a telephone."""

from __future__ import annotations

from dataclasses import dataclass

HEAD, LEFT, TRACK = 64, 16, 10
"""Height of the title, margin at both sides, distance of lines that go past kernels."""


@dataclass(frozen=True)
class Layout:
    """A column of boxes, one for each kernel, with words between each two.

    width       without the lines that go past kernels
    box, gap    height of a kernel's box, and of what is between two
    name        characters of a name that are shown
    lines       from a box's top to the foot of each line about kind, folding and ROM
    cycles      and of that about cycles, above the bar
    mark        and of the word that marks the bottleneck
    bar, bar_width  where bar and cycles begin, and how long a full bar is
    edge        from a box's foot to that of each line about the stream behind it
    """

    width: int
    box: int
    gap: int
    name: int
    lines: tuple[int, ...]
    cycles: int
    mark: int
    bar: int
    bar_width: int
    edge: tuple[int, ...]

    @property
    def pitch(self) -> int:
        """From a box to the next."""
        return self.box + self.gap

    @property
    def right(self) -> int:
        """Where boxes end."""
        return self.width - LEFT


WIDE = Layout(760, 46, 34, 48, (36,), 19, 20, 430, 190, (21,))
NARROW = Layout(340, 98, 50, 28, (36, 52), 72, 19, 28, 284, (20, 36))
