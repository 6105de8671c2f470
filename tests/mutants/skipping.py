"""Faults in the kernel that skips zeros, and in what says how many there are."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_CONV = "hw/layers/conv"
BENCH = "skipping"

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "a pixel of zeros has no value",
        f"{_CONV}/hearth_nonzeros.sv",
        "assign some = (left_q != '0) || !any_q;",
        "assign some = left_q != '0;",
        BENCH,
    ),
    Mutant(
        "a pixel ends with its last beat's first value",
        f"{_CONV}/hearth_nonzeros.sv",
        "assign ends = last_q && (left_after == '0);",
        "assign ends = last_q;",
        BENCH,
    ),
    Mutant(
        "values overwritten before they are read",
        f"{_CONV}/hearth_value_ring.sv",
        "assign s_ready = !held_q[AddressBits] && counted;",
        "assign s_ready = counted;",
        BENCH,
    ),
    Mutant(
        "tiles begun without room for them",
        f"{_CONV}/hearth_value_walk.sv",
        "assign busy = pixel_valid && (!last_value || room_q != '0);",
        "assign busy = pixel_valid;",
        BENCH,
    ),
    Mutant(
        "every tile has the weights of the first",
        f"{_CONV}/hearth_value_walk.sv",
        "base_q <= last_tile ? '0 : base_q + RomBits'(Channels);",
        "base_q <= '0;",
        BENCH,
    ),
    Mutant(
        "a pixel of zeros counted as no step",
        f"{_CONV}/skipping.py",
        "np.maximum(values, 1).sum(axis=(1, 2))",
        "values.sum(axis=(1, 2))",
        BENCH,
    ),
    Mutant(
        "calibrated for the average photograph",
        f"{_CONV}/skipping.py",
        "return int(layer.live.max()) * cost.tiles(layer, fold)[1]",
        "return int(layer.live.mean()) * cost.tiles(layer, fold)[1]",
        BENCH,
    ),
)
