"""Contents of block RAMs, kept out of Yosys' way.

Yosys makes a primitive of every block from a template, and a template of its own for every content,
each from several thousand steps of a function over 36,864 bits: two fifths of the synthesis of the
embedded network (docs/results/xc7.md). So a block's content is put aside when Yosys has decided
what goes into it, the blocks become primitives without, of which equal ones share a template, and
get their contents back in the finished netlist, by name.

    memory_libmap   $__XILINX_BLOCKRAM_TDP_, content in INIT: 9 bits an entry    written to CONTENTS
    techmap         RAMB18E1 or RAMB36E1, INIT_00 and on unknown
    restore         INIT_00: 256 bits, of 32 entries the lower eight (AMD UG473, "Initialization
                    Attributes"); INITP_00: of 256 entries the ninth

A block that two RAMB36E1 are cascaded for keeps its content.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.netlist import Module

CONTENTS = "contents.json"
_ENTRY, _ROW = 9, 256
_BLOCKS = "t:$__XILINX_BLOCKRAM_* r:OPTION_MODE=FULL r:OPTION_MODE=HALF %u %i"
_LIBRARY = (
    "-logic-cost-rom 0.015625 -lib +/xilinx/lutrams_xc5v.txt -lib +/xilinx/brams_xc4v.txt"
    " -D HAS_SIZE_36 -D HAS_CASCADE -D HAS_CONFLICT_BUG -D HAS_MIXWIDTH_SDP"
)
"""How synth_xilinx -family xc7 calls memory_libmap; a test compares what becomes of it."""


def commands() -> str:
    """Yosys commands in the place of `synth_xilinx -family xc7 -run map_memory:map_ffram`; they
    write CONTENTS."""
    return f"""\
memory_libmap {_LIBRARY}
select {_BLOCKS}
write_json -selected {CONTENTS}
setparam -set INIT 1'bx
select -clear
techmap -map +/xilinx/lutrams_xc5v_map.v
techmap -map +/xilinx/brams_xc6v_map.v
"""


def restore_in(path: Path, top: str) -> int:
    """Give the blocks of the module `top` of the JSON file that Yosys wrote the contents that
    CONTENTS beside it holds; returns how many they are. HearthError where a block is missing."""
    aside = json.loads((path.parent / CONTENTS).read_text())["modules"].get(top, {"cells": {}})
    contents = {name: cell["parameters"]["INIT"] for name, cell in aside["cells"].items()}
    return netlist.change(path, top, lambda module: restore(module, contents))


def restore(module: Module, contents: dict[str, str]) -> int:
    """The same, from the bits of each block, highest first; changes the module in place."""
    for name, bits in contents.items():
        if name not in module["cells"]:
            raise HearthError(f"bitstream: Yosys lost the block RAM '{name}' of its netlist")
        module["cells"][name]["parameters"] |= attributes(bits)
    return len(contents)


def attributes(bits: str) -> dict[str, str]:
    """The attributes INIT_00, ..., INITP_00, ... of a block with these bits."""
    entries = np.array(list(bits[::-1])).reshape(-1, _ENTRY)
    return _rows("INIT", entries[:, :-1]) | _rows("INITP", entries[:, -1])


def _rows(prefix: str, bits: Array) -> dict[str, str]:
    rows = bits.reshape(-1, _ROW)[:, ::-1]
    return {f"{prefix}_{index:02X}": "".join(row) for index, row in enumerate(rows)}
