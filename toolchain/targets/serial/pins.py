"""Balls, buffers and oscillator of a board, read from amaranth-boards.

What a board needs there: an oscillator, one UART, some LEDs.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.target import Board

_LEDS = 8
"""At most so many of a board's LEDs are driven."""


@dataclass(frozen=True)
class Pin:
    """A port of the top module: ball, inversion, and constraints of its buffer."""

    ball: str
    inverted: bool
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pins:
    """How a board's chip is wired.

    device          as the library calls the part: the entry in boards.py must agree
    package, speed  as the library calls them
    clock_hz        of the oscillator
    """

    device: str
    package: str
    speed: str
    clock_hz: int
    clock: Pin
    uart_rx: Pin
    uart_tx: Pin
    leds: tuple[Pin, ...]


def of(board: Board, group: str) -> Pins:
    """The board's wiring; HearthError when amaranth-boards is not installed, naming the optional
    group that has it."""
    return _read(_platform(board, group))


def _platform(board: Board, group: str) -> Any:
    module, platform = board.platform
    try:
        library = importlib.import_module(f"amaranth_boards.{module}")
    except ModuleNotFoundError:
        raise HearthError(
            f"--board {board.name}: its pins come from amaranth-boards, which is not installed;"
            f" {advice.install(group)}"
        ) from None
    return getattr(library, platform)


def connector(board: Board, group: str, name: str, number: int) -> dict[str, str]:
    """Balls of a connector by what the board calls its pins; as `of`."""
    found = {(item.name, item.number): item.mapping for item in _platform(board, group).connectors}
    return dict(found[name, number])


def pairs(board: Board, group: str, name: str, number: int) -> dict[str, tuple[Pin, ...]]:
    """Positive wires of a resource's differential signals by signal; empty where the board has no
    such resource; as `of`."""
    resources = {(item.name, item.number): item for item in _platform(board, group).resources}
    if (name, number) not in resources:
        return {}
    resource = resources[name, number]
    found = {}
    for part in resource.ios:
        wires = part.ios[0]
        if hasattr(wires, "p"):
            attributes = {**resource.attrs, **part.attrs}
            text = tuple((key, str(value)) for key, value in attributes.items())
            found[part.name] = tuple(Pin(ball, bool(wires.invert), text) for ball in wires.p.names)
    return found


def _read(platform: Any) -> Pins:
    resources = {(item.name, item.number): item for item in platform.resources}
    clock = resources[(platform.default_clk, 0)]
    uart = _signals(resources[("uart", 0)])
    leds: list[Pin] = []
    for (kind, _), item in sorted(resources.items(), key=lambda entry: entry[0]):
        if kind in ("led", "rgb_led"):
            leds += _signals(item).values()
    return Pins(
        device=platform.device,
        package=platform.package,
        speed=platform.speed,
        clock_hz=round(clock.clock.frequency),
        clock=_signals(clock)[""],
        uart_rx=uart["rx"],
        uart_tx=uart["tx"],
        leds=tuple(leds[:_LEDS]),
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
