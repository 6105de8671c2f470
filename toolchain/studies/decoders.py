"""LUTs of what turns the codes of a ROM word into weights, counted by Yosys, as Markdown.

    python -m hearth.toolchain.studies.decoders

Each form is a module of its own: codes of some lanes in, as many weights out, nothing else, so that
what is counted is the tables. They stand in Verilog as XLS writes those of hw/layers/conv/decode.x.
Entries are drawn: those of trained networks look as random. Quads are counted to say what they
would cost; Hearth does not build them. docs/design/few_bits.md quotes the table.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import tools

LANES = 16
"""Of every module; two groups of 8 channels, or four quads."""
FAMILIES: Mapping[str, str] = {
    "ECP5": "synth_ecp5 -top decoder",
    "7 series": "synth_xilinx -family xc7 -noiopad -noclkbuf -top decoder",
}
"""How Yosys is called for each family's designs."""


@dataclass(frozen=True)
class Form:
    """`bits` of code a lane; a table of 2^`window` entries with a weight for `lanes` lanes each,
    addressed by a lane's code and, in a circle of `group` lanes, those of the lanes before it."""

    title: str
    bits: int
    window: int
    group: int = 1
    lanes: int = 1

    @property
    def address(self) -> Iterator[str]:
        """Verilog of the address of every lookup."""
        for lane in range(0, LANES, self.lanes):
            first, codes = lane - lane % self.group, -(-self.window // self.bits)
            places = [first + (lane - first - j) % self.group for j in range(codes)]
            width = self.bits * self.lanes
            parts = [f"codes[{place * self.bits} +: {width}]" for place in reversed(places)]
            whole = f"{{{', '.join(parts)}}}" if self.lanes == 1 else f"{{{parts[-1]}}}"
            yield whole

    def verilog(self) -> str:
        """The module `decoder`."""
        drawn = np.random.default_rng(self.window).normal(0, 40, (1 << self.window, self.lanes))
        values = np.rint(drawn).clip(-127, 127).astype(np.int8).view(np.uint8)
        wide, addresses = 8 * self.lanes, list(self.address)
        text = [
            "module decoder(",
            f"  input wire [{LANES * self.bits - 1}:0] codes,",
            f"  output wire [{8 * LANES - 1}:0] weights",
            ");",
            f"  wire [{wide - 1}:0] TABLE[0:{len(values) - 1}];",
        ]
        for place, entry in enumerate(values):
            text.append(f"  assign TABLE[{place}] = {wide}'h{entry.tobytes().hex()};")
        for place, address in enumerate(addresses):
            text.append(f"  wire [{self.window - 1}:0] address_{place} = {address};")
            text.append(f"  assign weights[{place * wide} +: {wide}] = TABLE[address_{place}];")
        return "\n".join([*text, "endmodule", ""])


FORMS = (
    Form("codebook of 4, 2 bits", 2, 2),
    Form("codebook of 16, 4 bits", 4, 4),
    Form("codebook of 32, 5 bits", 5, 5),
    *(Form(f"trellis of 2 bits, window {w}", 2, w, group=8) for w in (4, 5, 6, 7, 8)),
    Form("quads of 256, 8 bits for 4 lanes", 2, 8, lanes=4),
)


def luts(form: Form, family: str) -> int:
    """LUTs of LANES lanes: of 4 inputs on the ECP5, of up to 6 on the 7 series. The multiplexers
    beside them (PFUMX, MUXF7) are part of a slice and take none. HearthError when Yosys fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "decoder.v").write_text(form.verilog())
        commands = f"read_verilog decoder.v; {FAMILIES[family]}; tee -q -o cells.json stat -json"
        result = tools.run("yosys", ["-q", "-p", commands], folder, "log", group="ecp5")
        cells = folder / "cells.json"
        if result.status or not cells.exists():
            raise HearthError(f"{form.title}: Yosys failed: {tools.first_error(result)}")
        found = json.loads(cells.read_text())["design"]["num_cells_by_type"]
    return sum(count for kind, count in found.items() if re.fullmatch(r"LUT\d", kind))


def table() -> str:
    """One row per form, LUTs a lane and of whole modules."""
    rows = []
    for form in FORMS:
        counts = [luts(form, family) for family in FAMILIES]
        rows.append((form.title, *(f"{count / LANES:.1f}" for count in counts)))
    heads = ("from code to weight", "LUT4 a lane, ECP5", "LUT a lane, 7 series")
    return lines(heads, "lrr", rows)


def main() -> None:
    print(table(), end="")


if __name__ == "__main__":
    script.run(main)
