"""Every file that Yosys and nextpnr read for a network on a board.

rtl/ rom/       the network, its link, the board; the ROMs are random here (serial/contents.py)
synth.ys        Yosys's script
pins.lpf        balls, buffers, the oscillator
multiply_map.v  lanes that are made of LUTs
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hearth.toolchain.ir import Design
from hearth.toolchain.rtl import header
from hearth.toolchain.rtl.network import kernel_instance, network
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import lanes, needs
from hearth.toolchain.targets.ecp5 import (
    border,
    camera,
    estimate,
    multipliers,
    pins,
    pll,
    screen,
)
from hearth.toolchain.targets.ecp5.memory_plan import MemoryPlan
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial import camera as serial_camera
from hearth.toolchain.targets.serial import contents, logic_roms, modules
from hearth.toolchain.targets.serial.camera import Video
from hearth.toolchain.targets.serial.pins import Pin, Pins
from hearth.toolchain.targets.serial.pll import Pll
from hearth.toolchain.targets.target import Board, Wish
from hearth.toolchain.video import screen as screens
from hearth.toolchain.video import vga

SCRIPT, CONSTRAINTS, NETLIST = "synth.ys", "pins.lpf", "hearth.json"
NETWORK = "hearth_net"
"""The network's module (rtl/emit.py)."""
_MAP = "multiply_map.v"


@dataclass(frozen=True)
class Plan:
    """What was decided about a build on a board.

    clock    the PLL
    share    lanes in DSP blocks and in LUTs
    memories where they lie
    defines  macros of the RTL
    live     two banks per ROM, so that the running board takes new weights over its link
    video    a camera in front of the network, and a screen; None: there are none
    """

    board: Board
    wiring: Pins
    clock: Pll
    share: multipliers.Multipliers
    memories: MemoryPlan
    defines: tuple[str, ...]
    live: bool
    video: Video | None = None


def plan(build: Build, board: Board, wish: Wish) -> Plan:
    """Decide. HearthError for an impossible clock, or when the board's pins are not known here."""
    wiring, video = pins.of(board), seen_by(build.design, board, wish)
    clock = pll.design(wiring.clock_hz, (wish.mhz or board.mhz) * 1e6)
    share = estimate.shared(build.design.products, board, video)
    memories = estimate.planned(needs.of(build.design), board, wish.live, video)
    defines = ("HEARTH_OBSERVED", *(("HEARTH_LIVE",) if wish.live else ()))
    return Plan(board, wiring, clock, share, memories, defines, wish.live, video)


def seen_by(design: Design, board: Board, wish: Wish) -> Video | None:
    """The camera that is wished for, and the screen. HearthError for a board without pins for one,
    or a network that it cannot feed."""
    if wish.camera is None:
        return None
    camera.of(board)
    module, built = modules.find(wish.module), serial_camera.scaler(design, wish.camera)
    hz = pll.design(pins.of(board).clock_hz, (wish.mhz or board.mhz) * 1e6).hz
    module.check(wish.camera, hz)
    if not wish.screen:
        return Video(built, module)
    screen.of(board)
    return Video(built, module, vga.screen(design.qgraph, wish.camera, round(hz)))


