"""Balls, buffers and oscillator of a board (serial/pins.py), its package as nextpnr calls it."""

from __future__ import annotations

import dataclasses

from hearth.toolchain.targets.serial import pins
from hearth.toolchain.targets.serial.pins import Pins
from hearth.toolchain.targets.target import Board


def of(board: Board) -> Pins:
    """The board's wiring; HearthError when amaranth-boards is not installed."""
    found = pins.of(board, "ecp5")
    return dataclasses.replace(found, package=f"CA{found.package.replace('BG', 'BGA')}")
