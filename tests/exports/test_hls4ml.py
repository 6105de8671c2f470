"""The hls4ml project's C simulation equals the golden model in every value of every edge."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers.addition import Addition
from hearth.hw.layers.border import Border
from hearth.hw.layers.concat import Concat
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.gating import Gating
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.maxpool import MaxPool
from hearth.hw.layers.rescale import Rescale
from hearth.hw.layers.topk import TopK
from hearth.toolchain.exports.hls4ml import export, lower, selection
from hearth.toolchain.ir import Array, Coding, Design, Edge, Layer, Preprocessing, QGraph, golden
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.support.errors import HearthError
from tests.nets.toy import Toy

needs_hls4ml = pytest.mark.skipif(
    importlib.util.find_spec("hls4ml") is None,
    reason="hls4ml is not installed: make setup-hls4ml",
)


needs_tcl = pytest.mark.skipif(shutil.which("tclsh") is None, reason="needs tclsh: apt install tcl")

# Runs a project's script without Vitis HLS: its commands only say that they were called.
VITIS = """#!/bin/sh
exec tclsh - <<'EOF'
set known {add_files config_array_partition config_compile config_schedule cosim_design create_clock
  csim_design csynth_design export_design open_project open_solution set_clock_uncertainty set_part
  set_top}
