"""The zoo's networks: each compiles with drawn weights, trained ones are as their files say."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.rtl import rom
from hearth.toolchain.stages import Options
from hearth.toolchain.studies import zoo
from tests.yardstick import compare
from weights.onnx_writer import Taps
from weights.zoo import factors
from weights.zoo.networks import NETWORKS

FRAMES = 48
TRAINED = sorted(path.parent.name for path in zoo.FOLDER.glob("*/*.onnx"))
MANIFESTS = sorted(path.parent.name for path in zoo.FOLDER.glob("*/manifest.json"))


@cache
def manifest(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((zoo.FOLDER / name / "manifest.json").read_text())
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_it_compiles_as_it_is_written_down(name: str) -> None:
    blueprint, made = NETWORKS[name].blueprint(), zoo.design(name)
    assert made.qgraph.macs == blueprint.products(padding=True)
    assert {layer.bias.size for layer in made.qgraph.weighted} >= {10}
    assert made.lanes <= zoo.LANES[name]
    assert 0.85 < blueprint.products(padding=False) / (made.lanes * made.cycles) <= 1


@pytest.mark.parametrize("name", ["resnet8", "resnet20"])
def test_lanes_of_a_resnet_work(name: str) -> None:
    """Nine tenths of what lanes could do are products of pixels, padding not counted."""
    made = zoo.design(name)
    assert NETWORKS[name].blueprint().products(padding=False) >= 0.9 * made.lanes * made.cycles


def test_lanes_of_pointwise_layers_work() -> None:
    made, stages = zoo.design("mobilenet_v1"), zoo.pointwise("mobilenet_v1")
    assert len(stages) == 13
    for stage in stages:
        assert zoo.at_work(stage, made) >= 0.85, stage.layer.name


@pytest.mark.parametrize("name", TRAINED)
def test_a_trained_file_is_its_network(name: str, tmp_path: Path) -> None:
    """Its nodes are the blueprint's; with zeros it costs what the drawn one does; int8 is near."""
    path = zoo.FOLDER / name / f"{name}.onnx"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest(name)["sha256"]
    drawn = NETWORKS[name].blueprint().blank(name)
    ours, theirs = ([n.name for n in m.graph.node] for m in (onnx.load(path), drawn))
    assert ours == theirs
    with np.load(zoo.CALIBRATION) as found:
        np.savez(tmp_path / "frames.npz", images=found["images"][:FRAMES])
    frames = tmp_path / "frames.npz"
    found = compare(path, frames)
    assert found.decibels > 20
    assert found.agreeing is not None
    assert found.agreeing >= 0.9 * found.frames
    passes = pipeline.FRONT_END + pipeline.QUANTIZATION + pipeline.MAPPING
    dense = Options(path, calibration=frames, lanes=zoo.LANES[name], dense=True)
    made = pipeline.run(passes, dense).design
    blank = zoo.design(name)
    assert (made.lanes, made.cycles) == (blank.lanes, blank.cycles)
    assert rom.total_bytes(made.roms) == rom.total_bytes(blank.roms)


def test_what_is_measured_is_of_these_files() -> None:
    """Every network with a manifest has its card, and its accuracies are those of that file."""
    measured = zoo.measured()
    assert set(measured) == set(MANIFESTS)
    for name in MANIFESTS:
        assert measured[name]["sha256"] == manifest(name)["sha256"], (
            f"{name}: python -m hearth.toolchain.studies.zoo --measure test/ --network {name}"
        )
        card = (zoo.FOLDER / name / "CARD.md").read_text()
        assert f"# {name}\n" in card
        assert f"--network {name} --train-data" in card
        assert f"--epochs {NETWORKS[name].epochs} " in card


def test_small_files_alone_are_kept() -> None:
    for name in TRAINED:
        size = (zoo.FOLDER / name / f"{name}.onnx").stat().st_size
        small = 4 * NETWORKS[name].blueprint().parameters < zoo.LARGEST
        assert small == (size <= 512 << 10)


def test_factors_of_every_rank_are_the_nearest() -> None:
    """All of them are the convolution itself; half of them leave what the other values hold."""
    weight = np.random.default_rng(1).normal(size=(6, 4, 3, 3)).astype(np.float32)
    whole = Taps(weight, np.arange(6, dtype=np.float32))
    matrix = weight.transpose(1, 2, 0, 3).reshape(12, 18)
    values = np.linalg.svd(matrix, compute_uv=False)
    for rank in (12, 6):
        column, row = factors.pair(whole, rank)
        assert column.weight.shape == (rank, 4, 3, 1)
        assert row.weight.shape == (6, rank, 1, 3)
        again = np.einsum("riy,orx->oiyx", column.weight[..., 0], row.weight[:, :, 0])
        left = np.square(values[rank:]).sum()
        assert np.square(again - weight).sum() == pytest.approx(left, rel=1e-4, abs=1e-8)
        assert (row.bias == whole.bias).all()
        assert not column.bias.any()
