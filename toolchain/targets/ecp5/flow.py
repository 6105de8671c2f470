"""The flow: a compiled network and a board in, a configuration file and its figures out.

build/x/board/<board>/   rtl/ rom/      everything the tools read; the ROMs are random here
                         synth.ys       netlist: hearth.json, yosys.log
                         pins.lpf
                         routed.config  placed and routed; route.log, timing.json
                         roms.json      where each ROM lies in it (brams.py)
                         hearth.config  the same with the network's weights
                         hearth.bit     for the board
                         board.json     figures, build id (report.py)
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hearth.toolchain.ir import Design
from hearth.toolchain.saved import weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.support import advice, json_text, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.ecp5 import (
    brams,
    estimate,
    multipliers,
    pins,
    pipeline_registers,
    pll,
    top,
)
from hearth.toolchain.targets.ecp5.boards import BOARDS
from hearth.toolchain.targets.target import Board

LINK = (
    "link/hearth_link_pkg.sv",  # first: the others use it
    "link/hearth_uart_rx.sv",
    "link/hearth_uart_tx.sv",
    "link/hearth_link_bytes.sv",
    "link/hearth_packet_pixels.sv",
    "link/hearth_packet_receiver.sv",
    "link/hearth_packet_sender.sv",
    "link/hearth_pattern_source.sv",
    "link/hearth_link_frames.sv",
    "link/hearth_bench_meter.sv",
    "link/hearth_activity_counters.sv",
    "link/hearth_link_counters.sv",
    "link/hearth_answer_words.sv",
    "link/hearth_link_sequencer.sv",
    "link/hearth_link.sv",
    "axi/hearth_axi_video.sv",
)
PAUSE_SECONDS = 0.05
"""How long a packet may pause before the board gives it up."""
DEFAULT_SEED = 1
FIGURES = "board.json"
BITSTREAM = "hearth.bit"
ROUTED = "routed.config"
CONFIG = "hearth.config"
MAP = "roms.json"
_NETLIST = "hearth.json"
_UNPROVEN = "unproven.bit"
_READ_BACK = "unproven.config"


@dataclass(frozen=True)
class Settings:
    """What the user chose; `mhz` is the clock that must be met."""

    board: Board = BOARDS[0]
    mhz: float = BOARDS[0].mhz
    seed: int = DEFAULT_SEED
    live: bool = False
    """Two banks per ROM, so that the running board takes new weights over its link."""


def folder_of(build: Build, board: str) -> Path:
    """Where the files of one board lie in a build folder."""
    return build.path / "board" / board


def link_of(build: Build, hz: float, live: bool = False) -> top.Link:
    """The link's numbers at a clock; with `live` the board takes new weights while it runs."""
    divisor, _ = pll.uart(hz)
    return top.Link(
        round(hz / 1000),
        divisor,
        round(hz * PAUSE_SECONDS),
        hardware_id(build),
        weights_image.image_bytes(build.design) if live else 0,
    )


@dataclass(frozen=True)
class Prepared:
    """Everything the tools read, in `folder`."""

    board: Board
    wiring: pins.Pins
    clock: pll.Pll
    share: multipliers.Multipliers
    defines: tuple[str, ...]
    folder: Path


def prepare(build: Build, settings: Settings) -> Prepared:
    """Write sources, ROMs, constraints and scripts. HearthError for an unknown board or clock."""
    board, wiring = settings.board, pins.of(settings.board)
    clock = pll.design(wiring.clock_hz, settings.mhz * 1e6)
    share = multipliers.assign(build.design.products, board.limits.dsp)
    choice = estimate.cells_per_block(build.design, board, settings.live)
    live = ("HEARTH_LIVE",) if settings.live else ()
    defines = ("HEARTH_OBSERVED", f"HEARTH_CELLS_PER_BLOCK={choice}", *live)
    prepared = Prepared(board, wiring, clock, share, defines, folder_of(build, board.name))
    _write_sources(build, prepared, settings.live)
    return prepared


