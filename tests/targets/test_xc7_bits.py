"""From FASM to the frames of a 7-series part, over a database small enough to do by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.xc7 import database, fasm, frames
from hearth.toolchain.targets.xc7.assemble import assemble
from hearth.toolchain.targets.xc7.database import Database
from hearth.toolchain.targets.xc7.frames import Frames

PART = "toy1-1"


def _bits(bus: str, frame: int, frames: int, offset: int, **alias: Any) -> dict[str, Any]:
    window = {"baseaddr": f"0x{frame:08X}", "frames": frames, "offset": offset, "words": 2}
    return {bus: {**window, **({"alias": alias} if alias else {})}}


GRID = {
    "LOGIC_X0Y0": {"type": "LOGIC", "bits": _bits("CLB_IO_CLK", 0x100, 4, 2)},
    "LOGIC_X0Y1": {"type": "LOGIC", "bits": _bits("CLB_IO_CLK", 0x100, 4, 99)},
    "WIRES_X0Y0": {"type": "WIRES", "bits": {}},
    "IOB33_X0Y2": {
        "type": "IOB33",
        "bits": _bits("CLB_IO_CLK", 0x200, 2, 10),
        "sites": {"IOB_X0Y2": "IOB33", "IOB_X0Y3": "IOB33"},
    },
    "IOB33_SING_X0Y0": {
        "type": "IOB33_SING",
        "bits": _bits(
            "CLB_IO_CLK", 0x200, 2, 0, type="IOB33", start_offset=2, sites={"PIN": "IOB_Y1"}
        ),
        "sites": {"IOB_X0Y0": "IOB33"},
    },
    "HCLK_IOI3_X0Y9": {"type": "HCLK_IOI3", "bits": _bits("CLB_IO_CLK", 0x200, 2, 50)},
}
SEGBITS = {
    "segbits_logic.db": """
LOGIC.LUT.INIT[00] 00_00
LOGIC.LUT.INIT[01] 00_33
LOGIC.LUT.INIT[02] 03_63
LOGIC.MUX.A 01_05 !01_06
LOGIC.MUX.B !01_05 01_06
LOGIC.MUX.NONE !01_05 !01_06
LOGIC.FLAG[0] 02_07
""",
    "ppips_logic.db": "LOGIC.OUT.IN always\n",
    "ppips_wires.db": "WIRES.A.B hint\n",
    "segbits_iob33.db": """
IOB33.IOB_Y0.PULL 00_01
IOB33.IOB_Y0.STEPDOWN 00_02
IOB33.IOB_Y1.PULL 01_65
IOB33.IOB_Y1.STEPDOWN 01_66
""",
    "segbits_hclk_ioi3.db": "HCLK_IOI3.STEPDOWN 01_31\n",
    "mapping/parts.yaml": f"{PART}:\n  device: toy\n",
    "mapping/devices.yaml": '# device to fabric\n"toy":\n  fabric: "toyfab"\n',
    f"{PART}/part.json": '{"iobanks": {"7": "X0Y9"}}',
    f"{PART}/package_pins.csv": "pin,bank,site,tile,pin_function\n"
    "A1,7,IOB_X0Y2,IOB33_X0Y2,\nA2,7,IOB_X0Y3,IOB33_X0Y2,\nA3,8,IOB_X0Y0,IOB33_SING_X0Y0,\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of a database with one family of one part."""
    for name, text in {**SEGBITS, "toyfab/tilegrid.json": json.dumps(GRID)}.items():
        path = tmp_path / "database/toyfamily" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "database"


@pytest.fixture
def toy(root: Path) -> Database:
    return database.open_part(root, PART)


def _set(found: Frames) -> set[tuple[int, int, int]]:
    """Bits that are 1: address, word, bit."""
    return {
        (int(address), word, bit)
        for address, words in zip(found.addresses, found.words, strict=True)
        for word in range(frames.WORDS)
        for bit in range(32)
        if words[word] >> bit & 1
    }


