"""Faults where paths part and meet, and in what the compiler knows of it."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_FORK = "hw/stream/hearth_fork.sv"
_SUM = "hw/layers/addition/hearth_addition.sv"
_REQUANTIZED = "hw/layers/addition/addition.x"
_CONCAT = "hw/layers/concat/hearth_concat.sv"
_COST = "hw/layers/conv/cost.py"

_SIMULATED = (
    ("beat taken when one reader of several is ready", _FORK, "= &m_ready;", "= |m_ready;"),
    (
        "beat given to a reader again while the others wait",
        _FORK,
        "{Readers{s_valid && s_ready}}",
        "{Readers{s_valid}}",
    ),
    (
        "sum takes one source alone",
        _SUM,
        "s0_ready = items_ready && s1_valid;",
        "s0_ready = items_ready;",
    ),
    ("sign of the other source", _SUM, "{Signed1 && s1_data", "{Signed0 && s1_data"),
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
)

MUTANTS: tuple[Mutant, ...] = (
    *(Mutant(name, source, old, new, "graphs") for name, source, old, new in _SIMULATED),
    Mutant(
        "rows that come in slowly cost nothing",
        _COST,
        "return max(cycles(layer, fold), _coming_in(layer, fold, in_beat), ",
        "return max(cycles(layer, fold), ",
        "fold",
    ),
    Mutant(
        "room for the tiles of one map edge alone",
        _COST,
        "min(_DEEPEST, max(depth, _most_waiting(beats, _tile_steps(layer, fold, twice))))",
        "depth",
        "fold",
    ),
)