def make(
    build: Build, settings: Settings, report: progress.Report = progress.silent
) -> dict[str, Any]:
    """Synthesize, place, route and pack. Returns the figures; HearthError when a tool refuses.

    ROMs are placed with random contents and given the weights afterwards (brams.py). A design that
    misses its clock is not an error here: `figures["met"]` says so, and there is no
    .bit file then.
    """
    prepared = prepare(build, settings)
    folder = prepared.folder
    runs = []
    report("yosys: synthesis", 0, 3)
    runs.append(tools.run("yosys", ["-q", "-l", "yosys.log", "synth.ys"], folder, "yosys.out"))
    _check(runs[-1])
    pipeline_registers.absorb_in(folder / _NETLIST, "hearth_top")
    report("nextpnr: place and route", 1, 3)
    runs.append(
        tools.run(
            "nextpnr-ecp5",
            _route(prepared, settings.seed),
            folder,
            "route.log",
        )
    )
    figures = _figures(build, prepared, runs) | {"live": settings.live}
    if runs[-1].status or not figures["met"]:
        return _finish(folder, figures)
    routed = (folder / ROUTED).read_text()
    places = brams.locate(routed, _scrambled(build, settings.live), _widths(build))
    (folder / MAP).write_text(brams.dumps(places))
    report("ecppack: bitstream", 2, 3)
    return _pack(build, folder, figures, routed, places)


def swap(build: Build, placed: Build, settings: Settings) -> dict[str, Any]:
    """The bitstream of `build` from the placement of another build of the same hardware: only the
    weights are set anew, which takes seconds. HearthError when the hardware is not the same."""
    board = settings.board
    source, folder = folder_of(placed, board.name), folder_of(build, board.name)
    if not (source / MAP).is_file():
        raise HearthError(
            f"--placed {placed.path}: holds no routed design for {board.name}; make it with:"
            f" {advice.command('bitstream', placed.path, '--board', board.name)}"
        )
    if hardware_id(build) != hardware_id(placed):
        raise HearthError(
            f"--placed {placed.path}: its hardware is not that of {build.path} (another network,"
            " folding or scaling shift); make the bitstream without --placed"
        )
    figures = json.loads((source / FIGURES).read_text())
    figures |= {"build_id": f"{build_id(build):016x}", "network": build.qgraph.name, "tools": []}
    folder.mkdir(parents=True, exist_ok=True)
    for name in (ROUTED, MAP):
        if folder != source:
            shutil.copy(source / name, folder / name)
    places = brams.loads((folder / MAP).read_text())
    return _pack(build, folder, figures, (folder / ROUTED).read_text(), places)


def _pack(
    build: Build, folder: Path, figures: dict[str, Any], routed: str, places: brams.BlockMap
) -> dict[str, Any]:
    """Set the weights, make the .bit file, and read the weights back from it."""
    images = _banked(_images(build), figures["live"])
    (folder / CONFIG).write_text(brams.patch(routed, places, images))
    steps = [("ecppack", ["--compress", "--input", CONFIG, "--bit", _UNPROVEN])]
    steps += [("ecpunpack", ["--input", _UNPROVEN, "--textcfg", _READ_BACK])]
    for tool, arguments in steps:
        result = tools.run(tool, arguments, folder, f"{tool}.log")
        _check(result)
        figures["tools"] = [*figures["tools"], _cost(result)]
    contents = brams.contents((folder / _READ_BACK).read_text(), places)
    for name, bits in contents.items():
        if not np.array_equal(bits, brams.read_image(images[name], places[name].bits)):
            raise HearthError(f"bitstream: {name} does not read back as it was written")
    (folder / _READ_BACK).unlink()
    (folder / _UNPROVEN).replace(folder / BITSTREAM)
    figures["read_back"] = [len(contents), sum(bits.size for bits in contents.values())]
    return _finish(folder, {**figures, "bitstream": str(folder / BITSTREAM)})


def _images(build: Build) -> dict[str, str]:
    """Every ROM image by name, the build id's too."""
    images = {path.stem: path.read_text() for path in (build.path / "rom").iterdir()}
    return {**images, weights_image.ID_ROM: weights_image.id_image(build_id(build))}


def _widths(build: Build) -> dict[str, int]:
    widths = {rom.name: rom.width for rom in build.design.roms}
    return {**widths, weights_image.ID_ROM: weights_image.ID_BITS}


def _banked(images: Mapping[str, str], live: bool) -> dict[str, str]:
    """Images of the memories as they are built: with `live` two banks of a power of two words, the
    weights in the first (hw/memory/hearth_rom.sv)."""
    return {name: _two_banks(text) if live else text for name, text in images.items()}


def _two_banks(text: str) -> str:
    words = text.split()
    depth = 2 * weights_image.bank_words(len(words))
    return "\n".join([*words, *["0" * len(words[0])] * (depth - len(words))]) + "\n"


def _scrambled(build: Build, live: bool) -> dict[str, str]:
    """Random contents for every memory, always the same for the same shapes."""
    widths = _widths(build)
    return {
        name: brams.scrambled(text, widths[name], seed)
        for seed, (name, text) in enumerate(sorted(_banked(_images(build), live).items()))
    }