def test_frames_by_hand(toy: Database) -> None:
    text = """
# a design
LOGIC_X0Y0.LUT.INIT[2:0] = 3'b101   # bits 0 and 2
LOGIC_X0Y1.LUT.INIT[1]
LOGIC_X0Y1.MUX.B { .why = "a } in quotes" }
LOGIC_X0Y1.FLAG
LOGIC_X0Y0.FLAG[0] = 1
LOGIC_X0Y0.MUX.A = 0

LOGIC_X0Y0.OUT.IN
WIRES_X0Y0.A.B
"""
    found = assemble(toy, text, "toy.fasm")
    assert _set(found) == {
        (0x100, 2, 0),
        (0x103, 3, 31),
        (0x100, 100, 1),
        (0x101, 99, 6),
        (0x102, 99, 7),
        (0x102, 2, 7),
    }
    assert found.addresses.tolist() == [0x100, 0x101, 0x102, 0x103]


def test_alias_takes_the_end_of_another_type(toy: Database) -> None:
    """IOB33_SING has the last two of IOB33's words; its pin is called PIN."""
    found = assemble(toy, "IOB33_SING_X0Y0.PIN.PULL\n", "toy.fasm")
    assert _set(found) == {(0x201, 0, 1)}
    with pytest.raises(HearthError, match=r"IOB33_SING_X0Y0.IOB_Y0.PULL has bits outside"):
        assemble(toy, "IOB33_SING_X0Y0.IOB_Y0.PULL\n", "toy.fasm")


def test_stepdown_holds_for_the_bank(toy: Database) -> None:
    """Unused pins of bank 7 and its HCLK_IOI3 get it; a pin that is used otherwise, and bank 8,
    do not."""
    alone = assemble(toy, "IOB33_X0Y2.IOB_Y0.STEPDOWN\n", "toy.fasm")
    assert _set(alone) == {(0x200, 10, 2), (0x201, 12, 2), (0x201, 50, 31)}
    beside = "IOB33_X0Y2.IOB_Y0.STEPDOWN\nIOB33_X0Y2.IOB_Y1.PULL\n"
    assert _set(assemble(toy, beside, "toy.fasm")) == {
        (0x200, 10, 2),
        (0x201, 12, 1),
        (0x201, 50, 31),
    }


def test_required_features_of_a_part(toy: Database) -> None:
    (toy.part_file.parent / "required_features.fasm").write_text("LOGIC_X0Y0.MUX.A\n")
    assert _set(assemble(toy, "", "toy.fasm")) == {(0x101, 2, 5)}


def test_same_bit_twice_is_no_contradiction(toy: Database) -> None:
    twice = "LOGIC_X0Y0.MUX.A\n" * 2
    assert _set(assemble(toy, twice, "toy.fasm")) == {(0x101, 2, 5)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("LOGIC_X0Y0.MUX.C\n", "toy1-1 has no feature LOGIC_X0Y0.MUX.C;"),
        ("LOGIC_X9Y0.MUX.A\nA\nB.C\nD\n", "no feature LOGIC_X9Y0.MUX.A, A, B.C and 1 more"),
        ("LOGIC_X0Y0.LUT.INIT[3:0] = 4'h8\n", r"no feature LOGIC_X0Y0.LUT.INIT\[3\]"),
        ("LOGIC_X0Y0.MUX.A\nLOGIC_X0Y0.MUX.B\n", "MUX.A sets what LOGIC_X0Y0.MUX.B clears"),
        ("LOGIC_X0Y0.MUX.NONE\nLOGIC_X0Y0.MUX.B\n", "MUX.B sets what LOGIC_X0Y0.MUX.NONE clears"),
        ("LOGIC_X0Y0.LUT.INIT[1:0] = 2'b111\n", "its value does not fit 2 bits"),
        ("LOGIC_X0Y0.LUT.INIT[1:0] = 1'b10\n", "its value does not fit 2 bits"),
        ("LOGIC_X0Y0.LUT.INIT[1:0] = 2'b12\n", "its value does not fit 2 bits"),
        ("LOGIC_X0Y0.LUT.INIT[0:1] = 2'b11\n", "the highest first"),
        ("LOGIC_X0Y0.LUT.INIT[99999:0] = 1\n", "expected 1 to 4096 bits"),
        ("LOGIC_X0Y0 MUX\n", "not a line of FASM: 'LOGIC_X0Y0 MUX'"),
    ],
)
def test_bad_fasm_is_told(toy: Database, text: str, message: str) -> None:
    with pytest.raises(HearthError, match=f"^toy.fasm: .*{message}"):
        assemble(toy, text, "toy.fasm")


