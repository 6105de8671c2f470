"""Faults in kernels that skip zeros or gather rows of taps, and in what says how many zeros there
are."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_CONV = "hw/layers/conv"
BENCH, FORMS = "skipping", "forms"

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
    Mutant(
        "padding at the left is what came before",
        f"{_CONV}/hearth_columns.sv",
        "assign window = {on_map ? s_data : '0, kept_q};",
        "assign window = {s_data, kept_q};",
        FORMS,
    ),
    Mutant(
        "windows of one row go on in the next",
        f"{_CONV}/hearth_columns.sv",
        "      next_q <= PlaceBits'(Taps - 1);\n      made_q <= '0;\n    end else if (moves) begin",
        "      made_q <= '0;\n    end else if (moves) begin",
        FORMS,
    ),
    Mutant(
        "a window leaves while the one before waits",
        f"{_CONV}/hearth_columns.sv",
        "assign moves = (s_valid || !on_map) && (word_ready || !due);",
        "assign moves = s_valid || !on_map;",
        FORMS,
    ),
)
