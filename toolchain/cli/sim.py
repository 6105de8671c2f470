"""The command `hearth sim`: images through the generated hardware, in a simulator."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from hearth.sim import record
from hearth.sim.results import SimResult
from hearth.sim.run import simulate, workplace
from hearth.toolchain.cli import tables
from hearth.toolchain.cli.frames import named_together, seen
from hearth.toolchain.cli.groups import Group
from hearth.toolchain.cli.options import BuildFolder, CameraSize, Images, Json, Pieces
from hearth.toolchain.cli.output import print_json, print_lines, say_next, tell_next
from hearth.toolchain.data import images, selection
from hearth.toolchain.data.pictures import thumbnail
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import progress
from hearth.toolchain.targets import registry


@dataclass(frozen=True)
class Run(Group):
    """How the simulation is run."""

    title = "Simulation"
    limit: Annotated[
        int,
        typer.Option("--limit", "--frames", metavar="N", min=1, help="Use at most so many images."),
    ] = 16
    stall: Annotated[
        int,
        typer.Option(
            "--stall", "--stalls", metavar="PERCENT", min=0, max=45, help="Of cycles withheld."
        ),
    ] = 0
    seed: Annotated[int, typer.Option(metavar="N", min=1, help="Seed of the stalls.")] = 1
    trace: Annotated[bool, typer.Option("--trace", help="Also record a short waveform.")] = False
    board: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The RTL as this board gets it: lanes may share multipliers."
        ),
    ] = None
    camera_size: CameraSize = None


def sim(build: BuildFolder, inputs: Images, which: Pieces, how: Run, as_json: Json = False) -> None:
    """Stream images through the hardware; check every value."""
    loaded = build_folder.load(build)
    made = loaded if how.board is None else registry.fitted(loaded, how.board)
    limited = images.open_all(inputs, which.part).limited(how.limit)
    chosen = seen(loaded.qgraph, limited, how.camera_size)
    with progress.shown() as tell:
        names, frames = named_together(loaded.qgraph, chosen, tell)
        tell("golden model", 0, 0)
        edges = golden.run(loaded.qgraph, frames)
        result = simulate(
            made,
            frames,
            edges=edges,
            stall_percent=how.stall,
            seed=how.seed,
            trace=how.trace,
            progress=lambda line: tell(line, 0, 0),
        )
    if not how.trace and made is loaded:  # a trace ends early, and a board's RTL is another
        classes, labels = _classes(loaded.qgraph, edges, chosen)
        small = thumbnail.several(frames)
        record.keep(loaded, result, chosen.source, classes, labels, how.stall, names, small)
    figures = _figures(result, how.stall)
    if as_json:
        print_json(figures)
    else:
        print_lines(lines(figures), tables.kernels(figures["kernels"]), [result.verdict])
    if not result.ok:
        raise typer.Exit(1)
    if how.trace:
        wave = workplace(build) / "run" / "dump.fst"
        say_next(f"made {wave}", shlex.join(["gtkwave", str(wave)]))
        return
    tell_next("hardware and golden model are equal", "summary", build)


def _classes(
    qgraph: QGraph, edges: Sequence[Array], chosen: images.ImageSet
) -> tuple[list[int], tuple[int, ...]]:
    """The class that each frame was given, and the one that it shows; nothing of a network that
    names none."""
    if not qgraph.classes:
        return [], ()
    best = golden.top(qgraph, edges[-1])[:, 0].tolist()
    return best, selection.translated(qgraph, chosen.labels)


def _figures(result: SimResult, stall: int) -> dict[str, Any]:
    figures = {**dataclasses.asdict(result), "stalls_percent": stall}
    for edge in figures["edges"]:
        del edge["handshakes"]  # recorded for the Python API alone
    return figures


def lines(figures: Mapping[str, Any]) -> list[str]:
    """What the simulation showed as a whole."""
    return [
        f"{figures['frames']} frames, {figures['overlapped']} entered before the one in front left",
        *_pace(figures),
        f"{figures['seconds']:.1f} s simulation, {figures['build_seconds']:.1f} s to build it",
        "",
    ]


def _pace(figures: Mapping[str, Any]) -> list[str]:
    """Cycles per frame once the pipeline is full, if that was seen, and what follows from it."""
    measured, model = figures["cycles_per_frame"], figures["model_cycles_per_frame"]
    latency, lanes = f"latency {figures['latency_cycles']:,}", f"{figures['mac_lanes']:,} MAC lanes"
    if measured is None:
        return [
            f"cycles per frame: not measured, as the first two frames fill the pipeline; simulate 3"
            f" frames or more (model {model:,}); {latency}",
            lanes,
        ]
    return [
        f"{measured:,} cycles from the last frame but one to the last (model {model:,}), {latency}",
        f"{lanes}, {100 * figures['mac_utilisation']:.1f} % at work",
    ]