def files(build: Build, plan: Plan) -> dict[str, str]:
    """The project by path."""
    link = serial.link_of(build, plan.clock.hz, plan.live)
    more: list[str] = []
    shown = None if plan.video is None else plan.video.screen
    if plan.video is not None:
        quarter = serial_camera.quarter(link.clock_khz)
        more = serial_camera.numbers(plan.video.scaler, quarter, plan.video.module)
    if shown is not None:
        more += serial_camera.screen_numbers(shown)
    texts = {
        **lanes.on(build, multipliers.BLOCK, plan.share.soft_modules).rtl(),
        f"rtl/{NETWORK}.sv": _network(build, plan.memories),
        **serial.texts((*serial.LINK, *_sources(plan))),
        f"rtl/{serial.PACKAGE}.sv": serial.package(build.design, link, more),
        f"rtl/{serial.TOP}.sv": border.top(plan.board, plan.wiring, plan.clock, plan.video),
    }
    kept = plan.memories.logic
    scrambled = logic_roms.in_blocks(contents.scrambled(build, plan.live), kept)
    return texts | {
        **{f"rom/{name}.hex": text for name, text in scrambled.items()},
        **logic_roms.in_logic(contents.images(build), kept),
        **({serial_camera.ROM: plan.video.module.table()} if plan.video else {}),
        **({} if shown is None else shown.roms()),
        _MAP: (HARDWARE / "boards/ecp5" / _MAP).read_text(),
        CONSTRAINTS: constraints(plan.wiring, _pins(plan), _pclk_mhz(plan)),
        SCRIPT: script(texts, plan),
    }


def _sources(plan: Plan) -> tuple[str, ...]:
    """Files of hw around the network and its link."""
    if plan.video is None:
        return (serial.BOARD, *border.WRAPPERS)
    front = (*serial_camera.SOURCES, serial_camera.BOARD)
    if plan.video.screen is None:
        return (*front, *border.VIDEO_WRAPPERS)
    return (*front, *screens.SOURCES, serial_camera.SCREEN_BOARD, *border.SCREEN_WRAPPERS)


def _pins(plan: Plan) -> dict[str, Pin]:
    """Of a camera and a screen."""
    if plan.video is None:
        return {}
    seen = camera.of(plan.board)
    return seen if plan.video.screen is None else seen | screen.of(plan.board)


def _pclk_mhz(plan: Plan) -> float:
    return 0 if plan.video is None else plan.video.module.pclk_mhz


def _network(build: Build, memories: MemoryPlan) -> str:
    """The network's module, which says where each memory lies."""
    for stage in build.design.stages:
        text, name = build.content[f"rtl/{stage.module}.sv"], kernel_instance(stage)
        if any(place not in text for place in memories.places.get(name, {})):
            raise HearthError(
                f"{build.path}: compiled by an earlier version, whose {stage.module} does not let"
                " its memories be placed; compile the model again"
            )
    return header.of_network(build.design) + network(build.design, NETWORK, memories.places)


def script(sources: Iterable[str], plan: Plan) -> str:
    """Yosys's script over these sources."""
    names = " ".join(sorted(sources, key=packages_first))
    soft = "".join(
        f"techmap -autoproc -map {_MAP} {module}/t:$mul\n" for module in plan.share.soft_modules
    )
    flags = " ".join(f"-D{define}" for define in plan.defines)
    return f"""read_verilog -sv -defer {flags} {names}
hierarchy -top {serial.TOP}
proc
opt_expr
opt_clean
{soft}synth_ecp5 -top {serial.TOP} -json {NETLIST}
tee -q -o cells.txt stat
"""


def constraints(
    wiring: Pins, seen: Mapping[str, Pin] = MappingProxyType({}), pclk_mhz: float = 0
) -> str:
    """Pin constraints (LPF), with a camera's pins by port, and its clock."""
    lines = [f'FREQUENCY PORT "clock_pin" {wiring.clock_hz / 1e6:g} MHZ;']
    ports = {
        "clock_pin": wiring.clock,
        "uart_rx_pin": wiring.uart_rx,
        "uart_tx_pin": wiring.uart_tx,
        **{f"led_pins[{index}]": pin for index, pin in enumerate(wiring.leds)},
        **seen,
    }
    if seen:
        lines.append(f'FREQUENCY PORT "{camera.CLOCK}" {pclk_mhz:g} MHZ;')
    for port, pin in ports.items():
        lines.append(f'LOCATE COMP "{port}" SITE "{pin.ball}";')
        lines.append(f'IOBUF PORT "{port}" {_buffer(pin)};')
    return "\n".join(lines) + "\n"


def _buffer(pin: Pin) -> str:
    return " ".join(f"{key}={value}" for key, value in pin.attributes)
