"""What families whose boards sit behind a serial link answer alike: their configuration is a .bit
file in the board's folder, which openFPGALoader loads."""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial import loader
from hearth.toolchain.targets.target import Board, Figures, Target, folder_of

BITSTREAM = "hearth.bit"


class LinkTarget(Target):
    """The network behind a serial link; `options` of its boards have `openFPGALoader`."""

    def made(self, figures: Figures, build: Path) -> str | None:
        if "bitstream" not in figures:
            return None
        follow = advice.command("program", build, "--board", figures["board"])
        return f"made {figures['bitstream']}; next: {follow}"

    def load(self, build: Build, board: Board) -> None:
        file = folder_of(build, board) / BITSTREAM
        if not file.is_file():
            make = advice.command("bitstream", build.path, "--board", board.name)
            raise HearthError(f"{file}: not there yet; make it with: {make}")
        loader.load(board.options["openFPGALoader"], file, self.group)
