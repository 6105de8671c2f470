"""A camera in front of the network of a board, beside its link.

    hearth_screen_board   the next, and hearth_screen at its taps         hw/boards/serial
      hearth_video_board  hearth_board and a camera, which take turns     hw/boards/serial
        hearth_camera     pins, two clocks, scaler                        hw/video
        hearth_sccb       the camera's registers, from ROM

hearth_board_pkg (border.py) has the sizes, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.ir import Design
from hearth.toolchain.rtl.memories import blocks, is_block
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.targets.needs import Stored
from hearth.toolchain.targets.serial.modules import OV7670, Module
from hearth.toolchain.video import scaler as scalers
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import Scaler
from hearth.toolchain.video.screen import Screen

CORE = "hearth_video_board"
BOARD = f"boards/serial/{CORE}.sv"
"""The file of CORE in hw: what a board with a camera has in place of border.BOARD."""
SCREEN_CORE = "hearth_screen_board"
SCREEN_BOARD = f"boards/serial/{SCREEN_CORE}.sv"
"""The file of SCREEN_CORE in hw: CORE with a screen at its taps."""
USUAL = "640x480"
"""A camera's picture, unless another size is asked for."""
ROM = "rom/camera.hex"
"""The camera's registers, where the hardware reads them."""
_COLOURS = 3
_ENTRY_BITS = 24
"""Of the table of registers: a register and its value."""
_WITH_EVERY_NETWORK = ("memory/", "stream/", "axi/")
SOURCES = (
    *(name for name in scalers.SOURCES if not name.startswith(_WITH_EVERY_NETWORK)),
    *(
        f"video/hearth_{name}.sv"
        for name in (
            *("sync", "async_fifo", "dvp_capture", "dvp_rgb565", "dvp_yuv", "dvp_pairs", "dvp"),
            *("camera", "sccb", "frame_arbiter"),
        )
    ),
)
"""What BOARD needs beside what a network and a link bring along (border.LINK)."""


@dataclass(frozen=True)
class Video:
    """What is built beside the link: a camera's scaler, its module, and a screen or none."""

    scaler: Scaler
    module: Module = OV7670
    screen: Screen | None = None

    @property
    def block_rams(self) -> int:
        """What the scaler's memories and the table of registers take by the rule of
        hw/memory/hearth_ram.sv."""
        table = Stored(self.module.entries, _ENTRY_BITS)
        return sum(
            blocks(m.words, m.bits, written=True)
            for m in (*memories(self.scaler), table)
            if is_block(m.words, m.bits)
        )

    @property
    def told(self) -> str:
        """For people."""
        camera = f"a camera ({self.module.name}), {self.scaler.told}"
        return camera if self.screen is None else f"{camera}, and a screen"


def scaler(design: Design, camera: Camera, option: str = "--video camera") -> Scaler:
    """What is built between a camera and a network, as `option` asks. HearthError for a network
    that takes no colours, or a camera that is too small."""
    source = design.qgraph.input
    if source.channels != _COLOURS:
        raise HearthError(
            f"{option}: a camera sends {_COLOURS} colours, and"
            f" {printable(design.qgraph.name)} takes {source.channels} channel(s); compile a"
            " network for colour pictures"
        )
    return scalers.scaler(camera, design.qgraph.preprocessing, (source.height, source.width))


def quarter(clock_khz: int) -> int:
    """Cycles of a quarter of a bit to the camera's registers: 100,000 bits a second."""
    return clock_khz // 400


def numbers(built: Scaler, quarter: int, module: Module = OV7670) -> list[str]:
    """Lines of hearth_board_pkg, beside those that every board has."""
    sizes = {name: n for name, n in built.parameters.items() if name not in ("Width", "Height")}
    known = {
        **sizes,
        "CameraEntries": module.entries,
        "CameraDevice": module.device,
        "CameraRegisterBytes": module.register_bytes,
        "CameraQuarter": quarter,
    }
    return [
        *(f"  localparam int unsigned {name} = {value};" for name, value in known.items()),
        f'  localparam CameraFile = "{ROM}";',
    ]


def memories(built: Scaler) -> tuple[Stored, ...]:
    """The scaler's: a row of sums, a row of pixels."""
    area = (255 * built.x.step).bit_length() + (built.y.step - 1).bit_length()
    width = built.x.count
    return (Stored(width, _COLOURS * area), Stored(width, 8 * _COLOURS + 2))


def screen_numbers(screen: Screen) -> list[str]:
    """More lines of hearth_board_pkg, for a board with a screen."""
    return [
        f"  localparam int unsigned Screen{name} = {value};"
        for name, value in screen.parameters.items()
    ]
