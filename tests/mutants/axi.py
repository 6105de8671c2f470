"""Faults in the AXI border of AMD boards (hw/axi)."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "short line not flagged",
        "hw/axi/axi_video.sv",
        "short_line = moves && s_axis_tlast && !last_column;",
        "short_line = 1'b0;",
        bench="axi",
    ),
    Mutant(
        "write to a fixed register is fine",
        "hw/axi/axi_lite.sv",
        "(write_o != '0) ? Okay : SlaveError",
        "Okay",
        bench="axi",
    ),
)
