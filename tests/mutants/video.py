"""Faults between a camera and the network (hw/video)."""

from __future__ import annotations

from tests.mutants.kinds import Mutant


def _scaler(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/video/hearth_scaler{file}.sv", old, new, bench="scaler")


MUTANTS: tuple[Mutant, ...] = (
    _scaler("half rounded down", "_mean", "(Bits + 1)'(Area / 2)", "(Bits + 1)'((Area - 1) / 2)"),
    _scaler(
        "reciprocal a bit too short",
        "_mean",
        "hearth_scaler_pkg::shift(Odd, Largest);",
        "hearth_scaler_pkg::shift(Odd, Largest) - ((Odd > 1) ? 1 : 0);",
    ),
    _scaler(
        "crop begins a pixel early",
        "",
        "(ScaledWidth - Width) / 2",
        "(ScaledWidth - Width - 1) / 2",
    ),
    _scaler(
        "crop begins a line early",
        "",
        "(ScaledHeight - Height) / 2",
        "(ScaledHeight - Height - 1) / 2",
    ),
    _scaler(
        "a frame begins with what the last one left",
        "_rows",
        "(start_q ? '0 : held[c])",
        "held[c]",
    ),
    _scaler(
        "the rest of a pixel is lost",
        "_row",
        "SumBits'(whole_q[c] - part_q[c])",
        "'0",
    ),
    _scaler(
        "the rest of a line is the whole line",
        "_rows",
        "SumBits'(whole_q[c] - part_q[c])",
        "SumBits'(whole_q[c])",
    ),
    _scaler(
        "an end that meets a border is missed",
        "_axis",
        "rest_q <= RestBits'(Unit)",
        "rest_q < RestBits'(Unit)",
    ),
    _scaler("rows below the crop leave", "_axis", "!skipping_q && target_q != Past", "!skipping_q"),
    _scaler("a start of frame on every row", "_rows", "first && column_q == '0", "column_q == '0"),
)
