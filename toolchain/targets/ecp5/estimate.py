"""What a design will need on an ECP5, before the slow synthesis.

Block RAM is exact (memory_plan.py), and so are multipliers, as they are shared out here
(multipliers.py). LUTs are a linear model: the constants below were counted in netlists
(docs/results/ecp5.md says how far it is off).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.toolchain.ir import Design, Products
from hearth.toolchain.mapping.prices import LUTS_PER_LANE
from hearth.toolchain.rtl.memories import blocks, is_block
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets.ecp5 import memory_plan, multipliers
from hearth.toolchain.targets.ecp5.memory_plan import MemoryPlan
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial.camera import Video
from hearth.toolchain.targets.target import Board, Resources, scarce

UNITS = {"lut": "LUT4", "ff": "FF", "bram": "block RAM", "dsp": "DSP"}
"""Fields of Resources, in the order of reports."""
_LUTS_PER_DSP_LANE = 24
_LUTS_PER_FIFO = 60
_LUTS_OF_LINK = 4500
_LUTS_OF_CAMERA = 2000
_DSPS_OF_CAMERA = 24
"""At most, as for 1919x1079 to 223x223; 640x480 to 224x224 takes 12 (docs/results/camera.md)."""
_LUTS_OF_SCREEN = 1600
_BLOCKS_OF_SCREEN = 26
"""At most, as for 1,000 classes (docs/design/video.md)."""
FULLEST = 0.85
"""Share of the LUTs up to which place and route may be expected to succeed."""
_LINK_BLOCKS = 1 + sum(
    blocks(m.words, m.bits, written=True) for m in serial.MEMORIES if is_block(m.words, m.bits)
)
"""The build id, and what the link's own memories take by the rule of hw/memory/hearth_ram.sv."""


def planned(
    needs: Needs, board: Board, live: bool = False, video: Video | None = None
) -> MemoryPlan:
    """Where the memories of a design lie, so that it fits if it can."""
    room = (usable(board).lut or 0) - _logic(needs, board, video)
    blocks = int(board.limits.bram) - _border_blocks(video)
    return memory_plan.plan(needs, blocks, room, live)


def shared(
    products: Sequence[Products], board: Board, video: Video | None = None
) -> multipliers.Multipliers:
    """Which lanes get a multiplier of the board's; a camera's scaler takes its own first."""
    return multipliers.assign(products, board.limits.dsp - _multipliers(video))


def _multipliers(video: Video | None) -> int:
    return 0 if video is None else _DSPS_OF_CAMERA


def _screen(video: Video, most: int) -> int:
    return 0 if video.screen is None else most


def _border_blocks(video: Video | None) -> int:
    """Block RAMs of the link, and of a camera's scaler, and a screen."""
    return _LINK_BLOCKS + (
        0 if video is None else video.block_rams + _screen(video, _BLOCKS_OF_SCREEN)
    )


def _logic(needs: Needs, board: Board, video: Video | None) -> float:
    """LUTs of a design with its link, and a camera, beside its memories."""
    share = shared(needs.products, board, video)
    return (
        share.soft_lanes * LUTS_PER_LANE
        + (needs.lanes - share.soft_lanes) * _LUTS_PER_DSP_LANE
        + needs.luts
        + len(needs.memories) * _LUTS_PER_FIFO
        + _LUTS_OF_LINK
        + (0 if video is None else _LUTS_OF_CAMERA + _screen(video, _LUTS_OF_SCREEN))
    )


def resources(
    needs: Needs, board: Board, live: bool = False, video: Video | None = None
) -> Resources:
    """Resources of a design with its link, and a camera."""
    made = planned(needs, board, live, video)
    share = shared(needs.products, board, video)
    luts = round(_logic(needs, board, video) + made.luts)
    blocks = _border_blocks(video) + made.blocks
    dsp = share.blocks + _multipliers(video)
    return Resources(lut=luts, ff=None, dsp=dsp, bram=blocks)


def of(design: Design, board: Board, live: bool = False, video: Video | None = None) -> Resources:
    """As `resources`, of a design."""
    return resources(needs_of.of(design), board, live, video)


def usable(board: Board) -> Resources:
    """What a design may take: place and route needs some LUTs to spare."""
    return replace(board.limits, lut=int((board.limits.lut or 0) * FULLEST))


def over(design: Design, board: Board, live: bool = False, video: Video | None = None) -> list[str]:
    """What there is too little of on a board, such as '220 block RAM of 208'."""
    return scarce(of(design, board, live, video), usable(board), UNITS)
