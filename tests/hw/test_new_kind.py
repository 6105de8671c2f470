"""A layer kind from a temporary folder, through everything, with no word about it anywhere else.

The kind is the clamp of docs/adding/a_layer.md, whose files are read from there.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from hearth.hw import layers
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.topk import TopK
from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.lint.__main__ import lint
from hearth.sim.nets import simulate_nets
from hearth.toolchain.cli import tables
from hearth.toolchain.exports.hls4ml import export
from hearth.toolchain.ir import Array, Design, Edge, Layer, Preprocessing, QGraph, golden
from hearth.toolchain.mapping.figures import design_figures
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.rom import DEFAULT_BUDGET
from hearth.toolchain.saved import build_folder, design_file, qgraph_file
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets import registry, shares
from tests.hw import test_contract
from tests.places import CACHE, ROOT

PAGE = ROOT / "docs/adding/a_layer.md"
FILES = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LANES = 30
needs_hls4ml = pytest.mark.skipif(
    importlib.util.find_spec("hls4ml") is None, reason="hls4ml is not installed: make setup-hls4ml"
)
RUNS = (Options(), Options(15, 1), Options(45, 2))


@pytest.fixture(scope="module")
def clamp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The kind's package, found in a folder outside the checkout; forgotten afterwards."""
    folder = tmp_path_factory.mktemp("my_kinds")
    (folder / "clamp").mkdir()
    for name, text in FILES.findall(PAGE.read_text()):
        (folder / "clamp" / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers, "__path__", [*layers.__path__])
        layers.add(folder)
        yield importlib.import_module("hearth.hw.layers.clamp")
    for module in [name for name in sys.modules if name.startswith("hearth.hw.layers.clamp")]:
        del sys.modules[module]
    del layers.clamp  # type: ignore[attr-defined]


