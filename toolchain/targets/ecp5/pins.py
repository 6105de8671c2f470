"""Balls, buffers and oscillator of a board (serial/pins.py), its package as nextpnr calls it."""

from __future__ import annotations

import dataclasses

from hearth.toolchain.targets.serial import pins
from hearth.toolchain.targets.serial.pins import Pin, Pins
from hearth.toolchain.targets.target import Board


def of(board: Board) -> Pins:
    """The board's wiring; HearthError when amaranth-boards is not installed."""
    found = pins.of(board, "ecp5")
    return dataclasses.replace(found, package=f"CA{found.package.replace('BG', 'BGA')}")


def connector(board: Board, name: str, number: int) -> dict[str, str]:
    """Balls of a connector by pin, such as {"0+": "B11"}; HearthError as `of`."""
    return pins.connector(board, "ecp5", name, number)


def pairs(board: Board, name: str, number: int) -> dict[str, tuple[Pin, ...]]:
    """Positive wires of a resource's differential signals by signal, empty where the board has no
    such resource; HearthError as `of`."""
    return pins.pairs(board, "ecp5", name, number)
