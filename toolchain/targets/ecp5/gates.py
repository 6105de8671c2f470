"""Gates of an ECP5 in a netlist: what they read, and what a table says."""

from __future__ import annotations

from collections.abc import Sequence

from hearth.toolchain.targets.netlist import Cell

INPUTS = {
    "LUT4": ("A", "B", "C", "D"),
    "PFUMX": ("BLUT", "ALUT", "C0"),
    "L6MUX21": ("D0", "D1", "SD"),
}
"""The inputs of each kind, of a multiplexer the one that chooses last; the output is Z."""


def looked_up(table: Cell, inputs: Sequence[int]) -> bool:
    """What a LUT4 makes of its inputs."""
    place = sum(value << i for i, value in enumerate(inputs))
    return bool(table["parameters"]["INIT"][-1 - place] == "1")
