"""From FASM to the frames and the file of a 7-series part, and its ROMs set and read back: over a
database small enough to do by hand, and over Project X-Ray's where its tools are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial import places as rom_places
from hearth.toolchain.targets.serial.contents import random_like, read_image
from hearth.toolchain.targets.tools import Run
from hearth.toolchain.targets.xc7 import bitfile, database, fasm, frames, roms, tools
from hearth.toolchain.targets.xc7.assemble import assemble
from hearth.toolchain.targets.xc7.database import Database
from hearth.toolchain.targets.xc7.frames import Frames
from tests.targets.memories_laid_out import image as image_of
from tests.targets.memories_laid_out import laid_out

PART = "toy1-1"


def _bits(
    bus: str, frame: int, frames: int, offset: int, words: int = 2, **alias: Any
) -> dict[str, Any]:
    window = {"baseaddr": f"0x{frame:08X}", "frames": frames, "offset": offset, "words": words}
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
    **{
        f"BRAM_L_X1Y{5 * i}": {
            "type": "BRAM_L",
            "bits": {
                **_bits("CLB_IO_CLK", 0x300, 28, 10 * i, words=10),
                **_bits("BLOCK_RAM", 0x800000, 128, 10 * i, words=10),
            },
        }
        for i in range(4)
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
LOGIC.HOLE[3] 02_09
""",
    "ppips_logic.db": "LOGIC.OUT.IN always\n",
    "ppips_wires.db": "WIRES.A.B hint\n",
    "segbits_iob33.db": """
IOB33.IOB_Y0.PULL 00_01
IOB33.IOB_Y0.STEPDOWN 00_02
IOB33.IOB_Y1.PULL 01_65
IOB33.IOB_Y1.STEPDOWN 01_66
""",
    "segbits_bram_l.db": "BRAM_L.RAMB18_Y0.IN_USE 27_100\n",
    "segbits_hclk_ioi3.db": "HCLK_IOI3.STEPDOWN 01_31\n",
    "mapping/parts.yaml": f"{PART}:\n  device: toy\n",
    "mapping/devices.yaml": '# device to fabric\n"toy":\n  fabric: "toyfab"\n',
    f"{PART}/part.json": '{"iobanks": {"7": "X0Y9"}}',
    f"{PART}/package_pins.csv": "pin,bank,site,tile,pin_function\n"
    "A1,7,IOB_X0Y2,IOB33_X0Y2,\nA2,7,IOB_X0Y3,IOB33_X0Y2,\nA3,8,IOB_X0Y0,IOB33_SING_X0Y0,\n",
}


def _block_ram_segbits() -> str:
    """Contents of a BRAM_L at our own places: bit i of both halves, and of their parity, from
    number 7 i on, modulo the room there is."""
    rows = [f"INIT_{i:02X}" for i in range(64)] + [f"INITP_{i:02X}" for i in range(8)]
    names = [f"RAMB18_Y{y}.{row}[{bit:03}]" for y in (0, 1) for row in rows for bit in range(256)]
    numbers = [7 * i % (128 * 320) for i in range(len(names))]
    places = [f"{number // 320:02}_{number % 320:02}" for number in numbers]
    return "".join(f"BRAM_L.{name} {at}\n" for name, at in zip(names, places, strict=True))


def _write(place: Path) -> Path:
    """The root of a database with one family of one part."""
    for name, text in {**SEGBITS, "toyfab/tilegrid.json": json.dumps(GRID)}.items():
        path = place / "toyfamily" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return _write(tmp_path / "database")


@pytest.fixture
def toy(root: Path) -> Database:
    return database.open_part(root, PART)


@pytest.fixture(scope="module")
def toy_memories(tmp_path_factory: pytest.TempPathFactory) -> Database:
    root = _write(tmp_path_factory.mktemp("memories"))
    (root / "toyfamily/segbits_bram_l.block_ram.db").write_text(_block_ram_segbits())
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
LOGIC_X0Y1.MUX.B = 1
LOGIC_X0Y1.FLAG
LOGIC_X0Y0.FLAG[0] = 1
LOGIC_X0Y0.HOLE[3:2] = 2'b10
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
        (0x102, 2, 9),
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
        ("LOGIC_X0Y0.HOLE[3:2] = 3\n", r"no feature LOGIC_X0Y0.HOLE\[2\]"),
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
    with pytest.raises(HearthError, match=r"^x\.frm: has a frame twice"):
        frames.loads(text + text.splitlines(keepends=True)[0], "x.frm")
    for bad in (text[:-1], text.replace(",", ";"), text.replace("0x0", "0xg", 1)):
        with pytest.raises(HearthError, match=r"^x\.frm: "):
            frames.loads(bad, "x.frm")
    for bad in (dump[:-9], "bit_00000001_000_01\n", dump.replace(".frame 0x", ".frame 0xg", 1)):
        with pytest.raises(HearthError, match=r"^x: "):
            frames.read_dump(bad, "x")