def _cost(run: tools.Run) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(run).items() if key != "text"}


def _finish(folder: Path, figures: dict[str, Any]) -> dict[str, Any]:
    (folder / FIGURES).write_text(json_text.dumps(figures, indent=1) + "\n")
    return figures


def _check(result: tools.Run) -> None:
    if result.status:
        raise HearthError(f"bitstream: {tools.first_error(result)}")


def _write_sources(build: Build, prepared: Prepared, live: bool) -> None:
    board, clock, folder = prepared.board, prepared.clock, prepared.folder
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(build.path / "rtl", folder / "rtl")
    (folder / "rom").mkdir()
    for name, text in _scrambled(build, live).items():
        (folder / "rom" / f"{name}.hex").write_text(text)
    for path in LINK:
        shutil.copy(HARDWARE / path, folder / "rtl")
    shutil.copy(HARDWARE / "boards/ecp5/multiply_map.v", folder)
    core = top.core(build.design, link_of(build, clock.hz, live))
    (folder / "rtl/hearth_board.sv").write_text(core)
    (folder / "rtl/hearth_top.sv").write_text(top.pins(board, prepared.wiring, clock))
    (folder / "pins.lpf").write_text(top.constraints(prepared.wiring))
    (folder / "synth.ys").write_text(_script(folder, prepared.share, prepared.defines))


def _script(folder: Path, share: multipliers.Multipliers, defines: Sequence[str]) -> str:
    package = LINK[0].rsplit("/", 1)[1]
    sources = sorted(p.name for p in (folder / "rtl").iterdir() if p.name != package)
    names = " ".join(f"rtl/{name}" for name in [package, *sources])
    soft = "".join(
        f"techmap -autoproc -map multiply_map.v {module}/t:$mul\n" for module in share.soft_modules
    )
    flags = " ".join(f"-D{define}" for define in defines)
    return f"""read_verilog -sv -defer {flags} {names}
hierarchy -top hearth_top
proc
opt_expr
opt_clean
{soft}synth_ecp5 -top hearth_top -json {_NETLIST}
tee -q -o cells.txt stat
"""


def _route(prepared: Prepared, seed: int) -> list[str]:
    board, wiring, clock = prepared.board, prepared.wiring, prepared.clock
    return [
        board.options["nextpnr"],
        *("--package", wiring.package, "--speed", wiring.speed),
        *("--json", _NETLIST, "--lpf", "pins.lpf"),
        *("--textcfg", ROUTED, "--report", "timing.json"),
        *("--router", "router2"),
        *("--freq", f"{clock.hz / 1e6:.3f}", "--seed", str(seed), "--timing-allow-fail"),
    ]


def _figures(build: Build, prepared: Prepared, runs: list[tools.Run]) -> dict[str, Any]:
    board, clock, share = prepared.board, prepared.clock, prepared.share
    timing = prepared.folder / "timing.json"
    measured = json.loads(timing.read_text()) if timing.is_file() else {}
    used = {key: value["used"] for key, value in measured.get("utilization", {}).items()}
    used = used or _placed(runs[-1].text)
    fmax = min((row["achieved"] for row in measured.get("fmax", {}).values()), default=0.0)
    design: Design = build.design
    _, baud = pll.uart(clock.hz)
    return {
        "board": board.name,
        "device": board.part,
        "build_id": f"{build_id(build):016x}",
        "network": design.qgraph.name,
        "lanes": design.lanes,
        "lanes_in_luts": share.soft_lanes,
        "cycles_per_frame": design.cycles,
        "clock_mhz": clock.hz / 1e6,
        "fmax_mhz": fmax,
        "met": fmax * 1e6 >= clock.hz,
        "frames_per_second": clock.hz / design.cycles,
        "baud": baud,
        "resources": {
            "LUT4": [used.get("TRELLIS_COMB", 0), board.limits.lut],
            "FF": [used.get("TRELLIS_FF", 0), board.limits.lut],
            "block RAM": [used.get("DP16KD", 0), board.limits.bram],
            "DSP": [used.get("MULT18X18D", 0), board.limits.dsp],
        },
        "error": tools.first_error(runs[-1]) if runs[-1].status else "",
        "tools": [_cost(run) for run in runs],
    }


def _placed(log: str) -> dict[str, int]:
    """Cells used, from nextpnr's log: there is no report of a design that did not fit."""
    return {
        found[1]: int(found[2])
        for found in re.finditer(r"^Info:\s+(\w+):\s+(\d+)/\s*\d+\s+\d+%$", log, re.MULTILINE)
    }
