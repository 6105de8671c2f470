"""AMD's 7 series with open tools only: Yosys, nextpnr, Project X-Ray, openFPGALoader."""

from __future__ import annotations

from functools import partial
from typing import Any

from hearth.toolchain.ir import Block
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.serial import fit
from hearth.toolchain.targets.serial.link_target import LinkTarget
from hearth.toolchain.targets.target import Board, Figures, Resources, Wish
from hearth.toolchain.targets.xc7 import boards, estimate, flow, project, report
from hearth.toolchain.targets.xilinx import memories


class Xc7(LinkTarget):
    """The network behind a serial link."""

    name = "xc7"
    title = "AMD 7 series, open tools"
    tools = "Yosys, nextpnr"
    placer = "nextpnr-himbaechel"
    loader = "openFPGALoader"
    loads = True
    group = "xc7"
    options = frozenset(("seed", "placed", "fit"))
    boards = boards.BOARDS
    units = estimate.UNITS

    def estimate(self, needs: Needs, board: Board) -> Resources:
        return estimate.resources(needs)

    def memories(self, needs: Needs, board: Board) -> list[dict[str, Any]]:
        return memories.rows(needs)

    def block(self, board: Board) -> Block:
        return estimate.BLOCK

    def usable(self, board: Board) -> Resources:
        return estimate.usable(board)

    def project(self, build: Build, board: Board, wish: Wish) -> dict[str, str]:
        return project.files(build, project.plan(build, board, wish))

    def prepared(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Build:
        """Folded anew with --fit; HearthError that says what would fit if the build does not."""
        over = partial(estimate.over, board=board)
        if wish.fit and wish.placed is None:
            build = fit.refit(build, board, over, report)
        fit.check(build.design, board, over)
        return build

    def run(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Figures:
        if wish.placed is not None:
            return flow.swap(build, build_folder.load(wish.placed), board, wish)
        return flow.make(build, board, wish, report)

    def lines(self, figures: Figures) -> list[str]:
        return list(report.lines(figures))


TARGET = Xc7()
