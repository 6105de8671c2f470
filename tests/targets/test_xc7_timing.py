"""The bound on a routed 7-series design's clock: known paths, and delays against the database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.netlist import Cell
from hearth.toolchain.targets.xc7 import delays, timing, tools

ALL = {"AREG": "1", "BREG": "1", "CREG": "0", "MREG": "0", "PREG": "1"}
NAME = "u_mac.$mul$rtl/mac.v:29$12"
"""With strokes and characters that SDF marks."""


def _cell(kind: str, inputs: str, outputs: str, origin: str = "", **parameters: str) -> Cell:
    ways = dict.fromkeys(inputs.split(), "input") | dict.fromkeys(outputs.split(), "output")
    attributes = {f"X_ORIG_PORT_{port}": "I" for port in ways if port != "A3"}
    attributes |= {"X_ORIG_TYPE": origin}
    return {
        "type": kind,
        "port_directions": ways,
        "attributes": attributes,
        "parameters": parameters,
        "connections": {},
    }


FLOP = _cell("SLICE_FFX", "CK CE SR D", "Q")
LOGIC = _cell("SLICE_LUTX", "A1 A2 A3", "O6", "LUT2")
"""A3 belongs to the other half of the LUT."""
CARRY = _cell("CARRY4", "CIN S0 S1 DI0 DI1", "O0 O1 CO0 CO1")


def _routed(
    folder: Path, cells: dict[str, Cell], wires: list[tuple[str, str, int]], fmax: float = 150.0
) -> timing.Timing:
    """What nextpnr writes of a routed design, bounded."""
    (folder / timing.NETLIST).write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
    fast = {"slow": {"achieved": fmax}, "other": {"achieved": 400.0}}
    (folder / timing.REPORT).write_text(json.dumps({"fmax": fast}))

    def marked(pin: str) -> str:
        return re.sub(r"([$\[\]:\\])", r"\\\1", pin)

    lines = [
        f"        (INTERCONNECT {marked(driver)} {marked(reader)} (1:2:{ps}) (1:2:{ps - 1}))"
        for driver, reader, ps in wires
    ]
    (folder / timing.WIRES).write_text("(DELAYFILE\n" + "\n".join(lines) + "\n)\n")
    return timing.bound(folder)


def test_path_through_a_lut_and_a_chain(tmp_path: Path) -> None:
    cells = {"first": FLOP, "lut": LOGIC, "low": CARRY, "high": CARRY, "last": FLOP}
    wires = [("first/Q", "lut/A2", 700), ("lut/O6", "low/S1", 30), ("low/CO1", "high/CIN", 0)]
    wires += [("high/O0", "last/D", 500), ("first/Q", "last/CE", 900), ("first/Q", "lut/A3", 9000)]
    found = _routed(tmp_path, cells, wires)
    total = 362 + 700 + 157 + 30 + 472 + 0 + 235 + 500 + 100
    assert found.worst == pytest.approx(
        {"SLICE_FFX": total / 1e3, "SLICE_LUTX": total / 1e3, "CARRY4": total / 1e3}
    )
    assert found.bound_mhz == pytest.approx(1e6 / total)
    assert [f"{cell}/{port}" for cell, port, _ in found.path] == (
        ["first/Q", "lut/A2", "lut/O6", "low/S1", "low/CO1", "high/CIN", "high/O0", "last/D"]
    )
    assert found.path[-1][2] == pytest.approx((total - 100) / 1e3)
    assert found.nextpnr_mhz == 150.0
    assert found.claimed_mhz == pytest.approx(150.0 * (1 - timing.MARGIN))


def test_lower_clock_is_claimed(tmp_path: Path) -> None:
    found = _routed(tmp_path, {"a": FLOP, "b": FLOP}, [("a/Q", "b/D", 9_538)], fmax=150.0)
    assert found.bound_mhz == pytest.approx(100.0)
    assert found.claimed_mhz == pytest.approx(90.0)


@pytest.mark.parametrize(
    ("registers", "total", "inside"),
    [
        (ALL, 478 + 600 + 100, 4_206),
        (ALL | {"MREG": "1"}, 478 + 600 + 100, 2_500),
        (ALL | {"PREG": "0", "MREG": "1"}, 2_500 + 600 + 100, 2_500),
        (ALL | {"PREG": "0"}, 4_206 + 600 + 100, 2_500),
        (dict.fromkeys(ALL, "0"), 362 + 800 + 4_036 + 600 + 100, 2_500),
        (dict.fromkeys(ALL, "0") | {"PREG": "1"}, 362 + 800 + 3_722, 4_206),
        (dict.fromkeys(ALL, "0") | {"MREG": "1"}, 2_500 + 600 + 100, 2_500),
    ],
)
def test_multiplier_block_by_its_registers(
    registers: dict[str, str], total: int, inside: int, tmp_path: Path
) -> None:
    block = _cell("DSP48E1_DSP48E1", "A0 B0 C0 CLK CEP", "P0", "DSP48E1", **registers)
    wires = [("first/Q", f"{NAME}/A0", 800), (f"{NAME}/P0", "last/D", 600)]
    found = _routed(tmp_path, {"first": FLOP, NAME: block, "last": FLOP}, wires)
    assert found.worst["DSP48E1_DSP48E1"] == pytest.approx(max(total, inside) / 1e3)


@pytest.mark.parametrize(
    ("origin", "pin", "total"),
    [
        ("RAM32M", "DI1", 362 + 400 + 461),
        ("RAM32M", "WE", 362 + 400 + 654),
        ("SRL16E", "DI1", 362 + 400 + 461),
        ("RAM64M", "A1", 362 + 400 + 157 + 300 + 100),
    ],
)
def test_memory_in_a_lut(origin: str, pin: str, total: int, tmp_path: Path) -> None:
    lut = _cell("SLICE_LUTX", "A1 DI1 WA1 WE CLK", "O6", origin)
    wires = [("first/Q", f"ram/{pin}", 400), ("ram/O6", "last/D", 300)]
    found = _routed(tmp_path, {"first": FLOP, "ram": lut, "last": FLOP}, wires)
    read = (1_481 if origin == "SRL16E" else 1_190) + 300 + 100
    assert found.worst["SLICE_LUTX"] == pytest.approx(max(total, read) / 1e3)


@pytest.mark.parametrize(("register", "time"), [("0", 2_454), ("1", 882)])
def test_block_ram(register: str, time: int, tmp_path: Path) -> None:
    ram = _cell("RAMB36E1_RAMB36E1", "ADDRARDADDRL3 CLKARDCLKL", "DOADO3", DOA_REG=register)
    wires = [("first/Q", "ram/ADDRARDADDRL3", 50), ("ram/DOADO3", "last/D", 500)]
    found = _routed(tmp_path, {"first": FLOP, "ram": ram, "last": FLOP}, wires)
    assert found.worst["RAMB36E1_RAMB36E1"] == pytest.approx((time + 600) / 1e3)


def _placed(cell: Cell, place: str) -> Cell:
    return {**cell, "attributes": cell["attributes"] | {"NEXTPNR_BEL": f"{place}/SLICE_X0Y0.A6LUT"}}


@pytest.mark.parametrize(("samples", "stretch"), [(0, 1.5), (99, 1.5), (100, 1.96)])
def test_estimated_wires_are_lengthened(samples: int, stretch: float, tmp_path: Path) -> None:
    """Three columns and four rows are estimated as 775 ps; other wires of the design took from 1.00
    to 1.99 times their estimates."""
    cells = {"a": _placed(FLOP, "X1Y9"), "lut": _placed(LOGIC, "X4Y5"), "b": FLOP}
    wires = [("a/Q", "lut/A1", 775), ("lut/O6", "b/D", 0)]
    for i in range(samples):
        cells[f"near{i}"] = _placed(LOGIC, "X1Y9")
        wires.append(("a/Q", f"near{i}/A2", 500 + 5 * i + (i == 0)))
    found = _routed(tmp_path, cells, wires)
    assert found.stretch == pytest.approx((stretch,), abs=0.02)
    total = 362 + 775 * found.stretch[0] + 157 + 100
    assert found.worst["SLICE_LUTX"] == pytest.approx(total / 1e3)


@pytest.mark.parametrize(("far", "ratio"), [(100, 0.6), (99, 1.2)])
def test_estimates_are_lengthened_by_what_is_known_of_their_distance(
    far: int, ratio: float, tmp_path: Path
) -> None:
    """100 short wires took 1.2 times their estimates of 500 ps, long ones 0.6 times those of 4,500;
    99 of them are too few, so those count as the next shorter ones do."""
    cells = {"a": _placed(FLOP, "X0Y0"), "lut": _placed(LOGIC, "X0Y80"), "b": FLOP}
    wires = [("a/Q", "lut/A1", 4_500), ("lut/O6", "b/D", 0)]
    for i, (place, delay) in enumerate(100 * [("X0Y0", 600)] + far * [("X0Y80", 2_700)]):
        cells[f"known{i}"] = _placed(LOGIC, place)
        wires.append(("a/Q", f"known{i}/A2", delay))
    found = _routed(tmp_path, cells, wires)
    assert found.stretch == pytest.approx((1.2, 1.2, 1.2, ratio))
    total = 362 + 4_500 * ratio + 157 + 100
    assert found.worst["SLICE_LUTX"] == pytest.approx(total / 1e3)


def test_pads_begin_no_path(tmp_path: Path) -> None:
    cells = {"pad": _cell("PAD", "", "O"), "a": FLOP, "b": FLOP}
    found = _routed(tmp_path, cells, [("pad/O", "a/D", 90_000), ("a/Q", "b/D", 100)])
    assert set(found.worst) == {"SLICE_FFX"}
    assert found.path[0][:2] == ("a", "Q")


def test_what_has_no_clock_is_said(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match=r"routed\.json: is missing; .* --write, --sdf"):
        timing.bound(tmp_path)
    with pytest.raises(HearthError, match="expected registers with paths between them"):
        _routed(tmp_path, {"a": FLOP}, [])
    ring = [("a/Q", "x/A1", 1), ("x/O6", "y/A1", 1), ("y/O6", "x/A2", 1), ("x/O6", "a/D", 1)]
    with pytest.raises(HearthError, match="combinational logic is a loop"):
        _routed(tmp_path, {"a": FLOP, "x": LOGIC, "y": LOGIC}, ring)
    (tmp_path / timing.REPORT).write_text("{}")
    (tmp_path / timing.WIRES).write_text("(INTERCONNECT a/Q a/D (1:1:1) (1:1:1))\n")
    with pytest.raises(HearthError, match="reports no clock"):
        timing.bound(tmp_path)


@pytest.fixture(scope="module")
def database() -> list[tuple[str, str, str, float]]:
    """Entries of Project X-Ray's database: cell, from (or SETUP), to, the greatest time, in ps."""
    try:
        folder = tools.database() / "artix7/timings"
    except HearthError as error:
        pytest.skip(str(error))
    names = ("slicel.sdf", "slicem.sdf", "BRAM_L.sdf", "DSP_L.sdf")
    return [entry for name in names for entry in _entries((folder / name).read_text())]