proc unknown {command args} {
  global known
  if {$command ni $known} { error "no such Vitis HLS command: $command" }
  puts [list $command {*}$args]
}
source build_prj.tcl
EOF
"""


def conv(
    name: str, source: Edge, outputs: int, size: int, centre: int, rng: np.random.Generator
) -> Conv:
    """A convolution with random weights whose outputs spread over 0..255."""
    shape = (source.height, source.width)
    fan = size * size * source.channels
    middle = max(2, int(2**20 * 60 / (np.sqrt(fan) * 74 * 120)))
    return Conv(
        name,
        source,
        Edge(name, *shape, outputs + centre),
        (1, 1),
        (size // 2,) * 4,
        rng.integers(-128, 128, (centre, source.channels)).astype(np.int8),
        rng.integers(-128, 128, (outputs, size, size, source.channels)).astype(np.int8),
        rng.integers(-(2**30), 2**30, outputs + centre).astype(np.int32) >> 16,
        rng.integers(middle // 2, 2 * middle, outputs + centre).astype(np.uint16),
        20,
    )


def fire(name: str, source: Edge, squeeze: int, expand: int, seed: int) -> tuple[Conv, Conv]:
    rng = np.random.default_rng(seed)
    first = conv(f"{name}/squeeze1x1", source, squeeze, 1, 0, rng)
    return first, conv(f"{name}/expand", first.target, expand, 3, expand, rng)


def few_bits(layer: Conv, codebook: bool, rng: np.random.Generator) -> Conv:
    """The layer with random weights of 4 bits."""
    values = np.sort(rng.choice(np.arange(-128, 128), 16, replace=False)).astype(np.int8)
    table = values if codebook else np.arange(-8, 8, dtype=np.int8)
    return replace(
        layer,
        centre=rng.choice(table, layer.centre.shape),
        window=rng.choice(table, layer.window.shape),
        shift=layer.shift if codebook else layer.shift - 4,
        codings=(Coding(4, values if codebook else np.zeros(0, np.int8)),) * len(layer.matrices),
    )


def network(*layers: Layer) -> QGraph:
    return QGraph("sample", layers, Preprocessing())


def folded(qgraph: QGraph) -> Design:
    return fold(qgraph, lanes=24)


def pools(size: int) -> QGraph:
    """Every layer that is ours in hls4ml: overlapping, padded, partly covered windows, top-k."""
    edge = Edge("data", size, size, 3)
    border = Border(
        "border", edge, Edge("b", size + 3, size + 1, 3), (2, 1, 1, 0), np.array([9, 250, 3])
    )
    height, width = size + 3, size + 1
    ceil = Edge("ceil", -(-(height - 3) // 2) + 1, -(-(width - 3) // 2) + 1, 3)
    first = MaxPool("pool1", border.target, ceil, (3, 3), (2, 2), (0, 0, 0, 0))
    padded = Edge("padded", (ceil.height - 2) // 3 + 1, (ceil.width - 1) // 2 + 1, 3)
    second = MaxPool("pool2", ceil, padded, (4, 3), (3, 2), (1, 1, 1, 1))
    total = Edge("sum", 1, 1, 3, 32, True)
    last = GlobalPool("pool3", padded, total)
    ranked = TopK("top", total, Edge("results", 1, 1, 5, 32, True))
    return network(border, first, second, last, ranked)


@needs_hls4ml
@pytest.mark.parametrize(("size", "channels"), [(13, (32, 16, 48)), (55, (16, 8, 16))])
def test_fire_module(tmp_path: Path, size: int, channels: tuple[int, int, int]) -> None:
    inputs, squeeze, expand = channels
    design = folded(network(*fire("fire2", Edge("data", size, size, inputs), squeeze, expand, 7)))
    report = export.export(design, None, export.Options(tmp_path / "out"))
    assert report.mismatch == ""
    assert report.values == 2 * size * size * (squeeze + 2 * expand)
    written = json.loads((tmp_path / "out" / export.MARKER).read_text())
    assert written["synthesized"] is False
    source = (tmp_path / "out/project/firmware/net_sample.cpp").read_text()
    assert "// requantize_window_layer_fire2_expand" in source


@needs_hls4ml
def test_signed_values_and_axes_of_their_own(tmp_path: Path) -> None:
    """Padded pool of signed values, then a window of two rows and three columns."""
    rng = np.random.default_rng(4)
    edge = Edge("data", 7, 9, 4, signed=True)
    pooled = edge.carried("pool", (4, 9, 4))
    pool = MaxPool("pool", edge, pooled, (3, 1), (2, 1), (1, 0, 1, 0))
    layer = Conv(
        "conv",
        pooled,
        Edge("conv", 3, 5, 6),
        (1, 2),
        (0, 1, 0, 1),
        np.zeros((0, 4), np.int8),
        rng.integers(-128, 128, (6, 2, 3, 4)).astype(np.int8),
        rng.integers(-5_000, 5_000, 6).astype(np.int32),
        rng.integers(300, 900, 6).astype(np.uint16),
        20,
    )
    report = export.export(folded(network(pool, layer)), None, export.Options(tmp_path / "out"))
    assert report.mismatch == ""


def residual() -> QGraph:
    """Everything that meets or parts: a fork with three readers, a sum of signed and unsigned maps,
    a depthwise layer, a concatenation of three, a product of two maps."""
    rng = np.random.default_rng(6)
    first = conv("conv1", Edge("data", 7, 6, 3), 8, 3, 0, rng)
    signed = replace(first.target, name="linear", signed=True)
    linear = replace(conv("linear", first.target, 8, 3, 0, rng), target=signed)
    depthwise = conv("depthwise", replace(first.target, channels=1), 8, 3, 0, rng)
    wide = replace(depthwise, source=first.target, groups=8, centre=np.zeros((0, 8), np.int8))
    total = Edge("sum", 7, 6, 8)
    added = Addition("sum", (signed, first.target), total, np.array([60_000, 45_000]), 15)
    joined = Edge("joined", 7, 6, 24)
    concat = Concat("joined", (total, wide.target, first.target), joined)
    last = conv("last", joined, 8, 1, 0, rng)
    product = Edge("product", 7, 6, 8)
    times = Gating("product", (last.target, total), product, 40_000, 20)
    return network(first, linear, wide, added, concat, last, times)


@needs_hls4ml
def test_paths_that_part_and_meet(tmp_path: Path) -> None:
    qgraph = residual()
    report = export.export(folded(qgraph), None, export.Options(tmp_path / "out"))
    assert report.mismatch == ""
    values = golden.run(qgraph, export.activations(qgraph, qgraph, None))[1:]
    assert all(len(np.unique(found)) > 20 for found in values)
    added, product = values[3], values[-1]
    assert ((added == 255).any(), (product == 255).any()) == (True, True)


@needs_hls4ml
def test_a_part_behind_a_fork(tmp_path: Path) -> None:
    """Its input is an edge in the middle of a network."""
    qgraph = residual()
    part = export.Options(tmp_path / "out", layers="linear:sum")
    with pytest.raises(
        HearthError, match="depthwise: no layer up to sum reads it, and what hls4ml"
    ):
        export.export(folded(qgraph), None, part)
    with pytest.raises(HearthError, match="product: reads 'sum', which comes from before last"):
        selection.select(qgraph, "last:product")
    frames: Array = np.random.default_rng(5).integers(0, 256, (1, 7, 6, 3)).astype(np.uint8)
    report = export.export(folded(qgraph), frames, export.Options(tmp_path / "out", layers="last"))
    assert (report.mismatch, report.layers) == ("", ("last",))


def test_what_no_stream_of_hls4ml_does() -> None:
    rng = np.random.default_rng(4)
    first = conv("conv1", Edge("data", 4, 4, 3), 3, 1, 0, rng)
    eight = Concat("eight", (first.target,) * 8, Edge("eight", 4, 4, 24))
    copied = network(first, eight)
    with pytest.raises(HearthError, match="sample: 'conv1' is read 8 times, and hls4ml copies a"):
        lower.lower(copied, folded(copied).stages)
    sums = Edge("sums", 1, 1, 3, 32, True)
    means = Rescale("means", sums, Edge("means", 1, 1, 3), 1 << 12, 16)
    gated = Gating("gated", (first.target, means.target), Edge("gated", 4, 4, 3), 40_000, 22)
    squeezed = network(first, GlobalPool("sums", first.target, sums), means, gated)
    stages = folded(squeezed).stages
    with pytest.raises(HearthError, match="gated: multiplies all pixels of 'conv1' by the one of"):
        tuple(gated.hls4ml(stages[3], ("a", "b"), "c"))
    with pytest.raises(
        HearthError, match="means: hls4ml export cannot express layers of kind resc"
    ):
        lower.lower(squeezed, stages)


def test_groups_and_dilation_have_no_expression() -> None:
    edge = Edge("data", 4, 4, 4)
    rng = np.random.default_rng(4)
    layer = conv("conv1", edge, 4, 1, 0, rng)
    grouped = network(replace(layer, window=layer.window[..., :2], groups=2))
    with pytest.raises(
        HearthError, match=r"conv1: has 2 groups and dilations \(1, 1\), but hls4ml"
    ):
        lower.lower(grouped, folded(grouped).stages)


@needs_hls4ml
@pytest.mark.parametrize(("codebook", "kind"), [(True, "ap_fixed<8,8>"), (False, "ap_fixed<4,4>")])
def test_fire_module_of_4_bits(tmp_path: Path, codebook: bool, kind: str) -> None:
    """Weights that are indices into a table of 16 values, and plain 4-bit integers."""
    edge, rng = Edge("data", 13, 13, 32), np.random.default_rng(4)
    layers = [few_bits(layer, codebook, rng) for layer in fire("fire8", edge, 16, 48, 8)]
    report = export.export(folded(network(*layers)), None, export.Options(tmp_path / "out"))
    assert report.mismatch == ""
    assert report.values == 2 * 13 * 13 * (16 + 2 * 48)
    types = (tmp_path / "out/project/firmware/defines.h").read_text()
    assert f"typedef {kind} conv2d_window_layer_fire8_expand_weight_t;" in types


@needs_hls4ml
def test_own_layers(tmp_path: Path) -> None:
    design = folded(pools(12))
    rng = np.random.default_rng(3)
    frames = rng.integers(0, 256, (4, 12, 12, 3)).astype(np.uint8)
    frames[2] = 77  # equal logits: the order of classes decides
    report = export.export(design, frames, export.Options(tmp_path / "out"))
    assert report.mismatch == ""
    assert report.frames == 4


@needs_hls4ml
@needs_tcl
def test_scripts_for_vitis(tmp_path: Path) -> None:
    """synthesize.sh with a stand-in for Vitis HLS: which of its commands are called, and that every
    file they name exists; without one it says so. The test bench answers as golden does."""
    design = folded(network(*fire("fire2", Edge("data", 4, 4, 4), 4, 4, 2)))
    export.export(design, None, export.Options(tmp_path / "out"))
    tools, script = tmp_path / "tools", tmp_path / "out" / "synthesize.sh"
    tools.mkdir()
    for tool in ("dirname", "cat", "sh"):
        (tools / tool).symlink_to(str(shutil.which(tool)))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        call, paths = ["sh", str(script), *arguments], {"PATH": str(tools)}
        return subprocess.run(call, env=paths, capture_output=True, text=True, check=False)

    missing = run()
    assert missing.returncode == 2
    assert "Vitis HLS is not on PATH" in missing.stderr

    (tools / "tclsh").symlink_to(str(shutil.which("tclsh")))
    (tools / "vitis_hls").write_text(VITIS)
    (tools / "vitis_hls").chmod(0o755)
    synthesis = run()
    assert synthesis.stderr == ""
    called = synthesis.stdout
    assert "csynth_design" in called
    assert "export_design -format ip_catalog" in called
    assert "csim_design" not in called
    project = tmp_path / "out/project"
    named = re.findall(r"^add_files (?:-tb )?(\S+)", called, re.MULTILINE)
    assert "firmware/net_sample.cpp" in named
    assert all((project / name).exists() for name in named)
    assert f"set_part {export.PART}" in called

    answers = bench(project)
    wanted = (project / "tb_data/tb_output_predictions.dat").read_text().split()
    assert answers == [float(word) for word in wanted]


def bench(project: Path) -> list[float]:
    """What hls4ml's test bench, compiled with g++, computes from the frames in tb_data."""
    flags = ["-std=c++11", "-Ifirmware/ap_types", '-DWEIGHTS_DIR="firmware/weights"']
    sources = ["net_sample_test.cpp", "firmware/net_sample.cpp", "-o", "bench"]
    subprocess.run(["g++", *flags, *sources], cwd=project, capture_output=True, check=True)
    subprocess.run(["./bench"], cwd=project, capture_output=True, check=True)
    return [float(word) for word in (project / "tb_data/csim_results.log").read_text().split()]