@pytest.mark.parametrize("value", ["8'hA5", "8'b1010_0101", "8'd165", "8'o245", "165", "'hA5"])
def test_values_in_any_base(value: str) -> None:
    (found,) = fasm.parse(f"T.F[11:4] = {value}", "x").values
    assert (found.feature, found.lowest) == ("T.F", 4)
    assert found.bits.tolist() == [1, 0, 1, 0, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("segbits_logic.db", "LOGIC.MUX.A 01-05\n", "segbits_logic.db: MUX.A: expected bits such"),
        ("segbits_logic.db", "CLB.MUX.A 01_05\n", "not an entry of LOGIC"),
        ("toyfab/tilegrid.json", "[1]", "tilegrid.json: is not a tile grid"),
        ("toyfab/tilegrid.json", "{", "tilegrid.json: is not JSON"),
        ("toyfab/tilegrid.json", '{"LOGIC_X0Y0": {"type": "LOGIC"}}', "tile LOGIC_X0Y0 is damaged"),
        ("mapping/devices.yaml", "other:\n  fabric: x\n", "knows no fabric of toy"),
        ("mapping/parts.yaml", "other:\n  device: x\n", "knows no part 'toy1-1'"),
    ],
)
def test_damaged_database_is_told(root: Path, file: str, text: str, message: str) -> None:
    (root / "toyfamily" / file).write_text(text)
    with pytest.raises(HearthError, match=message):
        assemble(database.open_part(root, PART), "LOGIC_X0Y0.MUX.A\n", "toy.fasm")


def test_missing_database_is_told(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match="no database of Project X-Ray"):
        database.open_part(tmp_path, PART)


def test_texts_of_frames() -> None:
    rng = np.random.default_rng(0)
    words = rng.integers(0, 1 << 32, (3, frames.WORDS), np.uint32)
    some = Frames(np.array([3, 0x400100, 0x400101], np.uint32), words)
    text = frames.dumps(some)
    line = "0x00000003 " + ",".join(f"0x{word:08X}" for word in words[0])
    assert text.splitlines()[0] == line
    again = frames.loads(text, "x.frm")
    assert np.array_equal(again.addresses, some.addresses)
    assert np.array_equal(again.words, words)
    dump = "".join(
        f".frame 0x{address:08x}\n" + "\n".join(" ".join(f"{w:08x}" for w in row[i : i + 6])
        for i in range(0, frames.WORDS, 6)) + "\n\n"
        for address, row in zip(some.addresses, words, strict=True)
    )  # fmt: skip
    assert np.array_equal(frames.read_dump(dump, "x").words, words)
    for bad in (text[:-1], text.replace(",", ";"), text.replace("0x0", "0xg", 1)):
        with pytest.raises(HearthError, match=r"^x\.frm: "):
            frames.loads(bad, "x.frm")
    for bad in (dump[:-9], "bit_00000001_000_01\n", dump.replace(".frame 0x", ".frame 0xg", 1)):
        with pytest.raises(HearthError, match=r"^x: "):
            frames.read_dump(bad, "x")
