"""How long the cells of a packed 7-series design take: picoseconds, the worst of each kind of pin.

The numbers are the maxima of the slow corner in Project X-Ray's database (artix7/timings/*.sdf, of
speed grade -1), over the places a cell can have in its slice; tests/targets/test_xc7_timing.py
holds each against that database. A faster grade is not known to it. Exceptions are noted.

nextpnr's own table has CARRY4, the wide multiplexers and block RAM from the same files, stubs for
LUT and flip-flop, nothing for DSP48E1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hearth.toolchain.targets.netlist import Cell

LUT = 157
LUT_RAM, SHIFT_REGISTER, FLIP_FLOP = 1_190, 1_481, 362
"""From the clock's edge to the output."""
LUT_RAM_SETUP = {"WE": 654, "CE": 654, "W": 633, "DI": 461}
"""By the beginning of a pin's name, the first that fits; a shift register has less."""
FLIP_FLOP_SETUP = {"CE": 109, "SR": 404, "D": 100}
"""D: nextpnr's stub, the database has 0. SR: Yosys' model of FDRE, the database has none."""
MUX, MUX_SELECT = 225, 314
CARRY_OUTPUTS = ("O0", "O1", "O2", "O3", "CO0", "CO1", "CO2", "CO3")
CARRY = {
    "CIN": (235, 348, 256, 331, 293, 179, 252, 117),
    "CYINIT": (520, 644, 614, 678, 591, 546, 632, 595),
    "DI0": (None, 436, 596, 659, 438, 511, 590, 550),
    "DI1": (None, None, 566, 629, None, 480, 559, 520),
    "DI2": (None, None, None, 463, None, None, 391, 404),
    "DI3": (None, None, None, None, None, None, None, 396),
    "S0": (228, 403, 523, 584, 340, 434, 514, 508),
    "S1": (None, 210, 558, 623, None, 472, 554, 528),
    "S2": (None, None, 228, 330, None, None, 296, 376),
    "S3": (None, None, None, 233, None, None, None, 380),
}
"""From an input to each of CARRY_OUTPUTS; None: it has no influence there."""
BLOCK_RAM, BLOCK_RAM_REGISTERED = 2_454, 882
BLOCK_RAM_SETUP = {"ADDR": 566, "WE": 532, "DI": 737, "EN": 443, "RST": 359, "REG": 360}
PRODUCT_REGISTERED, SUM_REGISTERED = 434, 478
"""PREG to P, and to PCOUT."""
PRODUCT, PRODUCT_BEHIND_MREG = 4_206, 2_500
"""From the registers in front of the multiplier, or from MREG, through adder and multiplexers to P
or PCOUT, where there is no PREG. With a PREG the same time fits between two edges."""
BLOCK_SETUP = {"CE": 665, "RST": 589, "A": 362, "B": 450, "C": 233, "D": 413}
"""Pins that have their register."""
BEHIND_MREG = {"A": 1_928, "B": 1_743}
"""Pins without a register whose first one is MREG."""
BEHIND_PREG = {"PCIN": 1_400, "A": 3_722, "B": 3_536, "C": 1_701}
"""Pins whose first register is PREG."""
UNREGISTERED = {"PCIN": 1_713, "A": 4_036, "B": 3_851, "C": 2_016}
"""Pins without any register, to P or PCOUT."""
CONTROL_SETUP, CONTROL = 3_805, 4_119
"""Of a DSP48E1's other pins (modes, carries, D), as if they had no register."""


@dataclass
class Delays:
    """Of one cell.

    clock_to_out  by output: from the clock's edge to the output
    setup         by input: the time before the edge at which it must be there
    through       input, output, time: combinational
    period        the least time between two edges inside the cell
    """

    clock_to_out: dict[str, int] = field(default_factory=dict)
    setup: dict[str, int] = field(default_factory=dict)
    through: list[tuple[str, str, int]] = field(default_factory=list)
    period: int = 0