def _entries(text: str) -> Iterator[tuple[str, str, str, float]]:
    for cell, body in re.findall(r'CELLTYPE "(\S+)"\)(.*?)(?=\(CELL\b|\Z)', text, re.DOTALL):
        for source, target, times in re.findall(r"IOPATH (\S+) (\S+) (.*)\)", body):
            yield cell, source, target, _greatest(times)
        for pin, times in re.findall(r"SETUP (\S+) \(posedge \S+\) \((.*)\)", body):
            yield cell, "SETUP", pin, _greatest(times)


def _greatest(times: str) -> float:
    return 1e3 * max(float(number) for number in re.findall(r"-?\d+\.\d+", times))


PLAIN = "(?!.*(PATDET_PATDET|DETECT_PATDET|CASCADE|DYNAMIC|DPORT_TRUE|USE_MULT_NONE)).*"
CHECKED: dict[str, tuple[int, str, str, str]] = {
    "LUT": (delays.LUT, r"LUT[56]|LUT_OR_MEM[56]LRAM", r"A\d", r"O\d"),
    "LUT RAM": (delays.LUT_RAM, r"LUT_OR_MEM[56]LRAM", "CLK", r"O\d"),
    "LUT RAM, WE": (delays.LUT_RAM_SETUP["WE"], r"LUT_OR_MEM.*", "SETUP", "WE"),
    "LUT RAM, WA": (delays.LUT_RAM_SETUP["W"], r"LUT_OR_MEM.*", "SETUP", r"WA\d"),
    "LUT RAM, DI": (delays.LUT_RAM_SETUP["DI"], r"LUT_OR_MEM.*", "SETUP", r"DI\d"),
    "shift register": (delays.SHIFT_REGISTER, r"LUT_OR_MEM[56]SHFREG", "CLK", r"O\d"),
    "flip-flop": (delays.FLIP_FLOP, "REG_INIT_FF|FF_INIT", "CLK", "Q"),
    "flip-flop, CE": (delays.FLIP_FLOP_SETUP["CE"], "REG_INIT_FF|FF_INIT", "SETUP", "CE"),
    "multiplexer": (delays.MUX, "SELMUX2_1", r"\d", "OUT"),
    "multiplexer, select": (delays.MUX_SELECT, "SELMUX2_1", r"S\d", "OUT"),
    "block RAM": (delays.BLOCK_RAM, r"RAMB.*DO._REG_._0.*", "CLK.*", "DO.*"),
    "registered": (delays.BLOCK_RAM_REGISTERED, r"RAMB.*DO._REG_._1.*", ".*CLK.*", "DO.*"),
    "address": (delays.BLOCK_RAM_SETUP["ADDR"], "RAMB.*", "SETUP", "ADDR.*"),
    "write": (delays.BLOCK_RAM_SETUP["WE"], "RAMB.*", "SETUP", "WE.*"),
    "data": (delays.BLOCK_RAM_SETUP["DI"], "RAMB.*", "SETUP", "DI.*"),
    "enable": (delays.BLOCK_RAM_SETUP["EN"], "RAMB.*FIFO_FALSE", "SETUP", "EN.*"),
    "P": (delays.PRODUCT_REGISTERED, "DSP48E1_PREG_1", "CLK", "P"),
    "PCOUT": (delays.SUM_REGISTERED, "DSP48E1_PREG_1", "CLK", "P|PCOUT"),
    "MREG": (delays.PRODUCT_BEHIND_MREG, "DSP48E1_(M|C)REG_1_PREG_0", "CLK", "P|PCOUT"),
    "product": (delays.PRODUCT, "DSP48E1_[AB]REG_[12]" + PLAIN, "CLK", "P|PCOUT"),
    "CE": (delays.BLOCK_SETUP["CE"], r"DSP48E1_(?!INMODE)\w+REG_[12]", "SETUP", "CE.*"),
    "RST": (delays.BLOCK_SETUP["RST"], r"DSP48E1_(?!INMODE)\w+REG_[12]", "SETUP", "RST.*"),
    "A": (delays.BLOCK_SETUP["A"], "DSP48E1_AREG_1_A_INPUT_DIRECT", "SETUP", "A"),
    "B": (delays.BLOCK_SETUP["B"], "DSP48E1_BREG_1_B_INPUT_DIRECT", "SETUP", "B"),
    "C": (delays.BLOCK_SETUP["C"], "DSP48E1_CREG_1", "SETUP", "C"),
    "D": (delays.BLOCK_SETUP["D"], "DSP48E1_DREG_1", "SETUP", "D"),
    "A, MREG": (delays.BEHIND_MREG["A"], "DSP48E1_AREG_0.*MREG_1" + PLAIN, "SETUP", "A"),
    "B, MREG": (delays.BEHIND_MREG["B"], "DSP48E1_BREG_0.*MREG_1" + PLAIN, "SETUP", "B"),
    "A, PREG": (delays.BEHIND_PREG["A"], "DSP48E1_AREG_0.*PREG_1" + PLAIN, "SETUP", "A"),
    "B, PREG": (delays.BEHIND_PREG["B"], "DSP48E1_BREG_0.*PREG_1" + PLAIN, "SETUP", "B"),
    "C, PREG": (delays.BEHIND_PREG["C"], "DSP48E1_CREG_0_PREG_1.*NO_PATDET", "SETUP", "C"),
    "PCIN, PREG": (delays.BEHIND_PREG["PCIN"], "DSP48E1_PREG_1.*NO_PATDET", "SETUP", "PCIN"),
    "PCIN": (delays.UNREGISTERED["PCIN"], "DSP48E1_PREG_0", "PCIN", "P|PCOUT"),
    "A, none": (delays.UNREGISTERED["A"], "DSP48E1_AREG_0.*PREG_0" + PLAIN, "A", "P|PCOUT"),
    "B, none": (delays.UNREGISTERED["B"], "DSP48E1_BREG_0.*PREG_0" + PLAIN, "B", "P|PCOUT"),
    "C, none": (delays.UNREGISTERED["C"], "DSP48E1_CREG_0_PREG_0", "C", "P|PCOUT"),
}


@pytest.mark.parametrize("source", delays.CARRY)
def test_carries_are_the_greatest_of_the_database(
    source: str, database: list[tuple[str, str, str, float]]
) -> None:
    found: dict[str, float] = {}
    for cell, start, target, time in database:
        if cell.startswith("CARRY4") and start == source:
            found[target] = max(time, found.get(target, 0.0))
    ours = zip(delays.CARRY_OUTPUTS, delays.CARRY[source], strict=True)
    assert {name: time for name, time in ours if time} == pytest.approx(found, abs=0.5)


@pytest.mark.parametrize("name", CHECKED)
def test_delay_is_the_greatest_of_the_database(
    name: str, database: list[tuple[str, str, str, float]]
) -> None:
    time, *patterns = CHECKED[name]
    times = [
        entry[3]
        for entry in database
        if all(re.fullmatch(p, part) for p, part in zip(patterns, entry[:3], strict=True))
    ]
    assert times, f"{patterns}: not in the database"
    assert max(times) == pytest.approx(time, abs=0.5)
