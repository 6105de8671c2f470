"""The flow: a compiled network and a board in, a configuration file and its figures out.

build/x/board/<board>/   everything of project.py, and
                         hearth.json    netlist; yosys.log
                         routed.config  placed and routed; route.log, timing.json
                         roms.json      where each ROM lies in it (serial/places.py)
                         hearth.config  the same with the network's weights
                         hearth.bit     for the board
                         board.json     figures, build id (report.py)
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import files as disk
from hearth.toolchain.support import json_text, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.ecp5 import (
    brams,
    lane_copies,
    memory_choices,
    memory_registers,
    operand_registers,
    pipeline_registers,
    placement,
    project,
    resets,
)
from hearth.toolchain.targets.ecp5.placement import ROUTED, Attempt
from hearth.toolchain.targets.ecp5.project import Plan
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial import contents, logic_roms, uart
from hearth.toolchain.targets.serial import placed as placed_design
from hearth.toolchain.targets.serial import places as rom_places
from hearth.toolchain.targets.serial.link_target import BITSTREAM
from hearth.toolchain.targets.serial.placed import FIGURES, MAP
from hearth.toolchain.targets.serial.places import PlaceMap
from hearth.toolchain.targets.target import Board, Wish, folder_of

CONFIG = "hearth.config"
_UNPROVEN = "unproven.bit"
_READ_BACK = "unproven.config"


def make(
    build: Build, board: Board, wish: Wish, report: progress.Report = progress.silent
) -> dict[str, Any]:
    """Synthesize, place, route and pack. Returns the figures; HearthError when a tool refuses.

    ROMs are placed with random contents and given the weights afterwards (serial/places.py). A
    design that misses its clock is not an error here: `figures["met"]` says so, and there is no
    .bit file then.
    """
    plan = project.plan(build, board, wish)
    folder = folder_of(build, board)
    if folder.exists():
        shutil.rmtree(folder)
    disk.write_folder(folder, project.files(build, plan), project.SCRIPT)
    runs = []
    report("yosys: synthesis", 0, 3)
    call = ["-q", "-l", "yosys.log", project.SCRIPT]
    runs.append(tools.run("yosys", call, folder, "yosys.out"))
    _check(runs[-1])
    pipeline_registers.absorb_in(folder / project.NETLIST, serial.TOP)
    memory_registers.absorb_in(folder / project.NETLIST, serial.TOP)
    memory_choices.absorb_in(folder / project.NETLIST, serial.TOP)
    operand_registers.absorb_in(folder / project.NETLIST, serial.TOP)
    lane_copies.spread_in(folder / project.NETLIST, serial.TOP)
    resets.spread_in(folder / project.NETLIST, serial.TOP)
    tried = placement.attempts(plan, wish, folder, report)
    kept = plan.memories.logic
    figures = _figures(build, plan, runs, tried) | {"live": wish.live, "logic_roms": kept}
    if figures["error"] or not figures["met"]:
        return _finish(folder, figures)
    routed = (folder / ROUTED).read_text()
    scrambled = logic_roms.in_blocks(contents.scrambled(build, wish.live), kept)
    places = brams.locate(routed, scrambled, contents.widths(build))
    (folder / MAP).write_text(rom_places.dumps(places))
    report("ecppack: bitstream", 2, 3)
    return _pack(build, folder, figures, routed, places)


def swap(build: Build, placed: Build, board: Board) -> dict[str, Any]:
    """The bitstream of `build` from the placement of another build of the same hardware: only the
    weights are set anew, which takes seconds. HearthError when the hardware is not the same."""
    figures = placed_design.take(build, placed, board, (ROUTED, MAP))
    folder = folder_of(build, board)
    places = rom_places.loads((folder / MAP).read_text())
    return _pack(build, folder, figures, (folder / ROUTED).read_text(), places)


def _pack(
    build: Build, folder: Path, figures: dict[str, Any], routed: str, places: PlaceMap
) -> dict[str, Any]:
    """Set the weights, make the .bit file, and read the weights back from it."""
    images = contents.banked(contents.images(build), figures["live"])
    images = logic_roms.in_blocks(images, figures.get("logic_roms", {}))
    (folder / CONFIG).write_text(brams.patch(routed, places, images))
    steps = [("ecppack", ["--compress", "--input", CONFIG, "--bit", _UNPROVEN])]
    steps += [("ecpunpack", ["--input", _UNPROVEN, "--textcfg", _READ_BACK])]
    for tool, arguments in steps:
        result = tools.run(tool, arguments, folder, f"{tool}.log")
        _check(result)
        figures["tools"] = [*figures["tools"], result.cost()]
    held = brams.contents((folder / _READ_BACK).read_text(), places)
    figures["read_back"] = placed_design.compared(held, images)
    (folder / _READ_BACK).unlink()
    (folder / _UNPROVEN).replace(folder / BITSTREAM)
    return _finish(folder, {**figures, "bitstream": str(folder / BITSTREAM)})


def _finish(folder: Path, figures: dict[str, Any]) -> dict[str, Any]:
    (folder / FIGURES).write_text(json_text.dumps(figures, indent=1) + "\n")
    return figures


def _check(result: tools.Run) -> None:
    if result.status:
        raise HearthError(f"bitstream: {tools.first_error(result)}")


def _figures(
    build: Build, plan: Plan, runs: list[tools.Run], tried: Sequence[Attempt]
) -> dict[str, Any]:
    design, clock, kept = build.design, plan.clock, placement.fastest(tried)
    _, baud = uart.divisor(clock.hz)
    return {
        "board": plan.board.name,
        "device": plan.board.part,
        "build_id": f"{build_id(build):016x}",
        "network": design.qgraph.name,
        "lanes": design.lanes,
        "lanes_in_luts": plan.share.soft_lanes,
        "cycles_per_frame": design.cycles,
        "clock_mhz": clock.hz / 1e6,
        "seed": kept.seed,
        "seeds_mhz": {str(attempt.seed): attempt.mhz for attempt in tried},
        "fmax_mhz": kept.mhz,
        "met": kept.met,
        "frames_per_second": clock.hz / design.cycles,
        "baud": baud,
        **({} if plan.video is None else {"video": plan.video.told, "clocks": kept.clocks}),
        "resources": _resources(plan.board, kept.measured, kept.run.text),
        "error": tools.first_error(kept.run) if kept.run.status else "",
        "tools": [run.cost() for run in (*runs, *(attempt.run for attempt in tried))],
    }


def _resources(board: Board, measured: dict[str, Any], log: str) -> dict[str, list[Any]]:
    """Cells that nextpnr packed, and how many there are."""
    used = {key: value["used"] for key, value in measured.get("utilization", {}).items()}
    used = used or _placed(log)
    limits = board.limits
    return {
        "LUT4": [used.get("TRELLIS_COMB", 0), limits.lut],
        "FF": [used.get("TRELLIS_FF", 0), limits.ff],
        "block RAM": [used.get("DP16KD", 0), limits.bram],
        "DSP": [used.get("MULT18X18D", 0), limits.dsp],
    }


def _placed(log: str) -> dict[str, int]:
    """Cells used, from nextpnr's log: there is no report of a design that did not fit."""
    return {
        found[1]: int(found[2])
        for found in re.finditer(r"^Info:\s+(\w+):\s+(\d+)/\s*\d+\s+\d+%$", log, re.MULTILINE)
    }
