"""Faults where paths part and meet, and in what the compiler knows of it."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_FORK = "hw/stream/hearth_fork.sv"
_SUM = "hw/layers/addition/hearth_addition.sv"
_REQUANTIZED = "hw/layers/addition/addition.x"
_CONCAT = "hw/layers/concat/hearth_concat.sv"
_PRODUCT = "hw/layers/gating/hearth_gating.sv"
_REPEAT = "hw/stream/hearth_repeat.sv"
_SCALED = "hw/layers/gating/gating.x"
_COST = "hw/layers/conv/cost.py"

# That a source is taken with the other one only is no fault to put in here: the process behind asks
# for a valid item before it is ready for one.
_SIMULATED = (
    ("beat taken when one reader of several is ready", _FORK, "= &m_ready;", "= |m_ready;"),
    (
        "beat given to a reader again while the others wait",
        _FORK,
        "{Readers{s_valid && s_ready}}",
        "{Readers{s_valid}}",
    ),
    (
        "multipliers of a sum exchanged",
        _SUM,
        "multipliers[MultiplierBits-1:0], multipliers[2*MultiplierBits-1:MultiplierBits]",
        "multipliers[2*MultiplierBits-1:MultiplierBits], multipliers[MultiplierBits-1:0]",
    ),
    (
        "sum not rounded",
        _REQUANTIZED,
        "(sum + (sN[WIDE]:1 << (SHIFT - u32:1))) >> SHIFT",
        "sum >> SHIFT",
    ),
    (
        "turn passes to the next source too early",
        _CONCAT,
        "if (last_beat) source_q",
        "if (1'b1) source_q",
    ),
    (
        "turn never comes back to the first source",
        _CONCAT,
        "last_source ? '0 : source_q + 1'b1",
        "last_source ? source_q : source_q + 1'b1",
    ),
    (
        "product without waiting for the map",
        _PRODUCT,
        "items_valid = s0_valid && gate_valid;",
        "items_valid = gate_valid;",
    ),
    (
        "gate of the map's first pixel lost",
        _REPEAT,
        ".s_valid(moves && !last)",
        ".s_valid(moves && !first && !last)",
    ),
    ("gate kept for the next frame", _REPEAT, ".s_valid(moves && !last)", ".s_valid(moves)"),
    (
        "next frame's gate never taken",
        _REPEAT,
        "last ? '0 : time_q + 1'b1",
        "(last && !moves) ? '0 : time_q + 1'b1",
    ),
    (
        "pixel of a gate ends a beat early",
        _REPEAT,
        "if (last_beat) time_q",
        "if (beat_q == '0) time_q",
    ),
    (
        "product not rounded",
        _SCALED,
        "(scaled + (sN[WIDE]:1 << (SHIFT - u32:1))) >> SHIFT",
        "scaled >> SHIFT",
    ),
    (
        "product not clipped",
        _SCALED,
        "else if rounded > (HIGH as sN[WIDE]) { HIGH as sN[WIDE] }",
        "else if rounded > (HIGH as sN[WIDE]) { rounded }",
    ),
)

MUTANTS: tuple[Mutant, ...] = (
    *(Mutant(name, source, old, new, "graphs") for name, source, old, new in _SIMULATED),
    Mutant(
        "sign of the other source", _SUM, "{Signed1 && s1_data", "{Signed0 && s1_data", "addition"
    ),
    Mutant(
        "gate taken with every pixel",
        _REPEAT,
        "s_ready = first && m_ready;",
        "s_ready = m_ready;",
        "gating",
    ),
    Mutant(
        "rows that come in slowly cost nothing",
        _COST,
        "return max(cycles(layer, fold), late, ",
        "return max(cycles(layer, fold), ",
        "fold",
    ),
    Mutant(
        "room for the tiles of one map edge alone",
        _COST,
        "min(TILE_ROOM, max(depth, _most_waiting(beats, _tile_steps(layer, fold, twice))))",
        "depth",
        "fold",
    ),
)
