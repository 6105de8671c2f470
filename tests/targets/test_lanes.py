"""The RTL that boards get: two lanes a multiplier, one multiplier a requantizer, where the chip's
are wide enough, and a cycle for a product's way where they are far."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hearth.hw.layers.conv import Conv, lanes, requantizer
from hearth.hw.layers.conv.kernel import requantize
from hearth.toolchain.ir import Coding, Design, Edge, Fold, HlsJob, Sums, Windows
from hearth.toolchain.rtl import xls
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs, netlist, registry, tools
from hearth.toolchain.targets.ecp5 import flip_flops, multipliers, pipeline_registers
from hearth.toolchain.targets.ecp5.multipliers import Multipliers
from hearth.toolchain.targets.target import Wish
from hearth.toolchain.targets.xilinx.boards import BLOCKS
from tests.hw.test_forms import ONE, conv
from tests.nets import tiny
from tests.targets.test_xilinx import needs_yosys


def few_bits(design: Design, bits: int) -> Design:
    """The same with weights of fewer bits, plain ones."""
    first, *others = design.stages
    layer = first.layer
    assert isinstance(layer, Conv)
    narrow = replace(layer, window=layer.window >> (8 - bits), codings=(Coding(bits),))
    qgraph = replace(design.qgraph, layers=(narrow, *design.qgraph.layers[1:]))
    return replace(design, qgraph=qgraph, stages=(replace(first, layer=narrow), *others))


def made(folder: Path, design: Design) -> Build:
    build_folder.write(folder, design, b"", emit(design), {})
    return build_folder.load(folder)


@pytest.fixture(scope="module")
def bytes_(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return made(tmp_path_factory.mktemp("lanes") / "bytes", tiny.design())


@pytest.fixture(scope="module")
def nibbles(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return made(tmp_path_factory.mktemp("lanes") / "nibbles", few_bits(tiny.design(), 4))


def changed(build: Build, board: str) -> set[str]:
    """Files of a build that are others on a board."""
    target, found = registry.find(board)
    content = target.fitted(build, found).content
    assert content.keys() == build.content.keys()
    return {path for path, text in content.items() if text != build.content[path]}


def lanes_of(build: Build) -> set[str]:
    stage = build.design.stages[0]
    return {f"rtl/{stage.layer.products(stage.fold).module}.v"}


def scaling_of(build: Build) -> set[str]:
    layers = ((stage.layer, stage.fold) for stage in build.design.stages)
    jobs = [requantize(layer, fold) for layer, fold in layers if isinstance(layer, Conv)]
    return {f"rtl/{job.module}.v" for job in jobs}


@pytest.mark.parametrize("board", ["zcu104", "genesys2", "arty-a7-100t"])
def test_a_board_gets_other_products_and_nothing_else(
    bytes_: Build, nibbles: Build, board: str
) -> None:
    for build in (bytes_, nibbles):
        assert changed(build, board) == lanes_of(build) | scaling_of(build)


def test_far_multipliers_get_other_lanes_and_requantizers_stay(
    bytes_: Build, nibbles: Build
) -> None:
    for build in (bytes_, nibbles):
        assert changed(build, "ulx3s-85f") == lanes_of(build)


def test_lanes_of_luts_stay(nibbles: Build) -> None:
    """A lane made of LUTs is smaller alone, and its product is where its sum is."""
    target, board = registry.find("ulx3s-85f")
    few = replace(board, limits=replace(board.limits, dsp=3))
    assert target.fitted(nibbles, few).content == nibbles.content


def test_projects_have_the_lanes_of_their_chip(nibbles: Build) -> None:
    for name in ("ulx3s-85f", "arty-a7-100t", "zcu104"):
        target, board = registry.find(name)
        texts = target.project(nibbles, board, Wish())
        for path, text in target.fitted(nibbles, board).rtl().items():
            assert path == "rtl/hearth_net.sv" or texts[path] == text


def test_lanes_with_other_ports_are_refused(bytes_: Build) -> None:
    (path,) = lanes_of(bytes_)
    text = bytes_.content[path].replace("input wire clk", "input wire clock")
    older = replace(bytes_, content={**bytes_.content, path: text})
    target, board = registry.find("zcu104")
    with pytest.raises(HearthError, match=r"compiled by an earlier version, whose rtl/hearth_mac"):
        target.fitted(older, board)


def test_estimates_count_half(bytes_: Build) -> None:
    """Four lanes of four channels: two blocks, and what the requantizers take."""
    asked = needs.of(bytes_.design)
    scaled = sum(kernel.scaling.count for kernel in asked.products if kernel.scaling)
    assert scaled
    for name, array, each in (("zcu104", 2, 1), ("arty-a7-100t", 2, 1), ("ulx3s-85f", 4, 2)):
        target, board = registry.find(name)
        assert target.estimate(asked, board).dsp == array + each * scaled


def test_twice_the_lanes_get_multipliers() -> None:
    products = array(4).products(FOLD)
    plain = replace(products, pairs=0)
    room = products.first(multipliers.BLOCK) + 8
    assert multipliers.assign([products], room) == Multipliers((), room, 0)
    assert multipliers.assign([plain], room).soft_lanes == FOLD.lanes


FOLD = Fold(4, 4, 1)
SYNTHESIS = {
    "ecp5": "synth_ecp5 -top {0}",
    "xc7": "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -run begin:map_luts -top {0}",
    "xcup": "synth_xilinx -family xcup -flatten -noiopad -noclkbuf -run begin:map_luts -top {0}",
}
FAMILIES = {"ecp5": multipliers.BLOCK, **BLOCKS}


def array(bits: int) -> Conv:
    """A convolution of four channels to four, with weights of so many bits."""
    layer = conv((4, 4), (4, 4, 1), Windows(ONE, ONE, ONE, (0,) * 4))
    return replace(layer, window=layer.window >> (8 - bits), codings=(Coding(bits),))


@needs_yosys
@pytest.mark.parametrize(
    ("family", "bits", "per_lane"), [("ecp5", 4, 0.5), ("xc7", 8, 0.5), ("xcup", 8, 0.5)]
)
def test_yosys_counts_half_a_block_a_lane(
    tmp_path: Path, family: str, bits: int, per_lane: float
) -> None:
    layer = array(bits)
    blocks = counted(lanes.job(layer, FOLD, FAMILIES[family]), family, tmp_path)
    assert blocks == layer.products(FOLD).blocks(FAMILIES[family]) == per_lane * FOLD.lanes


@needs_yosys
@pytest.mark.parametrize(
    ("family", "bits", "factor_bits", "blocks"),
    [
        ("ecp5", 23, 16, 2),
        ("xc7", 25, 16, 1),
        ("xc7", 26, 16, 2),
        ("xc7", 25, 24, 2),
        ("xcup", 27, 16, 1),
        ("xcup", 28, 24, 2),
    ],
)
def test_yosys_counts_a_block_a_requantizer(
    tmp_path: Path, family: str, bits: int, factor_bits: int, blocks: int
) -> None:
    edge, sums, block = Edge("y", 1, 1, 1), Sums(bits - 1, bits), FAMILIES[family]
    job = requantizer.job(edge, 1, 20, factor_bits, sums, 20, block)
    assert counted(job, family, tmp_path) == blocks
    assert requantizer.scaling(1, sums, factor_bits).blocks(block) == blocks


@needs_yosys
@pytest.mark.parametrize(("bits", "blocks"), [(8, 16), (4, 8)])
def test_nothing_but_a_wire_is_behind_a_far_multiplier(
    tmp_path: Path, bits: int, blocks: int
) -> None:
    """Its product's register goes into the block, and the next one stands behind it."""
    job = lanes.job(array(bits), FOLD, multipliers.BLOCK)
    synthesized(job, "ecp5", tmp_path, "write_json lanes.json")
    assert pipeline_registers.absorb_in(tmp_path / "lanes.json", job.module) == blocks
    module = json.loads((tmp_path / "lanes.json").read_text())["modules"][job.module]
    found = netlist.uses(module)
    cells = module["cells"].values()
    for cell in (cell for cell in cells if cell["type"] == "MULT18X18D"):
        product = (cell["connections"][f"P{i}"][0] for i in range(36))
        assert netlist.registers_behind(module, found, product, "DI", flip_flops.plain)


def counted(job: HlsJob, family: str, tmp_path: Path) -> int:
    """Multiplier blocks that Yosys makes of a process."""
    synthesized(job, family, tmp_path, "tee -q -o cells.json stat -json")
    cells = json.loads((tmp_path / "cells.json").read_text())["design"]["num_cells_by_type"]
    return sum(n for kind, n in cells.items() if kind.startswith(("DSP48", "MULT18X18D")))


def synthesized(job: HlsJob, family: str, tmp_path: Path, then: str) -> None:
    (tmp_path / "lanes.v").write_text(xls.compile_job(job))
    script = f"read_verilog lanes.v\n{SYNTHESIS[family].format(job.module)}\n{then}\n"
    (tmp_path / "lanes.ys").write_text(script)
    assert tools.run("yosys", ["-q", "lanes.ys"], tmp_path, "log").status == 0
