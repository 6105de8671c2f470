"""Hardware and cost of a table: one ROM per channel of a beat, addressed by its value.

stream -> lookup (which table, one beat a cycle) <-> rom, rom, ...   hw/core/lookup.sv, rom.sv
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from toolchain.ir import Array, Edge, Fold, Kernel, Layer, Rom, Timing
from toolchain.verilog import LOAD, Literal, instance, kernel_module, part_of, stream

if TYPE_CHECKING:
    from hw.layers.table import Table


def words(layer: Table, fold: Fold) -> int:
    return -(-layer.source.channels // fold.beat)


def folds(layer: Table, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: Table, fold: Fold) -> int:
    return layer.source.pixels * words(layer, fold)


def timing(layer: Table, fold: Fold) -> Timing:
    """Pixels in a steady stream, nothing stored."""
    step = float(words(layer, fold))
    ends = (np.arange(layer.source.pixels) + 1.0) * step
    return Timing(ends, ends - step, ends, 0)


def group_bits(layer: Table) -> int:
    """Address bits that say which table: none when there is one."""
    return (len(layer.tables) - 1).bit_length()


def roms(layer: Table, fold: Fold, module: str) -> tuple[Rom, ...]:
    """All tables one after another, once per channel of a beat."""
    fields = layer.tables.reshape(-1, 1)
    bits = layer.target.bits
    return tuple(
        Rom(part_of(module, f"table{lane}"), fields, (bits,), 0 if lane else fields.size * bits)
        for lane in range(fold.beat)
    )


def _groups(layer: Table, fold: Fold) -> Literal:
    """Which table each channel of a pixel uses, as one constant, channel 0 in the lowest bits."""
    bits = group_bits(layer)
    channels = words(layer, fold) * fold.beat
    value = sum(int(group) << (bits * i) for i, group in enumerate(layer.group))
    width = max(1, channels * bits)
    return Literal(f"{width}'h{value:x}")


def kernel(layer: Table, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    memories = roms(layer, fold, module)
    address = source.bits + group_bits(layer)
    body = (
        f"  logic enable;\n  logic [{fold.beat * address - 1}:0] address;\n"
        f"  logic [{fold.beat * target.bits - 1}:0] values;\n"
        f"  logic [{(fold.beat + 1) * LOAD - 1}:0] load;\n"
        f"  assign load[{LOAD - 1}:0] = load_i;\n"
        f"  assign load_o = load[{fold.beat * LOAD}+:{LOAD}];\n"
        "  assign busy = s_valid && s_ready;\n\n"
    )
    body += instance(
        "lookup",
        "u_lookup",
        {
            "Bits": source.bits,
            "OutBits": target.bits,
            "Channels": source.channels,
            "Beat": fold.beat,
            "GroupBits": group_bits(layer),
            "Groups": _groups(layer, fold),
        },
        {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "m")}
        | {"enable": "", "address": "", "values": ""},
    )
    for lane, rom in enumerate(memories):
        body += instance(
            "rom",
            f"u_{rom.name.removeprefix(part_of(module, ''))}",
            {"Width": rom.width, "Words": rom.words, "File": f"rom/{rom.name}.hex"},
            {
                "clk": "",
                "enable": "",
                "address": f"address[{lane * address}+:{address}]",
                "data": f"values[{lane * target.bits}+:{target.bits}]",
                "load_i": f"load[{lane * LOAD}+:{LOAD}]",
                "load_o": f"load[{(lane + 1) * LOAD}+:{LOAD}]",
            },
        )
    text = kernel_module(
        module,
        "Table (hw/layers/table).",
        in_beat * source.bits,
        fold.beat * target.bits,
        body,
        has_roms=True,
    )
    return Kernel(module, text, (), memories)


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: one to four tables, narrow and signed values, rows that are partly covered."""
    table = importlib.import_module("hw.layers.table").Table
    count = 0
    while True:
        height, width = (int(v) for v in rng.integers(1, 15, 2))
        channels, beat = int(rng.integers(1, 40)), int(rng.choice([1, 2, 3, 4]))
        source = Edge("x", height, width, channels, *((8, False), (7, False), (5, True))[count % 3])
        target = Edge("y", height, width, channels, *((8, False), (4, False), (9, True))[count % 3])
        groups = count % 4 + 1
        count += 1
        layer = table(
            name="table",
            source=source,
            target=target,
            tables=_entries(rng, groups, source, target),
            group=rng.integers(0, groups, channels).astype(np.int32),
        )
        yield layer, Fold(1, 1, beat), beat


def _entries(rng: np.random.Generator, groups: int, source: Edge, target: Edge) -> Array:
    """Random tables, in which 0 rarely stays 0: unused channels of a beat must still be zero."""
    shape = (groups, 1 << source.bits)
    return rng.integers(target.low, target.high, shape, endpoint=True).astype(np.int32)
