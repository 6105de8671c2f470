"""The flow: a compiled network and a board in, a configuration file and its figures out.

build/x/board/<board>/   everything of project.py, and
                         hearth.json    netlist; yosys.log
                         routed.fasm    placed and routed; route.log, timing.json
                         routed.frm     the same as frames (frames.py), with random ROMs
                         roms.json      where each ROM lies in them (roms.py)
                         hearth.bit     for the board, with the network's weights
                         board.json     figures, build id (report.py)
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import files as disk
from hearth.toolchain.support import json_text, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import tools as common
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial import contents, placed, uart
from hearth.toolchain.targets.serial import places as rom_places
from hearth.toolchain.targets.serial.link_target import BITSTREAM
from hearth.toolchain.targets.serial.placed import FIGURES, MAP
from hearth.toolchain.targets.serial.places import PlaceMap
from hearth.toolchain.targets.target import Board, Figures, Wish, folder_of
from hearth.toolchain.targets.tools import Run
from hearth.toolchain.targets.xc7 import (
    bitfile,
    clock,
    database,
    estimate,
    halves,
    pins,
    project,
    roms,
    synthesis,
    timing,
    tools,
)
from hearth.toolchain.targets.xc7 import frames as frame_texts
from hearth.toolchain.targets.xc7.assemble import assemble
from hearth.toolchain.targets.xc7.database import Database
from hearth.toolchain.targets.xc7.frames import Frames
from hearth.toolchain.targets.xc7.project import Plan

DEFAULT_SEED = 1
ROUTED, FRAMES = "routed.fasm", "routed.frm"
TIMING = timing.REPORT
PLACER = "nextpnr-himbaechel-xilinx"
_CELLS = {
    "ff": {"SLICE_FFX": 1.0},
    "bram": {"RAMB36E1_RAMB36E1": 1.0, "RAMB18E1_RAMB18E1": 0.5},
    "dsp": {"DSP48E1_DSP48E1": 1.0},
}
"""What nextpnr calls the cells it placed, and how much of ours each is. Its LUTs are half ours,
of which some hold one function of two; those are counted in what was routed."""
_LUT = re.compile(r"^(\S+\.[A-D]LUT)\.", re.MULTILINE)
"""A feature of a LUT, as logic, memory or shift register, behind the LUT's name."""


def make(
    build: Build, board: Board, wish: Wish, report: progress.Report = progress.silent
) -> Figures:
    """Synthesize, place, route and pack. Returns the figures; HearthError when a tool refuses, or
    is missing: that is told before the first one runs.

    ROMs are placed with random contents and given the weights afterwards (roms.py). A design that
    misses its clock is not an error here: `figures["met"]` says so, and there is no .bit file then,
    but what `swap` needs to give it a lower clock.
    """
    for tool in tools.PACKAGES:
        tools.command(tool)
    chip = database.open_part(tools.database(), board.part)
    plan = project.plan(build, board, wish)
    folder = folder_of(build, board)
    if folder.exists():
        shutil.rmtree(folder)
    disk.write_folder(folder, project.files(build, plan), project.SCRIPT)
    report("yosys: synthesis", 0, 3)
    runs = [synthesize(folder)]
    report("nextpnr: place and route", 1, 3)
    call = [*route(plan, wish.seed), *_block_places(chip, folder)]
    runs.append(tools.run(PLACER, call, folder, "route.log"))
    figures = _figures(build, plan, folder, runs)
    if runs[-1].status:
        return _finish(folder, figures)
    report("xc7frames2bit: bitstream", 2, 3)
    frames = assemble(chip, (folder / ROUTED).read_text(), str(folder / ROUTED))
    places = roms.locate(
        chip, frames, contents.scrambled(build, live=False), contents.widths(build)
    )
    (folder / FRAMES).write_text(frame_texts.dumps(frames))
    (folder / MAP).write_text(rom_places.dumps(places))
    return _pack(build, folder, figures, chip, frames, places)


def swap(build: Build, source: Build, board: Board, wish: Wish) -> Figures:
    """The bitstream of `build` from the placement of `source`, a build of the same hardware: only
    the weights, and the clock where one is wished for, are set anew, which takes seconds to a
    minute. HearthError when the hardware is not the same."""
    files = (FRAMES, MAP) if wish.mhz is None else (ROUTED, FRAMES, MAP)
    figures = placed.take(build, source, board, files)
    folder = folder_of(build, board)
    chip = database.open_part(tools.database(), board.part)
    if wish.mhz is not None:
        figures |= reclock(chip, folder, board, wish.mhz, figures)
    frames = frame_texts.loads((folder / FRAMES).read_text(), str(folder / FRAMES))
    places = rom_places.loads((folder / MAP).read_text())
    return _pack(build, folder, figures, chip, frames, places)


def reclock(chip: Database, folder: Path, board: Board, mhz: float, figures: Figures) -> Figures:
    """Give the routed design another clock, in FASM and frames; the figures that change. The serial
    port's rate changes with it, for its divider is logic."""
    text = (folder / ROUTED).read_text()
    source_hz = pins.of(board).clock_hz
    before = clock.of(text, str(folder / ROUTED), source_hz)
    text, after = clock.retuned(text, before, mhz * 1e6)
    disk.write_file(folder / ROUTED, text.encode())
    frames = assemble(chip, text, str(folder / ROUTED))
    disk.write_file(folder / FRAMES, frame_texts.dumps(frames).encode())
    return {
        "clock_mhz": after.hz / 1e6,
        "met": figures["claimed_mhz"] * 1e6 >= after.hz,
        "frames_per_second": after.hz / figures["cycles_per_frame"],
        "baud": round(figures["baud"] * after.hz / before.hz),
    }