def test_first_difference_is_named() -> None:
    qgraph = network(*fire("fire2", Edge("data", 5, 6, 4), 3, 4, 1))
    frames = np.full((2, 5, 6, 4), 200, np.uint8)
    values = golden.run(qgraph, frames)[1:]
    got = {e.name: v.astype(np.int64) for e, v in zip(qgraph.edges[1:], values, strict=True)}
    assert export.difference(qgraph.edges[1:], got, values) == ""
    wanted = int(values[1][1, 4, 2, 6])
    got["fire2/expand"][1, 4, 2, 6] = 300
    assert export.difference(qgraph.edges[1:], got, values) == (
        f"frame 1, fire2/expand, row 4, column 2, channel 6: got 300, want {wanted}"
    )


@needs_hls4ml
def test_wrong_weight_is_found(tmp_path: Path) -> None:
    """The comparison itself: a project made of other weights must not pass."""
    design = folded(network(*fire("fire2", Edge("data", 4, 4, 4), 4, 4, 2)))
    layers = list(design.qgraph.layers)
    squeeze = layers[0]
    assert isinstance(squeeze, Conv)
    window = squeeze.window.copy()
    window[1, 0, 0, 2] ^= 0x40
    wrong = network(replace(squeeze, window=window), layers[1])
    project = pytest.importorskip("hearth.toolchain.exports.hls4ml.project")
    operations = lower.lower(wrong, design.stages)
    made = project.convert("wrong", wrong.input, operations, tmp_path / "p", export.PART, 5.0)
    frames: Array = np.random.default_rng(5).integers(0, 256, (1, 4, 4, 4)).astype(np.uint8)
    values = project.simulate(made, frames)
    golden_values = golden.run(design.qgraph, frames)[1:]
    found = export.difference(design.qgraph.edges[1:], values, golden_values)
    assert re.match(r"frame 0, fire2/squeeze1x1, row \d, column \d, channel 1: got", found)


