"""Resources of a network on an AMD part, counted by Yosys (synth_xilinx), without Vivado.

The counts are those of technology mapping: before placement, without Vivado's optimizations. They
tell whether a network fits and what limits it; they say nothing about the clock.
"""

from __future__ import annotations

import functools
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import lanes, tools
from hearth.toolchain.targets.target import Resources
from hearth.toolchain.targets.xilinx import border, ultra
from hearth.toolchain.targets.xilinx.boards import BLOCKS
from hearth.toolchain.video.scaler import Scaler

# LUTs that a distributed memory takes, by the name of the primitive.
_LUT_MEMORY = {
    "RAM16X1D": 2,
    "RAM32X1D": 2,
    "RAM64X1D": 2,
    "RAM128X1D": 4,
    "RAM256X1D": 8,
    "RAM32M": 4,
    "RAM64M": 4,
    "RAM32M16": 8,
    "RAM64M8": 8,
    "SRL16E": 1,
    "SRLC16E": 1,
    "SRLC32E": 1,
    "INV": 1,
}
_KHZ = 200_000
_FLIP_FLOPS = ("FDRE", "FDSE", "FDCE", "FDPE")


TOP = border.BLOCK
_DROP = "setparam -set INIT 1'bx t:$mem_v2 a:rom_style=block %i\n"


@dataclass(frozen=True)
class Method:
    """How Yosys goes about it. Both shortcuts save most of the time (docs/results/xilinx.md).

    flatten    dissolve the hierarchy; kept, equal modules are mapped once, and a few LUTs at
               module borders are not shared
    contents   map every ROM block with its content; without it, equal blocks are mapped once
    """

    flatten: bool = False
    contents: bool = False


FAST, WHOLE = Method(), Method(flatten=True, contents=True)


def count(
    build: Build,
    family: str,
    method: Method = FAST,
    plan: ultra.Plan = ultra.NOTHING,
    camera: Scaler | None = None,
) -> Resources:
    """Resources of the network and its AXI border, behind a camera's scaler where there is one;
    family xc7 (7 series) or xcup (UltraScale+).

    HearthError when Yosys is missing or cannot map the network.
    """
    content = lanes.on(build, BLOCKS[family]).content
    texts = {**content, **around(build, plan, camera)}
    names = [path.removeprefix("rtl/") for path in texts if path.startswith("rtl/")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for inner in build_folder.CLOSED:
            (folder / inner).mkdir()
        for path, text in {**texts, "count.ys": script(names, family, method)}.items():
            (folder / path).write_text(text)
        result = tools.run("yosys", ["-q", "count.ys"], folder, "count.log", group="xilinx")
        cells = folder / "cells.json"
        if result.status or not cells.exists():
            why = tools.first_error(result)
            raise HearthError(f"{build.path}: Yosys could not map the network: {why}")
        modules = json.loads(cells.read_text())["modules"]
        return resources(primitives({name: m["num_cells_by_type"] for name, m in modules.items()}))


def around(build: Build, plan: ultra.Plan, camera: Scaler | None) -> dict[str, str]:
    """The border that is counted. Its clock decides how far a camera's pauses are counted."""
    return border.files(build.design, 0, 0 if camera is None else _KHZ, plan, camera)


def script(sources: Iterable[str], family: str, method: Method = FAST) -> str:
    """Yosys script over files of rtl/. LUTs are mapped by `abc`: `abc9`, which synth_xilinx would
    run, aborts on some modules of a kept hierarchy (Yosys 0.70)."""
    ordered = sorted(sources, key=packages_first)
    system = " ".join(f"rtl/{name}" for name in ordered if name.endswith(".sv"))
    plain = " ".join(f"rtl/{name}" for name in ordered if name.endswith(".v"))
    flatten = "-flatten " if method.flatten else ""
    synthesize = f"synth_xilinx -family {family} -top {TOP} {flatten}-noiopad -noclkbuf -run"
    return f"""\
read_verilog -sv -defer -DSYNTHESIS {system}
read_verilog -defer {plain}
{synthesize} begin:map_memory
{"" if method.contents else _DROP}{synthesize} map_memory:map_luts
abc -luts 2:2,3,6:5,10,20
clean
tee -q -o cells.json stat -top {TOP} -json
"""


def primitives(modules: Mapping[str, Mapping[str, int]], top: str = TOP) -> Counter[str]:
    """Cells below `top` by type. `modules` has the cells of each module, submodules among them."""
    by_name = {name.removeprefix("\\"): cells for name, cells in modules.items()}

    @functools.cache
    def below(name: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for kind, number in by_name[name].items():
            inner = below(kind) if kind in by_name else Counter({kind: 1})
            total.update({cell: number * count for cell, count in inner.items()})
        return total

    return below(top)


def resources(cells: Mapping[str, int]) -> Resources:
    """Primitives by type as resources."""
    lut = flip_flops = dsp = uram = halves = 0
    for name, number in cells.items():
        if name == "$lut" or re.fullmatch(r"LUT[1-6]", name):
            lut += number
        lut += _LUT_MEMORY.get(name, 0) * number
        flip_flops += number if name in _FLIP_FLOPS else 0
        dsp += number if name.startswith("DSP48") else 0
        uram += number if name.startswith("URAM") else 0
        halves += 2 * number if name.startswith("RAMB36") else 0
        halves += number if name.startswith("RAMB18") else 0
    return Resources(lut, flip_flops, dsp, halves / 2, uram)
