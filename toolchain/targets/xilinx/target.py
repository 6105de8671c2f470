"""AMD's parts, as Vivado projects: the network behind AXI buses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hearth.toolchain.ir import Block
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.target import Board, Figures, Resources, Target, Wish
from hearth.toolchain.targets.xilinx import (
    boards,
    estimate,
    flow,
    memories,
    project,
    report,
    ultra,
    video,
)


class Xilinx(Target):
    """Projects for Vivado; resources counted by Yosys."""

    name = "xilinx"
    title = "AMD"
    tools = "Vivado"
    placer = "Vivado"
    loader = "AMD's tools, Vivado's hardware manager or PYNQ"
    loads = False
    group = "xilinx"
    pictures = frozenset(("axis",))
    boards = boards.BOARDS
    units = estimate.UNITS

    def estimate(self, needs: Needs, board: Board) -> Resources:
        return estimate.resources(needs, self.block(board), ultra.plan(needs, board.limits))

    def memories(self, needs: Needs, board: Board) -> list[dict[str, Any]]:
        return memories.rows(needs, ultra.plan(needs, board.limits))

    def block(self, board: Board) -> Block:
        return boards.BLOCKS[board.options["family"]]

    def project(self, build: Build, board: Board, wish: Wish) -> dict[str, str]:
        camera = video.of(build.design, board, wish, self.boards)
        return project.project(build, flow.at(board, wish.mhz), camera)

    def prepared(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Build:
        """HearthError for a camera that cannot be."""
        video.of(build.design, board, wish, self.boards)
        return build

    def run(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Figures:
        camera = video.of(build.design, board, wish, self.boards)
        return flow.make(build, board, wish.mhz, report, camera)

    def lines(self, figures: Figures) -> list[str]:
        return report.lines(figures)

    def made(self, figures: Figures, build: Path) -> str:
        return report.next_step(figures)

    def load(self, build: Build, board: Board) -> None:
        raise HearthError(f"program: {board.name} is loaded with {self.loader}")


TARGET = Xilinx()
