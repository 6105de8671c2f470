"""From read sources to a netlist for nextpnr: Yosys' synth_xilinx, and what it does not do.

pipeline_registers   a register behind every product
block_contents       contents of block RAMs, which Yosys maps without
"""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.targets.xc7 import block_contents, pipeline_registers


def commands(top: str, output: str, options: str = "") -> str:
    """Yosys commands that write the flat netlist of `top` to `output`, for `finish_in`."""
    synthesize = f"synth_xilinx -family xc7 -flatten -top {top} {options}".rstrip()
    return f"""\
{pipeline_registers.commands(synthesize).rstrip()}
{synthesize} -run coarse:map_memory
{block_contents.commands().rstrip()}
{synthesize} -run map_ffram: -json {output}
"""


def finish_in(path: Path, top: str) -> int:
    """Complete the netlist of the module `top` in the JSON file that Yosys wrote; returns how many
    products got their output register. HearthError where Yosys lost a block RAM."""
    block_contents.restore_in(path, top)
    return pipeline_registers.absorb_in(path, top)
