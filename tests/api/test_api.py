"""The Python API: from a file to simulated hardware, and mistakes in the command's words."""

from __future__ import annotations

import gc
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest

import hearth
from hearth import options
from hearth.sim.results import Mismatch
from hearth.toolchain.cli import main as cli
from hearth.toolchain.saved import build_folder
from tests.api.conftest import LABELS
from tests.nets.onnx_nets import photographs


def test_what_a_build_says_of_itself(build: hearth.Build, model: Path) -> None:
    assert build.path == model.parent / "build"
    assert build.shape == (16, 16, 3)
    assert build.labels == tuple(LABELS)
    assert build.edges[0] == "data"
    assert "fire2/concat" in build.edges
    assert 0 < build.figures["mac_lanes"] <= 24
    again = hearth.load(str(build.path))
    assert hearth.load(build).path == again.path
    assert again.edges == build.edges
    assert again.figures == build.figures


def test_golden_is_every_edge_by_name(build: hearth.Build) -> None:
    frames = photographs(3, seed=4)
    values = build.golden(frames)
    assert tuple(values) == build.edges
    assert (values["data"] == frames).all()
    for edge, found in zip(build.saved.qgraph.edges, values.values(), strict=True):
        assert found.shape == (3, *edge.shape)
    results = list(values.values())[-1][:, 0, 0]
    answers = build.classify(frames)
    for answer, result in zip(answers, results, strict=True):
        assert (answer.logits == result[:7]).all()
        assert answer.top == tuple(result[7:])
        assert answer.logits[answer.top[0]] == answer.logits.max()
        assert answer.label == f"class {answer.top[0]}" == answer.labels[0]
        assert answer.scores.argmax() == answer.top[0]
        assert answer.cycles is None


def test_images_by_path_are_prepared(build: hearth.Build, model: Path) -> None:
    """The files hold frames of the network's size, so that they arrive unchanged."""
    folder = model.parent / "photos"
    wanted = photographs(6)
    assert (build.frames(folder) == wanted).all()
    assert (
        build.frames([folder / "photo 1.png", str(folder / "photo 4.png")]) == wanted[1::3]
    ).all()
    assert build.classify(folder / "photo 2.png")[0].top == build.classify(wanted[2:3])[0].top


