"""A build that does not end in one vector of class scores: what commands and the API say of it."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import hearth
from hearth.toolchain.cli import main as cli
from hearth.toolchain.ir import golden
from hearth.toolchain.saved import qgraph_file
from hearth.toolchain.support.errors import HearthError
from tests.nets import ends
from tests.nets.onnx_nets import SIZE, Net, photographs, save

FRAMES = photographs(6)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> hearth.Build:
    folder = tmp_path_factory.mktemp("outputs")
    np.savez(folder / "frames.npz", images=FRAMES)
    path = save(ends.read_on(Net(), shape=("N", 3, SIZE, SIZE)), folder)
    return hearth.compile(
        path,
        folder / "build",
        preprocessing="unit",
        calibration=folder / "frames.npz",
        lanes=24,
    )


def command_line(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit status of `hearth` with these words."""
    monkeypatch.setattr(sys, "argv", ["hearth", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def frames_of(build: hearth.Build) -> str:
    return str(build.path.parent / "frames.npz")


def test_outputs_and_results(build: hearth.Build) -> None:
    scores, boxes = build.outputs
    assert (scores.name, scores.port, scores.shape, scores.bits) == (
        "scores",
        "m_scores",
        (1, 1, 7),
        32,
    )
    assert (boxes.name, boxes.port, boxes.shape, boxes.signed) == (
        "boxes",
        "m_boxes",
        (3, 3, 6),
        False,
    )
    found, edges = build.results(FRAMES[:2]), build.golden(FRAMES[:2])
    assert list(found) == ["scores", "boxes"]
    assert (found["scores"] == edges["pool"]).all()
    assert (found["boxes"] == edges["features"]).all()
    assert boxes.scale == build.saved.qgraph.outputs[1].edge.scale
    with pytest.raises(HearthError, match=r"classify: net names no classes, it ends in 'scores'"):
        build.classify(FRAMES[:1])


def test_the_module_has_a_stream_for_each(build: hearth.Build) -> None:
    text = (build.path / "rtl" / "hearth_net.sv").read_text()
    boxes = build.outputs[1]
    assert "output logic [31:0] m_scores_data,\n  output logic m_scores_valid," in text
    assert f"output logic [{8 * boxes.beat - 1}:0] m_boxes_data," in text
    assert " m_data" not in text.partition(");")[0]


def test_report_and_picture(
    build: hearth.Build, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command_line(["report", str(build.path)], monkeypatch) == 0
    said = " ".join(capsys.readouterr().out.split())
    scale = f"{build.outputs[1].scale:.6g}"
    assert f"output 'boxes': 3x3 pixels, 6 channels, uint8 in steps of {scale}; stream m_boxes" in (
        said
    )
    picture = (build.path / "dataflow.svg").read_text()
    assert "leaves as 'boxes'" in picture
    assert "leaves as 'scores'" in picture


def test_run(
    build: hearth.Build, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command_line(["run", str(build.path), frames_of(build), "--json"], monkeypatch) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["images"] == 6
    first = found["results"][0]["outputs"]
    values = build.results(FRAMES[:1])["boxes"]
    assert [output["output"] for output in first] == ["scores", "boxes"]
    assert first[1]["largest"] == round(values.max() * build.outputs[1].scale, 4)
    assert command_line(["run", str(build.path), frames_of(build)], monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert "'boxes' 3x3x6 (0.00 to " in lines[0]


REFUSED = {
    "eval": (["--labels", "FRAMES"], "--labels: net names no classes, it ends in 'scores'"),
    "bitstream": ([], "--board ulx3s-85f: net names no classes"),
    "compare": (["FRAMES", "--port", "/dev/none"], "--port: net names no classes"),
    "video": (["FRAMES", "-o", "made.mp4"], "video: net names no classes, it ends in 'scores'"),
    "export-hls": ([], "net: has 2 outputs ('scores', 'boxes'), and what hls4ml export"),
}


@pytest.mark.parametrize("command", REFUSED)
def test_what_needs_classes_or_a_chain(
    command: str,
    build: hearth.Build,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options, sentence = REFUSED[command]
    words = [frames_of(build) if word == "FRAMES" else word for word in options]
    assert command_line([command, str(build.path), *words], monkeypatch) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_saved_and_read_back(build: hearth.Build, tmp_path: Path) -> None:
    """The form of networks that name classes has not changed, so neither has its version."""
    qgraph = build.saved.qgraph
    qgraph_file.save(qgraph, tmp_path / "a")
    assert (
        qgraph_file.load(tmp_path / "a").leaves
        == qgraph.leaves
        == (
            ("scores", "pool"),
            ("boxes", "features"),
        )
    )
    assert b'"version": 4' in header(tmp_path / "a")
    with pytest.raises(HearthError, match="class scores: net names no classes"):
        golden.classes(qgraph)


def header(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("header.json")