def synthesize(folder: Path) -> Run:
    """Yosys, and what its netlist lacks. HearthError when it refuses a source."""
    call = ["-q", "-l", "yosys.log", project.SCRIPT]
    result = common.run("yosys", call, folder, "yosys.out", group="xc7")
    if result.status:
        raise HearthError(f"bitstream: {common.first_error(result)}")
    synthesis.finish_in(folder / project.NETLIST, serial.TOP)
    return result


def route(plan: Plan, seed: int | None) -> list[str]:
    """Arguments of nextpnr. Its usual placer does not come to an end with a network that takes a
    third of a large part; the static one does. The clock asked for is that of which the wanted one
    may be claimed."""
    return [
        *("--device", plan.board.part),
        *("--chipdb", str(tools.chip_database(plan.board.options["device"]))),
        *("--json", project.NETLIST, "-o", f"xdc={project.CONSTRAINTS}", "-o", f"fasm={ROUTED}"),
        *("--report", TIMING, "--write", timing.NETLIST, "--sdf", timing.WIRES),
        *("--placer", "static", "--router", "router2"),
        *("--freq", f"{plan.clock.hz / 1e6 / (1 - timing.MARGIN):.3f}"),
        *("--seed", str(DEFAULT_SEED if seed is None else seed), "--timing-allow-fail"),
    ]


def _block_places(chip: Database, folder: Path) -> list[str]:
    """Arguments of nextpnr that keep places for pairs of RAMB18 where these are short."""
    fixed = halves.fixed(halves.types(folder / project.NETLIST, serial.TOP), chip)
    if not fixed:
        return []
    disk.write_file(folder / halves.SCRIPT, halves.script(fixed.items()).encode())
    return ["--pre-place", halves.SCRIPT]


def _pack(
    build: Build,
    folder: Path,
    figures: Figures,
    chip: Database,
    frames: Frames,
    places: PlaceMap,
) -> Figures:
    """Set the weights, make the .bit file, and read the weights back from it; no file where the
    clock is not met."""
    if not figures["met"]:
        (folder / BITSTREAM).unlink(missing_ok=True)
        stale = ("bitstream", "read_back")
        return _finish(folder, {k: v for k, v in figures.items() if k not in stale})
    images = contents.images(build)
    written = bitfile.write(chip, roms.patch(chip, frames, places, images), folder, BITSTREAM)
    figures["tools"] = [*figures["tools"], *(run.cost() for run in written.runs)]
    held = roms.contents(chip, written.frames, places)
    figures["read_back"] = placed.compared(held, images)
    return _finish(folder, {**figures, "bitstream": str(folder / BITSTREAM)})


def _finish(folder: Path, figures: Figures) -> Figures:
    (folder / FIGURES).write_text(json_text.dumps(figures, indent=1) + "\n")
    return figures


def _figures(build: Build, plan: Plan, folder: Path, runs: list[Run]) -> Figures:
    design, clocked = build.design, plan.clock
    told = folder / TIMING
    measured = json.loads(told.read_text()) if told.is_file() else {}
    speed = claimed(folder) if not runs[-1].status else {"claimed_mhz": 0.0}
    _, baud = uart.divisor(clocked.hz)
    return {
        "board": plan.board.name,
        "device": plan.board.part,
        "build_id": f"{build_id(build):016x}",
        "network": design.qgraph.name,
        "lanes": design.lanes,
        "cycles_per_frame": design.cycles,
        "clock_mhz": clocked.hz / 1e6,
        **speed,
        "met": speed["claimed_mhz"] * 1e6 >= clocked.hz,
        "frames_per_second": clocked.hz / design.cycles,
        "baud": baud,
        "resources": _resources(plan.board, measured, folder / ROUTED),
        "error": common.first_error(runs[-1]) if runs[-1].status else "",
        "tools": [run.cost() for run in runs],
    }


def claimed(folder: Path) -> Figures:
    """The clock of a routed design and what it rests on (timing.py). None is claimed where there
    is no bound, but that must not cost the design."""
    try:
        found = timing.bound(folder)
    except HearthError as error:
        return {"claimed_mhz": 0.0, "bound_error": str(error)}
    return {
        "fmax_mhz": found.nextpnr_mhz,
        "bound_mhz": found.bound_mhz,
        "claimed_mhz": found.claimed_mhz,
        "bound_worst_ns": found.worst,
        "bound_path": found.path,
    }


def _resources(board: Board, measured: dict[str, Any], routed: Path) -> dict[str, list[Any]]:
    """What was placed, and how much there is; empty when it came to none."""
    placed = {name: value["used"] for name, value in measured.get("utilization", {}).items()}
    if not placed or not routed.is_file():
        return {}
    used: dict[str, float] = {
        name: sum(share * placed.get(cell, 0) for cell, share in cells.items())
        for name, cells in _CELLS.items()
    }
    used["lut"] = luts(routed.read_text())
    return {
        title: [used[name], getattr(board.limits, name)] for name, title in estimate.UNITS.items()
    }


def luts(routed: str) -> int:
    """Lookup tables that a routed design, as FASM, has anything in."""
    return len({found[1] for found in _LUT.finditer(routed)})
