"""What stands between a board's pins and the network: hand-written files of hw, and the
numbers that they are built with.

    hearth_top        pins                      generated: an instance with its parameters
      hearth_<family> clock, reset, LEDs        hw/boards/<family>
        hearth_board  link and network          hw/boards/serial; the virtual board simulates it too
                      (camera.py: what stands there for a board with a camera)
          hearth_link UART, packets, counters   hw/link
          hearth_net  the network               rtl/emit.py

hearth_board_pkg, which hearth_board reads, is generated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hearth.toolchain.ir import Design, golden
from hearth.toolchain.rtl import header
from hearth.toolchain.rtl.verilog import Literal, instance, packages_first
from hearth.toolchain.saved import weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import hardware_id
from hearth.toolchain.saved.weights_image import ID_ROM
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.needs import Stored
from hearth.toolchain.targets.serial import uart
from hearth.toolchain.targets.serial.pins import Pins
from hearth.toolchain.targets.target import Board

TOP, CORE, PACKAGE = "hearth_top", "hearth_board", "hearth_board_pkg"
LEDS = 4
"""Life, a frame is on its way, error, always on (configured)."""
PAUSE_SECONDS = 0.05
"""How long a packet may pause before the board gives it up."""


LINK = (
    *sorted((f"link/{path.name}" for path in (HARDWARE / "link").glob("*.sv")), key=packages_first),
    "axi/hearth_axi_video.sv",
)
"""The link's files in hw, packages first."""
MEMORIES = (Stored(2048, 9), Stored(2, 9), Stored(16, 41), Stored(31, 32))
"""The link's FIFOs: received bytes (two), events, time stamps."""
BOARD = "boards/serial/hearth_board.sv"
"""The file of CORE in hw."""
RESET = "boards/serial/hearth_reset.sv"
"""What a family's own file around CORE uses beside its PLL."""


@dataclass(frozen=True)
class Link:
    """Numbers of the link.

    timeout      cycles that a packet may pause
    hardware_id  what new weights must be made for (saved/identity.py)
    image_bytes  of new weights; 0: the weights are fixed
    """

    clock_khz: int
    divisor: int
    timeout: int
    hardware_id: int = 0
    image_bytes: int = 0


def link_of(build: Build, hz: float, live: bool = False) -> Link:
    """The link's numbers at a clock; with `live` the board takes new weights while it runs."""
    divisor, _ = uart.divisor(hz)
    return Link(
        round(hz / 1000),
        divisor,
        round(hz * PAUSE_SECONDS),
        hardware_id(build),
        weights_image.image_bytes(build.design) if live else 0,
    )


def package(design: Design, link: Link, more: Sequence[str] = ()) -> str:
    """hearth_board_pkg, with `more` lines. HearthError when the network's results are not what a
    link carries."""
    source, target = design.qgraph.input, design.qgraph.output
    classes = golden.classes(design.qgraph, "a board's serial link")
    numbers = {
        "Width": source.width,
        "Height": source.height,
        "Colours": source.channels,
        "Classes": classes,
        "Top": target.channels - classes,
        "Kernels": len(design.stages),
        "Divisor": link.divisor,
        "ClockKhz": link.clock_khz,
        "Timeout": link.timeout,
        "ImageBytes": link.image_bytes,
    }
    lines = [f"  localparam int unsigned {name} = {value};" for name, value in numbers.items()]
    return "\n".join(
        [
            f"// Numbers of {CORE}.sv for {header.said(design.qgraph.name)} (targets/serial).",
            header.signed().rstrip(),
            f"package {PACKAGE};",
            *lines,
            f"  localparam logic [63:0] HardwareId = 64'h{link.hardware_id:016x};",
            f'  localparam IdFile = "rom/{ID_ROM}.hex";',
            *more,
            "endpackage\n",
        ]
    )


def top(
    board: Board,
    wiring: Pins,
    wrapper: str,
    dividers: Mapping[str, int | str],
    hz: float,
    more: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """hearth_top: the module whose ports are the board's pins, around the family's `wrapper` with
    the dividers that make `hz` of the oscillator. `more`: ports that not every board has."""
    count = len(wiring.leds)
    inverted = sum(pin.inverted << index for index, pin in enumerate(wiring.leds))
    parameters: dict[str, int | str] = {
        **dividers,
        "Leds": count,
        "LedsInverted": Literal(f"{count}'b{inverted:0{count}b}"),
    }
    ports = dict.fromkeys(("clock_pin", "uart_rx_pin", "uart_tx_pin", "led_pins", *more), "")
    others = "".join(f",\n  {kind} {name}" for name, kind in more.items())
    mhz = f"{hz / 1e6:g} MHz of {wiring.clock_hz / 1e6:g}"
    return f"""// {board.name}: its pins; the PLL makes {mhz}.
{header.signed()}module {TOP} (
  input  logic clock_pin,
  input  logic uart_rx_pin,
  output logic uart_tx_pin,
  output logic [{count - 1}:0] led_pins{others}
);
{instance(wrapper, "u_board", parameters, ports)}endmodule
"""


def texts(names: tuple[str, ...]) -> dict[str, str]:
    """Hand-written files of hw by their path in a project."""
    return {f"rtl/{name.rpartition('/')[2]}": (HARDWARE / name).read_text() for name in names}
