"""Balls, I/O standards and oscillator of a board: from amaranth-boards (serial/pins.py), or from
the board's own entry (boards.py) where the library does not have it."""

from __future__ import annotations

from hearth.toolchain.targets.serial import pins
from hearth.toolchain.targets.serial.pins import Pin, Pins
from hearth.toolchain.targets.target import Board


def of(board: Board) -> Pins:
    """The board's wiring; HearthError when amaranth-boards is needed and not installed."""
    if "pins" in board.options:
        return _written(board)
    return pins.of(board, "xc7")


def _written(board: Board) -> Pins:
    """The wiring that stands in the entry."""
    rows = [line.split() for line in board.options["pins"].split("\n") if line]
    megahertz = next(float(words[1]) for words in rows if words[0] == "oscillator")
    ports: dict[str, list[Pin]] = {}
    for port, ball, standard in (words for words in rows if words[0] != "oscillator"):
        ports.setdefault(port, []).append(Pin(ball, False, (("IOSTANDARD", standard),)))
    device = board.options["device"]
    return Pins(
        device=device,
        package=board.part.removeprefix(device).rpartition("-")[0],
        speed=board.part.rpartition("-")[2],
        clock_hz=round(megahertz * 1e6),
        clock=ports["clock_pin"][0],
        uart_rx=ports["uart_rx_pin"][0],
        uart_tx=ports["uart_tx_pin"][0],
        leds=tuple(ports["led_pins"]),
    )