def test_the_hardware_is_equal(build: hearth.Build, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    frames = photographs(3, seed=4)
    result = build.simulate(
        frames, stall=20, record=100_000, progress=lambda text, done, total: told.append(text)
    )
    assert result.equal
    assert result.verdict == f"3 frames, every beat of {len(build.edges)} edges equal"
    assert result.cycles is not None
    assert result.cycles >= build.figures["model_cycles_per_frame"]
    assert tuple(result.edges) == build.edges
    assert all(edge.beats == edge.expected > 0 for edge in result.edges.values())
    assert 0 < result.kernels["conv1"].busy <= 1
    assert result.waveform is None
    for name, wave in result.waves.items():
        assert len(wave.valid) == len(wave.ready) == result.result.total_cycles
        assert (wave.valid & wave.ready).sum() == result.edges[name].beats
    assert told
    assert capfd.readouterr() == ("", "")


def test_wrong_hardware_is_a_result(build: hearth.Build, model: Path) -> None:
    """One digit of one weight is another in the ROM than in the golden model."""
    content = dict(build.saved.content)
    name = next(path for path in sorted(content) if "conv10" in path and path.endswith(".hex"))
    content[name] = ("0" if content[name][0] != "0" else "1") + content[name][1:]
    saved = build_folder.Build(build.path, build.saved.design, build.saved.figures, content)
    result = hearth.Build(saved).simulate(photographs(3, seed=4))
    assert not result.equal
    assert isinstance(result.result.first_mismatch, Mismatch)
    assert result.verdict.startswith("frame 0, conv10, row ")


def test_a_temporary_build_goes_with_the_last_reference(model: Path) -> None:
    build = hearth.compile(model, lanes=24)
    path = build.path
    assert (path / "hearth.json").is_file()
    del build
    gc.collect()
    assert not path.parent.exists()


def test_progress_names_the_passes(model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[str, int, int]] = []
    hearth.compile(model, lanes=24, progress=lambda *what: told.append(what))
    assert [what[0] for what in told if what[0] in ("manifest", "quantize", "emit")] == [
        "manifest",
        "quantize",
        "emit",
    ]
    assert capfd.readouterr() == ("", "")


# ------------------------------------------------------------------------------------- options


def test_options_are_those_of_the_command(model: Path) -> None:
    """Names and defaults in help() and in the types, but for those of files and of printing."""
    (command,) = (c for c in cli.app.registered_commands if c.name == "compile")
    assert command.callback is not None
    there = {
        name: parameter.default
        for name, parameter in inspect.signature(command.callback).parameters.items()
        if name not in ("model", "output", "as_json")
    }
    there["range"] = there.pop("activation_range")
    here = {
        name: parameter.default
        for name, parameter in inspect.signature(hearth.compile).parameters.items()
        if name not in ("model", "output", "progress")
    }
    assert here == there
    assert get_type_hints(options.CompileOptions).keys() == here.keys()


def test_values_as_python_has_them(model: Path, build: hearth.Build) -> None:
    wanted = options.chosen(
        str(model),
        {"input_size": (20, 24), "rom_budget": 5000, "like": build, "codebook": None},
    )
    assert wanted.model == model
    assert wanted.input_size == (20, 24)
    assert wanted.rom_budget == 5000
    assert wanted.like is not None
    assert options.chosen(model, {"input_size": 20}).input_size == (20, 20)
    assert options.chosen(model, {"rom_budget": "5KiB"}).rom_budget == 5120
    assert options.chosen(model, {"fps": 100, "clock": 50}).cycles == 500_000


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no such file": (
        {"model": "no.onnx", "preprocessing": "unit"},
        "no.onnx: cannot be read: No such file or directory",
    ),
    "no manifest": ({"model": "no.onnx"}, "no.onnx: how its images are prepared is not known;"),
    "budget": ({"rom_budget": "100B"}, "--rom-budget: the weights need "),
    "weight bits": (
        {"weight_bits": 9},
        "--weight-bits: 1 to 8 bits per weight are possible, not 9",
    ),
    "size": ({"input_size": "x"}, "--input-size: expects H or HxW in pixels"),
    "range": ({"range": "best"}, "--range: one of max, percentile, mse is expected, found 'best'"),
    "two wishes": ({"lanes": 9, "cycles": 9}, "--lanes and --cycles: give only one of them"),
    "few lanes": ({"lanes": 1}, "--lanes 1: net needs at least "),
    "no lanes": ({"lanes": 0}, "--lanes 0: expects 1 or more"),
    "no frames": ({"calibration_limit": 0}, "--calibration-limit 0: expects 1 or more"),
    "calibration": ({"calibration": "no"}, "no: no such file or folder of images"),
    "like": ({"like": "no"}, "no: not a Hearth build folder"),
    "output": ({"output": "photos"}, "photos: holds files that Hearth did not write"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_compile_refuses_like_the_command(
    case: str, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    given, sentence = REFUSED[case]
    before = sorted(model.parent.rglob("*"))
    with pytest.raises(hearth.HearthError) as caught:
        hearth.compile(**{"model": model, **given})
    assert str(caught.value).startswith(sentence)
    assert sorted(model.parent.rglob("*")) == before


def test_an_unknown_option_is_a_mistake_of_python(model: Path) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'lane'"):
        hearth.compile(model, lane=3)  # type: ignore[call-arg]


def test_images_that_do_not_fit(build: hearth.Build, model: Path) -> None:
    for wrong, sentence in (
        (
            np.zeros((1, 16, 17, 3), np.uint8),
            r"net: frames should be uint8 \[n, 16, 16, 3\], found",
        ),
        (np.zeros((1, 16, 16, 3)), r"frames should be uint8 .* found float64 \[1, 16, 16, 3\]"),
        (np.zeros((0, 16, 16, 3), np.uint8), "with at least one"),
        ([], "no image was given"),
        ("no.png", "no.png: no such file or folder of images"),
        (model, "net.onnx: not an image"),
    ):
        for use in (build.golden, build.classify, build.simulate):
            with pytest.raises(hearth.HearthError, match=sentence):
                use(wrong)


def test_other_mistakes(build: hearth.Build, model: Path) -> None:
    with pytest.raises(hearth.HearthError, match=r"^--stall 46: expects 45 at most"):
        build.simulate(photographs(1), stall=46)
    with pytest.raises(hearth.HearthError, match="not a Hearth build folder; make"):
        hearth.load(model.parent)


# ------------------------------------------------------------------------------- the package


def test_the_package_is_cheap_and_says_what_it_offers() -> None:
    """Importing it, as every module of the compiler does, loads none of them."""
    code = (
        "import json, sys, hearth; before = sorted(sys.modules);"
        " assert set(hearth.__all__) <= set(dir(hearth));"
        " found = [getattr(hearth, name).__doc__ for name in hearth.__all__];"
        " print(json.dumps([before, found]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    before, found = json.loads(result.stdout)
    assert [name for name in before if name.split(".")[0] in ("hearth", "numpy", "onnx")] == [
        "hearth"
    ]
    assert all(found)
    with pytest.raises(AttributeError, match="module 'hearth' has no attribute 'comple'"):
        hearth.comple  # type: ignore[attr-defined]  # noqa: B018