def test_selection() -> None:
    first = fire("fire2", Edge("data", 4, 4, 4), 3, 4, 1)
    qgraph = network(*first, *fire("fire3", first[1].target, 3, 4, 2))

    def names(wanted: str) -> list[str]:
        return [layer.name for layer in selection.select(qgraph, wanted).layers]

    assert names("fire3") == ["fire3/squeeze1x1", "fire3/expand"]
    assert names("fire2/expand:fire3/squeeze1x1") == ["fire2/expand", "fire3/squeeze1x1"]
    assert len(names("fire2:fire3")) == 4
    with pytest.raises(HearthError, match="has no layer 'fire9'; its layers are fire2/squeeze1x1"):
        selection.select(qgraph, "fire9")
    with pytest.raises(HearthError, match="fire2 comes before fire3"):
        selection.select(qgraph, "fire3:fire2")


def test_missing_hls4ml_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    design = folded(network(*fire("fire2", Edge("data", 4, 4, 4), 4, 4, 2)))
    with pytest.raises(HearthError, match=r"hls4ml is not installed; install it with: make"):
        export.export(design, None, export.Options(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_layer_without_expression_is_named() -> None:
    edge = Edge("data", 4, 4, 3)
    part = network(Toy("oddity", edge, Edge("odd", 4, 4, 3)))
    with pytest.raises(HearthError, match="oddity: hls4ml export cannot express layers of kind"):
        lower.lower(part, fold(part, cycles=1000).stages)
