"""What a design costs, as rows for reports: lanes, cycles, memories of every kernel."""

from __future__ import annotations

from typing import Any

from toolchain.ir import Design, Rom
from toolchain.passes.emit import kernels


def roms(design: Design) -> list[Rom]:
    """Every ROM of the design."""
    return [rom for kernel in kernels(design) for rom in kernel.roms]


def table(design: Design) -> list[dict[str, Any]]:
    """One row per kernel: name, kind, macs, pe, simd, beat, lanes, cycles, rom_bits, rom_shape
    (words x width of the weight ROM), buffer_bits, fifo_bits."""
    rows = []
    for stage, kernel in zip(design.stages, kernels(design), strict=True):
        layer, fold = stage.layer, stage.fold
        weights = kernel.roms[0] if kernel.roms else None
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
                "rom_bits": sum(rom.bits for rom in kernel.roms),
                "rom_shape": f"{weights.words} x {weights.width}" if weights else "",
                "buffer_bits": kernel.buffer_bits,
                "fifo_bits": stage.fifo_depth * fold.beat * layer.target.bits,
            }
        )
    return rows
