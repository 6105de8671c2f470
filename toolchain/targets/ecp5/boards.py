"""Boards as data: pins and clocks from amaranth-boards, sizes of the parts from their data sheets.

A board is one line in BOARDS. What it needs in the library: an oscillator, one UART, some LEDs.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True)
class Part:
    """What an ECP5 holds (Lattice FPGA-DS-02012, table 1.1) and how nextpnr calls it."""

    option: str
    luts: int
    block_rams: int
    multipliers: int


@dataclass(frozen=True)
class Pin:
    """A port of the top module: ball, inversion, and constraints of its buffer."""

    ball: str
    inverted: bool
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Board:
    """A board with a UART to a host.

    speed, package    as nextpnr wants them
    clock_hz          its oscillator
    """

    name: str
    device: str
    part: Part
    package: str
    speed: str
    clock_hz: int
    clock: Pin
    uart_rx: Pin
    uart_tx: Pin
    leds: tuple[Pin, ...]


PARTS = {
    "LFE5U-45F": Part("--45k", 43_848, 108, 72),
    "LFE5U-85F": Part("--85k", 83_640, 208, 156),
    "LFE5UM5G-45F": Part("--um5g-45k", 43_848, 108, 72),
    "LFE5UM5G-85F": Part("--um5g-85k", 83_640, 208, 156),
}

BOARDS = {
    "ulx3s-85f": ("ulx3s", "ULX3S_85F_Platform"),
    "ulx3s-45f": ("ulx3s", "ULX3S_45F_Platform"),
    "ecpix5-85f": ("ecpix5", "ECPIX585Platform"),
}
DEFAULT = "ulx3s-85f"
LOADER = {"ulx3s-85f": "ulx3s", "ulx3s-45f": "ulx3s", "ecpix5-85f": "ecpix5"}
"""What openFPGALoader calls each board."""


def check(name: str) -> None:
    """HearthError listing all boards when none is called `name`."""
    if name not in BOARDS:
        raise HearthError(f"--board: no board is called '{name}'; known are {', '.join(BOARDS)}")


def find(name: str) -> Board:
    """The board called `name`; HearthError when there is none, or its pins are not known here."""
    check(name)
    module, platform = BOARDS[name]
    try:
        library = importlib.import_module(f"amaranth_boards.{module}")
    except ModuleNotFoundError:
        raise HearthError(
            f"--board {name}: its pins come from amaranth-boards, which is not installed;"
            f" {advice.install('ecp5')}"
        ) from None
    return _read(name, getattr(library, platform))


def _read(name: str, platform: Any) -> Board:
    resources = {(item.name, item.number): item for item in platform.resources}
    clock = resources[(platform.default_clk, 0)]
    uart = _signals(resources[("uart", 0)])
    leds: list[Pin] = []
    for (kind, _), item in sorted(resources.items(), key=lambda entry: entry[0]):
        if kind in ("led", "rgb_led"):
            leds += _signals(item).values()
    return Board(
        name=name,
        device=platform.device,
        part=PARTS[platform.device],
        package=f"CA{platform.package.replace('BG', 'BGA')}",
        speed=platform.speed,
        clock_hz=round(clock.clock.frequency),
        clock=_signals(clock)[""],
        uart_rx=uart["rx"],
        uart_tx=uart["tx"],
        leds=tuple(leds[:8]),
    )


def _signals(resource: Any) -> dict[str, Pin]:
    """Pins of a resource by signal name; a resource without subsignals has one, called ''."""
    common = dict(resource.attrs)
    found: dict[str, Pin] = {}
    for part in resource.ios:
        inner = getattr(part, "ios", None)
        pins = inner[0] if inner else part
        if not hasattr(pins, "names"):
            continue
        attributes = {**common, **(dict(part.attrs) if inner else {})}
        text = tuple((key, str(value)) for key, value in attributes.items())
        found[part.name if inner else ""] = Pin(pins.names[0], bool(pins.invert), text)
    return found
