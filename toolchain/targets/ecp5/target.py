"""Lattice ECP5, with open tools only: Yosys, nextpnr, ecppack, openFPGALoader."""

from __future__ import annotations

from hearth.toolchain.targets.ecp5 import boards, estimate
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.target import Board, Resources, Target


class Ecp5(Target):
    """The network behind a serial link."""

    name = "ecp5"
    title = "Lattice ECP5"
    tools = "Yosys, nextpnr"
    group = "ecp5"
    boards = boards.BOARDS
    units = estimate.UNITS

    def estimate(self, needs: Needs, board: Board) -> Resources:
        return estimate.resources(needs, board)

    def usable(self, board: Board) -> Resources:
        return estimate.usable(board)


TARGET = Ecp5()
