"""Flip-flops of an ECP5 in a netlist, as far as a block's own register can take their place."""

from __future__ import annotations

from hearth.toolchain.targets.netlist import Bit, Cell

_FLIP_FLOP = "TRELLIS_FF"


def plain(cell: Cell) -> bool:
    """A flip-flop without reset, on the rising edge, with its enable as it is, that starts as 0."""
    parameters, wires = cell["parameters"], cell["connections"]
    return (
        rising(cell)
        and wires.get("LSR", ["0"]) == ["0"]
        and parameters.get("LSRMUX", "LSR") == "LSR"
        and parameters.get("CEMUX", "CE").strip() in ("CE", "1")
    )


def rising(cell: Cell) -> bool:
    """A flip-flop on the rising edge that starts as 0, and is reset to 0 if at all."""
    parameters = cell["parameters"]
    return bool(
        cell["type"] == _FLIP_FLOP
        and parameters.get("CLKMUX", "CLK") == "CLK"
        and parameters.get("REGSET", "RESET") == "RESET"
    )


def controls(cell: Cell) -> tuple[Bit, Bit]:
    """Clock and enable ('1' when there is none)."""
    always = cell["parameters"].get("CEMUX", "CE").strip() == "1"
    wires = cell["connections"]
    return wires["CLK"][0], "1" if always else wires["CE"][0]
