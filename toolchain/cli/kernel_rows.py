"""The kernels of a build, as the report page lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hearth.toolchain.cli.tables import kib
from hearth.toolchain.drawing.dataflow import Spent
from hearth.toolchain.ir import Edge, Stage
from hearth.toolchain.page import facts
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support.text import printable, shortened

_NAME, _NODES = 120, 600
"""Characters of a name, and of the list of a kernel's ONNX nodes."""


def of(build: Build, spent: Sequence[Spent], href: Callable[[str], str]) -> list[facts.Kernel]:
    """One for each kernel in stream order. `spent`: how each spent a simulation, or nothing;
    `href`: where a path of the build lies, as seen from the page."""
    design, notes = build.design, build.figures["notes"]
    decibels: Mapping[str, float] = notes.get("snr_db", {})
    rows = []
    for index, (stage, row) in enumerate(zip(design.stages, build.figures["kernels"], strict=True)):
        name, how = stage.layer.name, spent[index] if spent else None
        said = [*_work(build, stage, row, how), *_memories(build, stage, row)]
        nodes = ", ".join(map(str, notes.get("onnx_nodes", {}).get(name, ())))
        snr = decibels.get(name)
        rows.append(
            facts.Kernel(
                shortened(printable(name), _NAME),
                stage.layer.kind,
                stage.cycles,
                stage.cycles / design.cycles,
                stage.cycles == design.cycles,
                how,
                None if snr is None else float(snr),
                [
                    *said,
                    *([("signal to noise", f"{snr:.1f} dB")] if snr is not None else []),
                    *([("ONNX nodes", shortened(printable(nodes), _NODES))] if nodes else []),
                ],
                [facts.Link(path, href(path)) for path in _files(build, stage)],
            )
        )
    return rows


def _work(build: Build, stage: Stage, row: Mapping[str, Any], spent: Spent | None) -> facts.Rows:
    """What is computed, by how much hardware, in what time."""
    fold, layer = stage.fold, stage.layer
    form = ", skips zeros" if fold.skips else ", rows of taps at once" if fold.gathers else ""
    beats = f"{stage.in_beat} in, {fold.beat} out"
    share = stage.cycles / build.design.cycles
    return [
        *(("reads", _edge(edge)) for edge in layer.sources),
        ("makes", _edge(layer.target)),
        ("channels a beat", beats),
        *([("MACs of a frame", f"{row['macs']:,}")] if row["macs"] else []),
        *(
            [("lanes", f"PE {fold.pe} x SIMD {fold.simd} = {stage.lanes:,}{form}")]
            if stage.lanes
            else []
        ),
        ("cycles of a frame", f"{stage.cycles:,}, {100 * share:.1f} % of the bottleneck's (model)"),
        ("in simulation", _spent(spent) if spent else "not simulated"),
    ]


def _spent(spent: Spent) -> str:
    return (
        f"{100 * spent.busy:.1f} % busy, {100 * spent.starved:.1f} % starved (no input),"
        f" {100 * spent.blocked:.1f} % blocked (no room)"
    )


def _memories(build: Build, stage: Stage, row: Mapping[str, Any]) -> facts.Rows:
    """ROMs, buffers and FIFOs."""
    waiting = build.design.waiting(stage.layer.target.name)
    depths = " and ".join(f"{depth:,}" for depth in waiting)
    return [
        *([("ROM", f"{kib(row['rom_bits'] / 8)} KiB")] if row["rom_bits"] else []),
        *([("weight ROM", f"{row['rom_shape']} bits")] if row["rom_bits"] else []),
        *([("buffers", f"{kib(row['buffer_bits'] / 8)} KiB")] if row["buffer_bits"] else []),
        ("FIFO behind it", f"{depths} beats, {kib(row['fifo_bits'] / 8)} KiB"),
    ]


def _edge(edge: Edge) -> str:
    sign = "int" if edge.signed else "uint"
    return f"{edge.height} x {edge.width} x {edge.channels}, {sign}{edge.bits}"


def _files(build: Build, stage: Stage) -> list[str]:
    """The kernel's module, its processes and ROM images, by path in the build."""
    own = (f"{stage.module}.", f"{stage.module}__")
    return sorted(
        (path for path in build.content if path.partition("/")[2].startswith(own)),
        key=lambda path: (not path.startswith("rtl/"), path),
    )
