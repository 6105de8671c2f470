"""The oscillator of a board without a processor, read from amaranth-boards."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.target import Board


@dataclass(frozen=True)
class Oscillator:
    """Differential clock input: balls of the pair and the I/O standard."""

    mhz: float
    positive: str
    negative: str
    standard: str


def oscillator(board: Board) -> Oscillator:
    """The board's clock input; HearthError when amaranth-boards is not installed."""
    module, name = board.platform
    if importlib.util.find_spec("amaranth_boards") is None:
        raise HearthError(
            f"--board {board.name}: its pins come from amaranth-boards, which is not installed;"
            f" {advice.install('xilinx')}"
        )
    platform = getattr(importlib.import_module(f"amaranth_boards.{module}"), name)
    clock = next(item for item in platform.resources if item.name == platform.default_clk)
    pair = clock.ios[0]
    return Oscillator(
        clock.clock.frequency / 1e6,
        pair.p.names[0],
        pair.n.names[0],
        clock.attrs["IOSTANDARD"],
    )
