"""New weights for hardware that exists: same folding, shifts and RTL, whatever the weights are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.ir import QGraph, golden
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.rtl.header import code
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import hardware_id
from hearth.toolchain.stages import Emitted, Options
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import photographs, save, small


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Options:
    folder = tmp_path_factory.mktemp("like")
    np.savez(folder / "photographs.npz", images=photographs(24))
    return Options(
        model=save(small(seed=1).model(), folder),
        preprocessing="unit",
        calibration=folder / "photographs.npz",
        lanes=24,
    )


@pytest.fixture(scope="module")
def build(options: Options) -> Build:
    state = pipeline.compile_model(options)
    folder = options.model.parent / "build"
    pipeline.write(folder, state)
    return build_folder.load(folder)


@pytest.mark.parametrize("gain", [0.3, 1.0, 3.0])
def test_other_weights_have_the_same_rtl_and_other_roms(
    options: Options, build: Build, tmp_path: Path, gain: float
) -> None:
    """Weights `gain` times as large need other shifts when left alone."""
    model = save(small(seed=2, gain=gain).model(), tmp_path)
    state = pipeline.compile_model(replace(options, model=model, like=build))
    rtl = {path: str(text) for path, text in state.files.items() if path.startswith("rtl/")}
    theirs = build.rtl()
    assert {path: code(text) for path, text in rtl.items()} == {
        path: code(text) for path, text in theirs.items()
    }
    assert rtl != theirs, "a header names the model"
    pipeline.write(tmp_path / "build", state)
    assert hardware_id(build_folder.load(tmp_path / "build")) == hardware_id(build)
    roms = {path: text for path, text in state.files.items() if path.startswith("rom/")}
    assert all((build.path / path).read_text() != text for path, text in roms.items())
    # The integers stay faithful: as good as those compiled without --like, but for a bit or two.
    free = pipeline.compile_model(replace(options, model=model))
    frames = photographs(24)
    classes = [golden.top(q, golden.outputs(q, frames))[:, 0] for q in map(_graph, (state, free))]
    assert np.mean(classes[0] == classes[1]) >= 0.9


def _graph(state: Emitted) -> QGraph:
    return state.design.qgraph


def test_another_architecture_is_refused(options: Options, build: Build) -> None:
    with pytest.raises(HearthError, match=r"--like: .* only the weights may differ"):
        pipeline.compile_model(replace(options, input_size=(20, 20), like=build))


@pytest.mark.filterwarnings("ignore:few-bit weights are calibrated on")
def test_other_weight_bits_are_refused(options: Options, build: Build) -> None:
    request = Request(Plan(Format(4, True)))
    with pytest.raises(HearthError, match="differs from that build's; codebooks, weight bits"):
        pipeline.compile_model(replace(options, weights=request, like=build))