def of(cell: Cell) -> Delays | None:
    """The delays of a cell of nextpnr's routed netlist; None where no time is counted (pads, clock
    buffers, PLLs, constants)."""
    kind = cell["type"]
    inputs = [p for p, way in cell["port_directions"].items() if way == "input"]
    outputs = [p for p, way in cell["port_directions"].items() if way == "output"]
    if kind == "SLICE_LUTX":
        return _lookup(cell, inputs, outputs)
    if kind == "SLICE_FFX":
        return Delays({"Q": FLIP_FLOP}, _setup(inputs, FLIP_FLOP_SETUP))
    if kind == "CARRY4":
        return Delays(through=[(i, o, t) for i in inputs for o in outputs if (t := _carry(i, o))])
    if kind in ("SELMUX2_1", "F7MUX", "F8MUX"):
        selects = {name: MUX_SELECT if name.startswith("S") else MUX for name in inputs}
        return Delays(through=[(i, o, time) for i, time in selects.items() for o in outputs])
    if kind.startswith("RAMB"):
        return _block_ram(cell, inputs, outputs)
    if kind.startswith("DSP48E1"):
        return _block(cell, inputs, outputs)
    return None


def _setup(inputs: Iterable[str], times: dict[str, int]) -> dict[str, int]:
    """By the first name in `times` that a pin's begins with; a pin that fits none has none."""
    found = {}
    for name in inputs:
        fits = [time for start, time in times.items() if name.startswith(start)]
        if fits:
            found[name] = fits[0]
    return found


def _lookup(cell: Cell, inputs: list[str], outputs: list[str]) -> Delays:
    """A LUT, a bit of LUT RAM or a shift register, by the primitive that it was. Of its pins those
    count that were the primitive's; others belong to the LUT that shares its inputs."""
    own = {name.removeprefix("X_ORIG_PORT_") for name in cell["attributes"]}
    logic = [name for name in inputs if re.fullmatch(r"A\d", name) and name in own]
    result = Delays(through=[(i, o, LUT) for i in logic for o in outputs])
    primitive = str(cell["attributes"].get("X_ORIG_TYPE", ""))
    if primitive.startswith(("RAM", "SRL")):
        time = SHIFT_REGISTER if primitive.startswith("SRL") else LUT_RAM
        result.clock_to_out = dict.fromkeys(outputs, time)
        result.setup = _setup(inputs, LUT_RAM_SETUP)
    return result


def _carry(source: str, target: str) -> int | None:
    return CARRY[source][CARRY_OUTPUTS.index(target)] if source in CARRY else None


def _block_ram(cell: Cell, inputs: list[str], outputs: list[str]) -> Delays:
    times = {
        name: BLOCK_RAM_REGISTERED if _number(cell, f"DO{_port(name)}_REG") else BLOCK_RAM
        for name in outputs
    }
    return Delays(times, _setup(inputs, BLOCK_RAM_SETUP))


def _port(output: str) -> str:
    return "B" if output.startswith(("DOB", "DOPB")) else "A"


def _block(cell: Cell, inputs: list[str], outputs: list[str]) -> Delays:
    """A DSP48E1 with the registers that its parameters say."""
    has = {name: _number(cell, f"{name}REG") for name in "ABCDMP"}
    result = Delays()
    if has["P"]:
        result.clock_to_out = dict.fromkeys(outputs, SUM_REGISTERED)
    elif any(has.values()):
        time = PRODUCT_BEHIND_MREG if has["M"] else PRODUCT
        result.clock_to_out = dict.fromkeys(outputs, time)
    result.period = PRODUCT if has["P"] and not has["M"] else PRODUCT_BEHIND_MREG
    for name in inputs:
        first = re.sub(r"\[?\d+\]?$", "", name)
        if first == "CLK":
            continue
        if has.get(first) or first.startswith(("CE", "RST")):
            result.setup |= _setup([name], BLOCK_SETUP)
        elif has["M"] and first in BEHIND_MREG:
            result.setup[name] = BEHIND_MREG[first]
        elif has["P"]:
            result.setup[name] = BEHIND_PREG.get(first, CONTROL_SETUP)
        else:
            time = UNREGISTERED.get(first, CONTROL)
            result.through += [(name, out, time) for out in outputs]
    return result


def _number(cell: Cell, parameter: str) -> int:
    return int(str(cell["parameters"].get(parameter, "0")), 2)
