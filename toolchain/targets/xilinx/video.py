"""A camera's AXI4-Stream video in front of a network's AXI border.

    s_axis (video of the camera's size) -> hearth_axi_scaler -> hearth_axi

A block design gives it to whoever has a camera (hw/boards/xilinx/zynqmp_video.tcl).
"""

from __future__ import annotations

from dataclasses import replace

from hearth.toolchain.ir import Design
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.serial import camera
from hearth.toolchain.targets.target import Board, Wish
from hearth.toolchain.video import scaler as scalers
from hearth.toolchain.video.scaler import Scaler

MODULE = "hearth_axi_scaler"
SOURCES = (
    *(name for name in scalers.SOURCES if name.startswith("video/")),
    f"axi/{MODULE}.sv",
)
"""Files of hw, beside those of a network and its border."""
DESIGN = "zynqmp"
"""The one block design (boards.py) that has a place for a camera."""
_PAUSE_MS = 5
"""After which a source that sent no pixel has ended its frame: some lines of any camera."""


def of(design: Design, board: Board, wish: Wish, known: tuple[Board, ...]) -> Scaler | None:
    """The scaler that is wished for. HearthError for a board without a processor, a network that
    takes no colours, or a camera that is too small."""
    if wish.camera is None:
        return None
    if board.options["design"] != DESIGN:
        able = ", ".join(other.name for other in known if other.options["design"] == DESIGN)
        raise HearthError(
            f"--video axis: {board.name} has no processor to take results; boards that have one:"
            f" {able}"
        )
    return camera.scaler(design, wish.camera, "--video axis")


def told(built: Scaler) -> str:
    """For people."""
    return f"AXI4-Stream video, {built.told}"


def timeout(clock_khz: int) -> int:
    """Cycles of that pause."""
    return _PAUSE_MS * clock_khz


def needing(needs: Needs, built: Scaler | None) -> Needs:
    """With the scaler's memories."""
    more = () if built is None else camera.memories(built)
    return replace(needs, memories=(*needs.memories, *more))