def _conv(source: Edge, target: Edge, kernel: int, rng: np.random.Generator) -> Conv:
    """Random weights whose results spread over the target's values."""
    channels, taps = target.channels, kernel * kernel * source.channels
    gain = int(target.high / (73 * 128 * np.sqrt(taps) * 2) * 2**16)
    return Conv(
        name=target.name,
        source=source,
        target=target,
        strides=(1, 1),
        pads=(kernel // 2,) * 4,
        centre=np.zeros((0, source.channels), np.int8),
        window=rng.integers(-128, 128, (channels, kernel, kernel, source.channels)).astype(np.int8),
        bias=rng.integers(-5_000, 5_000, channels).astype(np.int32),
        multiplier=rng.integers(gain, 2 * gain, channels).astype(np.uint16),
        shift=16,
    )


@pytest.fixture(scope="module")
def qgraph(clamp: ModuleType) -> QGraph:
    """Convolution, clamp, convolution, clamp of signed values, pool, top-2."""
    rng = np.random.default_rng(5)

    def held(name: str, source: Edge) -> Layer:
        room = source.high - source.low
        bounds = rng.integers(source.low + room // 4, source.high - room // 4, (2, source.channels))
        low, high = np.sort(bounds.astype(np.int32), axis=0)
        made: Layer = clamp.LAYER(name, source, replace(source, name=name), low, high)
        return made

    image, first = Edge("image", 9, 11, 3), Edge("conv1", 9, 11, 5)
    last = Edge("conv2", 9, 11, 7, 16, True)
    one = _conv(image, first, 3, rng)
    two = held("conv1/clamp", one.target)
    three = _conv(two.target, last, 1, rng)
    four = held("conv2/clamp", three.target)
    summed, best = Edge("pool", 1, 1, 7, 32, True), Edge("top2", 1, 1, 9, 32, True)
    pool = GlobalPool("pool", four.target, summed)
    return QGraph(
        "clamped", (one, two, three, four, pool, TopK("top2", summed, best)), Preprocessing()
    )


@pytest.fixture(scope="module")
def design(qgraph: QGraph) -> Design:
    return schedule(fold(qgraph, lanes=LANES))


@pytest.fixture(scope="module")
def frames(qgraph: QGraph) -> Array:
    rng = np.random.default_rng(6)
    return rng.integers(0, 256, (3, *qgraph.input.shape)).astype(np.uint8)


@pytest.fixture(scope="module")
def build(design: Design, tmp_path_factory: pytest.TempPathFactory) -> build_folder.Build:
    """The network as a build folder, read back."""
    folder = tmp_path_factory.mktemp("build") / "clamped"
    figures = design_figures(design, DEFAULT_BUDGET)
    build_folder.write(folder, design, b"no model", emit(design), figures)
    return build_folder.load(folder)


def test_it_is_found(clamp: ModuleType) -> None:
    assert layers.kinds()["clamp"] is clamp.LAYER
    assert set(layers.kinds()) > {"conv", "topk"}


def test_its_contract(clamp: ModuleType, tmp_path: Path) -> None:
    """The contract tests of every kind, on its own examples."""
    runs = test_contract.simulated("clamp", tmp_path)
    for index in range(len(test_contract.STALLS)):
        test_contract.every_beat_is_equal(runs, index)
    test_contract.cycles_are_as_promised(runs)
    test_contract.stalls_reach_every_edge(runs)


def test_golden(qgraph: QGraph, frames: Array) -> None:
    """By its formula; both bounds of either clamp are reached, and values between them."""
    edges = golden.run(qgraph, frames)
    for index in (1, 3):
        layer: Any = qgraph.layers[index]
        before, after = edges[index], edges[index + 1]
        assert (after == np.minimum(np.maximum(before, layer.lowest), layer.highest)).all()
        for reached in (after > before, after < before, after == before):
            assert reached.any(axis=(0, 1, 2)).sum() > 1, "in more than one channel"


def test_saved_and_read_back(qgraph: QGraph, design: Design) -> None:
    again = qgraph_file.loads(qgraph_file.dumps(qgraph), Path("x"))
    assert [layer.kind for layer in again.layers].count("clamp") == 2
    assert qgraph_file.dumps(again) == qgraph_file.dumps(qgraph)
    text = design_file.dumps(design)
    assert design_file.dumps(design_file.loads(text.encode(), Path("x"), again)) == text


def test_a_damaged_one_is_refused(qgraph: QGraph) -> None:
    layer: Any = qgraph.layers[1]
    with pytest.raises(HearthError, match=r"conv1/clamp: bounds should rise within 0\.\.255"):
        replace(layer, lowest=layer.highest + 1)


def test_what_it_does_not_say_is_refused_by_name(qgraph: QGraph) -> None:
    layer = qgraph.layers[1]
    with pytest.raises(HearthError, match="conv1/clamp: a clamp layer has no form on the integers"):
        layer.on(layer.source, "elsewhere")
    with pytest.raises(HearthError, match="conv1/clamp: a clamp layer cannot be cut to 2 channels"):
        layer.keeping(layer.source, (0, 1))


def test_simulation(design: Design, frames: Array, tmp_path: Path) -> None:
    net = Net(design, "hearth_net", golden.run(design.qgraph, frames))
    results = [r[0] for r in simulate_nets([net], emit(design), tmp_path, RUNS, cache=CACHE)]
    for result in results:
        assert result.ok, result.verdict
    assert results[0].cycles_per_frame == results[0].model_cycles_per_frame == design.cycles
    assert results[-1].total_cycles > results[0].total_cycles


def test_lint(build: build_folder.Build) -> None:
    """Its own SystemVerilog is in the folder once, and clean beside all other."""
    assert "module hearth_clamp" in build.rtl()["rtl/hearth_clamp.sv"]
    assert lint(build.path) == []


def test_report(build: build_folder.Build) -> None:
    console = Console(record=True, width=80)
    console.print(tables.folding(build.figures), tables.memories(build.figures))
    row, _ = [line for line in console.export_text().splitlines() if "conv1/clamp" in line]
    assert row.split()[1] == "clamp"
    assert "conv1/clamp" in (build.path / build_folder.PICTURE).read_text()


def test_resources(design: Design) -> None:
    """What it says of itself is in the estimate of every board."""
    plain = [stage for stage in design.stages if stage.layer.kind != "clamp"]
    needs = needs_of.of(design)
    assert needs.luts > sum(stage.layer.luts(stage.fold) for stage in plain)
    assert len(needs.memories) == len(design.stages) + 1 + sum(len(s.memories) for s in plain)
    found = shares.shares(design)
    assert [share.board for share in found] == list(registry.boards())
    assert not any(share.over for share in found)


@needs_hls4ml
def test_hls4ml(design: Design, frames: Array, tmp_path: Path) -> None:
    """Its own C++ gives golden's values on every edge."""
    report = export.export(design, frames, export.Options(tmp_path / "out"))
    assert report.mismatch == ""
    assert report.frames == len(frames)


def test_folders_without_kinds_or_with_taken_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match="holds no layer kind"):
        layers.add(tmp_path)
    (tmp_path / "conv").mkdir()
    (tmp_path / "conv/__init__.py").touch()
    with pytest.raises(HearthError, match="conv: there is a layer kind of this name"):
        layers.add(tmp_path)
    assert str(tmp_path) not in layers.__path__
