"""What a design costs, as rows for reports: lanes, cycles, memories of every kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from hearth.toolchain.ir import Design, QGraph, Rom
from hearth.toolchain.mapping.channels import fifo_bits
from hearth.toolchain.rtl import rom
from hearth.toolchain.rtl.network import exits


def design_figures(
    design: Design, rom_budget: int, clock_mhz: float | None = None
) -> dict[str, Any]:
    """The figures of a design, as --json and the report show them; `bottleneck` is the kernel that
    sets the cycles of a frame, the first of several."""
    slowest = max(design.stages, key=lambda stage: stage.cycles)
    return {
        "name": design.qgraph.name,
        "rom_bytes": rom.total_bytes(design.roms),
        "rom_budget_bytes": rom_budget,
        "mac_lanes": design.lanes,
        "macs": design.qgraph.macs,
        "model_cycles_per_frame": design.cycles,
        "bottleneck": slowest.layer.name,
        "clock_mhz": clock_mhz,
        "mac_utilisation": design.utilisation,
        "kernels": table(design),
        "codings": codings(design),
        "skipping": skipping(design),
        "notes": dict(design.qgraph.notes),
    }


def outputs(qgraph: QGraph) -> dict[str, Any]:
    """`outputs`: name, stream of the network's module, shape, bits, sign and scale of each; nothing
    for a network with one vector of class scores."""
    if not qgraph.leaves:
        return {}
    ports = exits(qgraph)
    rows = [
        {
            "output": output.name,
            "stream": ports[output.edge.name],
            "edge": output.edge.name,
            "height": output.edge.height,
            "width": output.edge.width,
            "channels": output.edge.channels,
            "bits": output.edge.bits,
            "signed": output.edge.signed,
            "scale": output.edge.scale,
        }
        for output in qgraph.outputs
    ]
    return {"outputs": rows}


def table(design: Design) -> list[dict[str, Any]]:
    """One row per kernel: name, kind, macs, pe, simd, beat, lanes, cycles, rom_bits, rom_shape
    (words x width of the weight ROM, or of both where the halves of an expand stage have one each),
    buffer_bits, fifo_bits (of the FIFOs behind it)."""
    rows, waiting = [], fifo_bits(design)
    for stage in design.stages:
        layer, fold, roms = stage.layer, stage.fold, stage.roms
        rows.append(
            {
                "kernel": layer.name,
                "kind": layer.kind,
                "macs": layer.macs,
                "pe": fold.pe,
                "simd": fold.simd,
                "beat": fold.beat,
                "lanes": stage.lanes,
                "cycles": stage.cycles,
                "rom_bits": sum(rom.bits for rom in roms),
                "rom_shape": ", ".join(
                    dict.fromkeys(_shape(stored) for stored in roms[:-1] or roms)
                ),
                "buffer_bits": sum(words * width for words, width in stage.memories),
                "fifo_bits": waiting[layer.name],
            }
        )
    return rows


def skipping(design: Design) -> list[dict[str, Any]]:
    """One row per kernel that skips zeros: kernel, live (share of its input that is not zero),
    photographs counted, mean, p95 and most cycles of them, dense (cycles without a zero)."""
    rows = []
    for stage in design.stages:
        spread = stage.layer.spread(stage.fold)
        if spread is not None:
            rows.append(
                {
                    "kernel": stage.layer.name,
                    "live": round(spread.live, 4),
                    "photographs": len(spread.cycles),
                    "mean": round(float(spread.cycles.mean())),
                    "p95": round(float(np.percentile(spread.cycles, 95))),
                    "most": int(spread.cycles.max()),
                    "dense": spread.most,
                }
            )
    return rows


def codings(design: Design) -> list[dict[str, Any]]:
    """One row per matrix of weights: kernel, taps of a window, bits of a code, window and group of
    a trellis, bytes of the codes (no padding of lanes; a last group whole) and of the table, which
    is logic in front of every lane."""
    rows = []
    for layer in design.qgraph.weighted:
        for matrix, coding in zip(layer.matrices, layer.codings, strict=True):
            channels, columns = matrix.shape
            group = max(1, coding.group)
            rows.append(
                {
                    "kernel": layer.name,
                    "taps": columns * layer.groups // layer.source.channels,
                    "bits": coding.bits,
                    "window": coding.window,
                    "group": coding.group,
                    "index_bytes": -(-(-(-channels // group) * group * columns * coding.bits) // 8),
                    "table_bytes": len(coding.table),
                }
            )
    return rows


def _shape(stored: Rom) -> str:
    return f"{stored.words} x {stored.width}"
