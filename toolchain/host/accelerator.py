"""What every way to a network on an FPGA has in common: its interface, and what it answers with.

`SerialBoard` (board.py) and `DmaBoard` (toolchain/host/pynq.py) are the two ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from hearth.toolchain.ir import Array


@dataclass(frozen=True)
class Info:
    """What a board says about itself.

    image_bytes    of new weights that it takes while it runs; 0 when its weights are fixed
    hardware_id    what new weights must have been compiled for
    colours        bytes of a pixel
    """

    build_id: int
    height: int
    width: int
    classes: int
    top: int
    kernels: int
    clock_khz: int
    image_bytes: int = 0
    hardware_id: int = 0
    colours: int = 3


@dataclass(frozen=True, eq=False)
class Result:
    """One frame's result: logits int32 [classes], best classes first, cycles from first pixel to
    first logit."""

    logits: Array
    top: tuple[int, ...]
    cycles: int


@dataclass(frozen=True)
class Activity:
    """Cycles one kernel worked, waited for input, and waited for its output to be taken."""

    busy: int
    starved: int
    blocked: int


@dataclass(frozen=True)
class Counters:
    """Packets by status as the board saw them, and every kernel's activity since the last clear."""

    packets: dict[str, int]
    kernels: tuple[Activity, ...]


@dataclass(frozen=True)
class Speed:
    """Frames made on the board itself: cycles per frame at steady state, checksum of results."""

    frames: int
    cycles_per_frame: float
    checksum: int


class Accelerator(Protocol):
    """A network on an FPGA, however it is reached."""

    info: Info

    def results(self, frames: Array) -> Iterator[Result]:
        """Results of uint8 frames [n, height, width, colours], in order."""

    def counters(self, clear: bool = False) -> Counters:
        """Counters since the last clear."""
