"""Puts a register behind every product, inside its DSP48E1, and no adder in front of it.

What Yosys' xilinx_dsp makes of a MAC array is small and slow: the only register behind a product
is the one right behind the multiplier (MREG), sums of products go through the adders of several
blocks without a register (P to C, PCOUT to PCIN: 1.3 to 2.5 ns each), and nextpnr's model has no
timing of a DSP48E1 that would show it. Two steps undo that:

  COMMANDS   Yosys does not see the adders while it packs registers into the blocks. Sums are then
             carry-save trees of LUTs, as on any other family, and end in a flip-flop.
  absorb     MREG moves to PREG; a block whose product goes to flip-flops takes those as its PREG.
             Then a product leaves its block 0.4 ns after the clock's edge instead of 2.3 ns.

From the registers in front of the multiplier to P it is 4.0 ns (Project X-Ray's database), which
no network here comes near; a second register behind the multiplier would cost every kernel a cycle
of latency and gain nothing.

The register in a block RAM (DOA_REG) stays unused: nextpnr 0.11 does not write the bits that give
it the rising edge (ZINV_REGCLKARDRCLK), and registers of the ring are placed beside it anyway.

Works on the netlist that Yosys writes as JSON, between synthesis and placement.
"""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.netlist import Bit, Cell, Module, Uses

_BLOCK, _FLIP_FLOP = "DSP48E1", "FDRE"
_HIDDEN = "hearth_add"
_PRODUCT_ONLY = {
    "OPMODE": "0000101",  # X, Y: the product; Z: 0
    "ALUMODE": "0000",
    "INMODE": "00000",
    "CARRYIN": "0",
    "CARRYINSEL": "000",
}
"""Inputs, highest bit first, under which P is the product (AMD UG479, tables 2-7 to 2-10)."""


def commands(synthesize: str) -> str:
    """Yosys commands in the place of `synthesize -run begin:coarse`, a call of synth_xilinx."""
    return f"""\
{synthesize} -run begin:map_dsp
chtype -set {_HIDDEN} t:$add
{synthesize} -run map_dsp:coarse
chtype -set $add t:{_HIDDEN}
"""


def absorb_in(path: Path, top: str) -> int:
    """As `absorb`, for the module `top` of the JSON file that Yosys wrote."""
    return netlist.change(path, top, absorb)


def absorb(module: Module) -> int:
    """Change the module in place; returns how many blocks got their output register (PREG)."""
    uses = netlist.uses(module)
    taken = 0
    for cell in [c for c in module["cells"].values() if c["type"] == _BLOCK]:
        if not _number(cell, "PREG") and _only_p_leaves(cell, uses):
            taken += _take_in(module, uses, cell) or _move(cell)
    return taken


def _take_in(module: Module, uses: Uses, cell: Cell) -> bool:
    """The flip-flops behind P become PREG: all used bits go to one each and nowhere else, and these
    share clock and enable, have no reset, and start as anything but 1."""
    product: list[Bit] = cell["connections"]["P"]
    registers = netlist.registers_behind(module, uses, product, "D", _plain)
    if registers is None:
        return False
    wires = [module["cells"][name]["connections"] for name in registers.values()]
    controls = {(wire["C"][0], wire["CE"][0]) for wire in wires}
    clocks = {clock for clock, _ in controls} | _clock(cell)
    if len(controls) != 1 or len(clocks) != 1:
        return False
    ((clock, enable),) = controls
    _enable(cell, clock, enable, "0")
    for i, bit in enumerate(product):
        if bit in registers:
            product[i] = module["cells"].pop(registers[bit])["connections"]["Q"][0]
    return True


def _move(cell: Cell) -> bool:
    """MREG becomes PREG, where nothing is between them but zeros that are added."""
    wires = cell["connections"]
    neutral = all(
        "".join(reversed([str(bit) for bit in wires.get(port, ["0"] * len(value))])) == value
        for port, value in _PRODUCT_ONLY.items()
    )
    if not _number(cell, "MREG") or not neutral or not _as_they_are(cell):
        return False
    (clock,) = _clock(cell)
    _enable(cell, clock, wires.pop("CEM", ["1"])[0], wires.pop("RSTM", ["0"])[0])
    for port in ("CEM", "RSTM"):
        cell["port_directions"].pop(port, None)
    cell["parameters"]["MREG"] = "0"
    return True


def _enable(cell: Cell, clock: Bit, enable: Bit, reset: Bit) -> None:
    cell["parameters"]["PREG"] = "1"
    for port, bit in (("CLK", clock), ("CEP", enable), ("RSTP", reset)):
        cell["connections"][port] = [bit]
        cell["port_directions"][port] = "input"


def _plain(cell: Cell) -> bool:
    """A flip-flop without reset, on the rising edge, that does not start as 1."""
    return (
        cell["type"] == _FLIP_FLOP
        and cell["connections"].get("R", ["0"]) == ["0"]
        and not set(cell["parameters"].get("INIT", "x")) & {"1"}
        and _as_they_are(cell)
    )


def _as_they_are(cell: Cell) -> bool:
    """No input of the cell is inverted."""
    return not any(
        "1" in str(value)
        for name, value in cell["parameters"].items()
        if name.startswith("IS_") and name.endswith("_INVERTED")
    )


def _only_p_leaves(cell: Cell, uses: Uses) -> bool:
    """Cascades, carries and pattern detection would come a cycle late."""
    return not any(
        uses[bit]
        for port, bits in cell["connections"].items()
        if cell["port_directions"].get(port) == "output" and port != "P"
        for bit in bits
    )


def _clock(cell: Cell) -> set[Bit]:
    """The clock of the registers that the block has already; none when it has none."""
    return {bit for bit in cell["connections"].get("CLK", []) if isinstance(bit, int)}


def _number(cell: Cell, parameter: str) -> int:
    """A register's stages; a block without the parameter has one, or for A and B one each."""
    return int(str(cell["parameters"].get(parameter, "1")), 2)
