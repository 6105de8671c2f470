"""AMD's parts, as Vivado projects: the network behind AXI buses."""

from __future__ import annotations

from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.target import Board, Resources, Target
from hearth.toolchain.targets.xilinx import boards, estimate


class Xilinx(Target):
    """Projects for Vivado; resources counted by Yosys."""

    name = "xilinx"
    title = "AMD"
    tools = "Vivado"
    group = "xilinx"
    boards = boards.BOARDS
    units = estimate.UNITS

    def estimate(self, needs: Needs, board: Board) -> Resources:
        return estimate.resources(needs)


TARGET = Xilinx()
