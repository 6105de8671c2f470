"""Lattice ECP5, with open tools only: Yosys, nextpnr, ecppack, openFPGALoader."""

from __future__ import annotations

from functools import partial
from typing import Any

from hearth.toolchain.ir import Block
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.targets import lanes
from hearth.toolchain.targets.ecp5 import boards, estimate, flow, multipliers, project, report
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.serial import fit
from hearth.toolchain.targets.serial.link_target import LinkTarget
from hearth.toolchain.targets.target import Board, Figures, Resources, Wish


class Ecp5(LinkTarget):
    """The network behind a serial link."""

    name = "ecp5"
    title = "Lattice ECP5"
    tools = "Yosys, nextpnr"
    placer = "nextpnr"
    loader = "openFPGALoader"
    loads = True
    group = "ecp5"
    options = frozenset(("seed", "seeds", "placed", "live", "fit"))
    pictures = frozenset(("camera", "camera+screen"))
    boards = boards.BOARDS
    units = estimate.UNITS

    def estimate(self, needs: Needs, board: Board) -> Resources:
        return estimate.resources(needs, board)

    def memories(self, needs: Needs, board: Board) -> list[dict[str, Any]]:
        return [row.told() for row in estimate.planned(needs, board).rows]

    def block(self, board: Board) -> Block:
        return multipliers.BLOCK

    def fitted(self, build: Build, board: Board) -> Build:
        share = multipliers.assign(build.design.products, board.limits.dsp)
        return lanes.on(build, multipliers.BLOCK, share.soft_modules)

    def usable(self, board: Board) -> Resources:
        return estimate.usable(board)

    def project(self, build: Build, board: Board, wish: Wish) -> dict[str, str]:
        return project.files(build, project.plan(build, board, wish))

    def prepared(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Build:
        """Folded anew with --fit; HearthError that says what would fit if the build does not."""
        video = project.seen_by(build.design, board, wish)
        over = partial(estimate.over, board=board, live=wish.live, video=video)
        if wish.fit and wish.placed is None:
            build = fit.refit(build, board, over, report)
        fit.check(build.design, board, over, wish.live)
        return build

    def run(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Figures:
        if wish.placed is not None:
            return flow.swap(build, build_folder.load(wish.placed), board)
        return flow.make(build, board, wish, report)

    def lines(self, figures: Figures) -> list[str]:
        return list(report.lines(figures))


TARGET = Ecp5()