def _fasm(tile: str, block: Array) -> str:
    """Contents of a block RAM as nextpnr writes them: a half of `tile`, entries [2048, 9] of a
    TILE.RAMB18_Y0, or a whole one's, [4096, 9] of a TILE, whose bits alternate between both."""
    name, _, half = tile.partition(".")
    halves = [(half, block[:, :8].reshape(-1), block[:, 8])]
    if not half:
        data, parity = block[:, :8].reshape(-1), block[:, 8]
        halves = [(f"RAMB18_Y{y}", data[y::2], parity[y::2]) for y in (0, 1)]
    lines = []
    for site, data, parity in halves:
        for row, bits in [("INIT", data), ("INITP", parity)]:
            for i, part in enumerate(bits.reshape(-1, 256)):
                digits = "".join(map(str, part[::-1]))
                lines.append(f"{name}.{site}.{row}_{i:02X}[255:0] = 256'b{digits}")
    return "\n".join(lines) + "\n"


def test_contents_by_hand(toy_memories: Database) -> None:
    """Entry 1 of half Y1: its bit 3 is INIT_00[11], number 7 * (18432 + 11) % 40960 = 6221."""
    block = np.zeros((2048, 9), np.uint8)
    block[1, 3] = 1
    block[2047, 8] = 1
    found = assemble(toy_memories, _fasm("BRAM_L_X1Y5.RAMB18_Y1", block), "toy.fasm")
    frame, bit = divmod(6221, 320)
    last, last_bit = divmod(7 * 36863 % 40960, 320)
    assert _set(found) == {
        (0x800000 + frame, 10 + bit // 32, bit % 32),
        (0x800000 + last, 10 + last_bit // 32, last_bit % 32),
    }
    held = roms.blocks(toy_memories, found)
    assert sorted(held) == ["BRAM_L_X1Y5", "BRAM_L_X1Y5.RAMB18_Y1"]
    assert np.array_equal(held["BRAM_L_X1Y5.RAMB18_Y1"], block)
    assert np.argwhere(held["BRAM_L_X1Y5"]).tolist() == [[2, 7], [4095, 8]]


SHAPES_36 = [(512, 72), (1024, 36), (2048, 18), (4096, 9), (8192, 4), (16384, 2), (32768, 1)]
SHAPES_18 = [(512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1)]


@pytest.mark.parametrize("shape", SHAPES_36 + SHAPES_18)
@pytest.mark.parametrize(("words", "packed"), [(300, True), (1030, False)])
def test_roms_are_found_set_and_read_back(
    toy_memories: Database, shape: tuple[int, int], words: int, packed: bool
) -> None:
    """One ROM in blocks of any shape, beside another in the other half or another tile; other
    contents and back, frame for frame."""
    rng = np.random.default_rng(shape[0] + words)
    bits = 12 if shape[1] >= 9 else 3  # with parity's bit, where it is used
    images = {
        "a": random_like("000\n" * words, bits, seed=1),
        "b": random_like("00000\n" * 700, 18, seed=2),
    }
    widths = {"a": bits, "b": 18}
    blocks = laid_out(read_image(images["a"], bits), *shape, packed=packed)
    names = ["BRAM_L_X1Y5", "BRAM_L_X1Y0", "BRAM_L_X1Y15"]
    if shape[0] * shape[1] < 20000:
        names = [f"{name}.RAMB18_Y{y}" for name in names[:2] for y in (1, 0)]
    assert len(blocks) <= len(names)
    text = "".join(_fasm(n, rom_places.entries(m)) for n, m in zip(names, blocks, strict=False))
    (beside,) = laid_out(read_image(images["b"], 18), 1024, 18)
    text += _fasm("BRAM_L_X1Y10.RAMB18_Y1", rom_places.entries(beside))
    made = assemble(toy_memories, text + "BRAM_L_X1Y0.RAMB18_Y0.IN_USE\n", "toy.fasm")

    places = roms.locate(toy_memories, made, images, widths)
    places = rom_places.loads(rom_places.dumps(places))
    if shape == (16384, 2):  # the same bits as two halves of 16384 x 1
        assert places["a"].blocks[:2] == ("BRAM_L_X1Y5.RAMB18_Y0", "BRAM_L_X1Y5.RAMB18_Y1")
    else:
        assert places["a"].blocks == tuple(names[: len(blocks)])
    assert places["b"].blocks == ("BRAM_L_X1Y10.RAMB18_Y1",)
    wanted = rng.integers(0, 2, (words, bits), dtype=np.uint8)
    changed = roms.patch(toy_memories, made, places, {"a": image_of(wanted)})
    held = roms.contents(toy_memories, changed, places)
    assert np.array_equal(held["a"], wanted)
    assert np.array_equal(held["b"], read_image(images["b"], 18))
    held = roms.contents(toy_memories, changed.nonzero(), places)
    assert np.array_equal(held["a"], wanted)
    back = roms.patch(toy_memories, changed.nonzero(), places, images)
    assert _set(back) == _set(made)
    alone = roms.patch(toy_memories, frames.blank(np.zeros(0, np.int64)), places, images)
    assert np.array_equal(roms.contents(toy_memories, alone, places)["b"], held["b"])


def test_place_on_another_part_is_told(toy_memories: Database) -> None:
    place = rom_places.Place(512, 36, 512, 36, 36, ("BRAM_L_X9Y9.RAMB18_Y0",))
    empty = frames.blank(np.zeros(0, np.int64))
    with pytest.raises(HearthError, match="toy1-1 has no block RAM 'BRAM_L_X9Y9'"):
        roms.contents(toy_memories, empty, {"a": place})


def _fake_tools(flipped: int) -> Callable[[str, list[str], Path, str], Run]:
    """Tools whose file is the frames' text; bitread finds `flipped` in the first word otherwise."""

    def run(tool: str, arguments: list[str], folder: Path, log: str) -> Run:
        if tool == "xc7frames2bit":
            (folder / "unproven.bit").write_bytes((folder / "unproven.frm").read_bytes())
        else:
            address, words = (folder / "unproven.bit").read_text().split()
            values = [int(word, 16) for word in words.split(",")]
            values[0] ^= flipped
            dump = " ".join(f"{value:08x}" for value in values)
            (folder / "unproven.txt").write_text(f".frame {address}\n{dump}\n")
        return Run(tool, 0.0, 0.0, 0, "", 0)

    return run


def test_only_a_file_that_reads_back_right_appears(
    toy: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = assemble(toy, "LOGIC_X0Y0.MUX.A\n", "toy.fasm").nonzero()
    (tmp_path / "x").mkdir()
    monkeypatch.setattr(tools, "run", _fake_tools(flipped=16))
    with pytest.raises(HearthError, match=r"1 of 1 frames, the first 0x00000101$"):
        bitfile.write(toy, made, tmp_path / "x", "toy.bit")
    assert not list((tmp_path / "x").iterdir())
    monkeypatch.setattr(tools, "run", _fake_tools(flipped=0))
    written = bitfile.write(toy, made, tmp_path / "x", "toy.bit")
    assert _set(written.frames) == {(0x101, 2, 5)}
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["toy.bit"]


def _missing() -> str:
    """Why the real tools cannot be tried."""
    try:
        for tool in ("xc7frames2bit", "bitread"):
            tools.command(tool)
        tools.database()
    except HearthError as error:
        return str(error)
    return ""


REAL = ("xc7a50tfgg484-1", "xc7a200tsbg484-1", "xc7z020clg400-1")
"""With features of its own that are required, the last."""


@pytest.mark.skipif(bool(_missing()), reason=_missing())
@pytest.mark.parametrize("name", REAL)
def test_a_file_of_the_real_tools_holds_every_bit(tmp_path: Path, name: str) -> None:
    """Logic, wires and block RAM contents, through xc7frames2bit and bitread."""
    part = database.open_part(tools.database(), name)
    rng = np.random.default_rng(5)
    rams = [name for name in part.grid if part.kind(name) in ("BRAM_L", "BRAM_R")][:6]
    blocks = {name: rng.integers(0, 2, (4096, 9), dtype=np.uint8) for name in rams}
    text = "".join(_fasm(name, block) for name, block in blocks.items())
    logic = next(name for name in part.grid if part.kind(name) == "CLBLL_L")
    wires = next(name for name in part.grid if part.kind(name) == "INT_L")
    text += f"{logic}.SLICEL_X0.ALUT.INIT[63:0] = 64'hdeadbeef01234567\n"
    text += f"{wires}.NL1BEG1.NN6END2\n"
    made = assemble(part, text, "real.fasm")
    written = bitfile.write(part, made, tmp_path, "real.bit")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bitread.log", "real.bit", "xc7frames2bit.log",
    ]  # fmt: skip
    assert _set(written.frames) == _set(made)
    held = roms.blocks(part, written.frames)
    assert {name: block for name, block in held.items() if "." not in name}.keys() == set(rams)
    for name, block in blocks.items():
        assert np.array_equal(held[name], block)
    ones = bin(0xDEADBEEF01234567).count("1") + 2 + len(_set(assemble(part, "", "empty.fasm")))
    assert len(_set(made)) == ones + sum(int(block.sum()) for block in blocks.values())


@pytest.mark.skipif(bool(_missing()), reason=_missing())
def test_a_file_that_the_real_tools_cannot_make(tmp_path: Path) -> None:
    """A frame that the part does not have: xc7frames2bit leaves it out, so it is not read back."""
    part = database.open_part(tools.database(), REAL[0])
    stray = frames.blank(np.array([0x3FFFFFF]))
    stray.words[0, 0] = 5
    with pytest.raises(HearthError, match="does not read back as it was written"):
        bitfile.write(part, stray, tmp_path, "real.bit")
    assert not (tmp_path / "real.bit").exists()
