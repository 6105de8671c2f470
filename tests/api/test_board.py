"""hearth.Board on the virtual board: what it answers, and when it refuses."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hearth
from hearth.sim.virtual_board import virtual
from hearth.toolchain.cli import main as cli
from hearth.toolchain.ir import Array
from hearth.toolchain.saved.build_folder import Build
from tests.conftest import kinds_build
from tests.data import clip_files


@pytest.fixture
def build(virtual_build: Build) -> hearth.Build:
    return hearth.Build(virtual_build)


@pytest.fixture
def frames(build: hearth.Build) -> Array:
    return np.random.default_rng(5).integers(0, 256, (4, *build.shape), dtype=np.uint8)


@pytest.fixture
def port(virtual_build: Build) -> Iterator[str]:
    """Of a board that somebody else runs."""
    with virtual.running(virtual_build) as name:
        yield name


def test_the_virtual_board_answers_like_the_golden_model(
    build: hearth.Build, frames: Array, capfd: pytest.CaptureFixture[str]
) -> None:
    with hearth.Board("virtual", build) as board:
        assert (board.info.height, board.info.width, 3) == build.shape
        answers = board.classify(frames)
        assert board.faults == {}
    wanted = build.classify(frames)
    assert len(answers) == len(wanted) == 4
    for found, golden in zip(answers, wanted, strict=True):
        assert (found.logits == golden.logits).all()
        assert (found.top, found.scale) == (golden.top, golden.scale)
        assert found.cycles is not None
        assert found.cycles > 0
    with pytest.raises(hearth.HearthError, match="the board was closed; open it again"):
        board.classify(frames)
    board.close()
    assert capfd.readouterr() == ("", "")


def test_a_board_without_its_build(port: str, build: hearth.Build, frames: Array) -> None:
    """Classes are numbers; files cannot be prepared. Dropping the board frees its port."""
    board = hearth.Board(port)
    for found, golden in zip(board.classify(frames), build.classify(frames), strict=True):
        assert (found.logits == golden.logits).all()
        assert found.label == str(golden.top[0])
        assert found.scale is None
    with pytest.raises(hearth.HearthError, match="give the board its build, as in"):
        board.classify("photo.jpg")
    with pytest.raises(hearth.HearthError, match="the board takes frames of"):
        board.classify(frames[:, :-1])
    del board
    gc.collect()
    assert hearth.Board(port, build.path).classify(frames[:1])[0].cycles is not None


def test_a_board_of_another_build_is_refused(
    port: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = kinds_build(tmp_path_factory.mktemp("other") / "build", 4)
    with pytest.raises(hearth.HearthError, match=r"^--port: the board runs build [0-9a-f]{16}"):
        hearth.Board(port, hearth.Build(other))
    assert hearth.Board(port).info.classes > 0


def test_ports_that_cannot_be_opened(build: hearth.Build) -> None:
    for port, baud, sentence in (
        ("virtual", None, "--port virtual: the virtual board runs a build, and none was given"),
        ("/dev/no", None, "--port /dev/no: cannot be opened"),
        ("/dev/no", 5, "--baud 5: a board's serial port runs at 28800 to"),
    ):
        with pytest.raises(hearth.HearthError) as caught:
            hearth.Board(port, baud=baud)
        assert str(caught.value).startswith(sentence)


def command(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `hearth` with these words."""
    monkeypatch.setattr(sys, "argv", ["hearth", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code, *capsys.readouterr()


def test_run_prints_a_boards_own_labels(
    build: hearth.Build,
    frames: Array,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    np.save(tmp_path / "frames.npy", frames)
    words = ["run", str(build.path), str(tmp_path / "frames.npy"), "--json"]
    status, output, errors = command([*words, "--port", "virtual"], monkeypatch, capsys)
    assert status == 0, errors
    found = json.loads(output)["results"]
    wanted = json.loads(command(words, monkeypatch, capsys)[1])["results"]
    assert [row["top"] for row in found] == [row["top"] for row in wanted]
    assert [row["file"] for row in found] == [row["file"] for row in wanted]
    assert all(row["cycles"] > 0 for row in found)
    assert "cycles" not in wanted[0]


def test_a_board_labels_a_clip(
    build: hearth.Build,
    port: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its own classes, and its own cycles in the heading."""
    source = clip_files.clip(tmp_path / "clip.mp4", clip_files.greys(3))
    made, found = tmp_path / "made.mp4", tmp_path / "found.json"
    words = ["video", str(build.path), str(source), "-o", str(made), "--results", str(found)]
    status, output, errors = command([*words, "--port", port, "--json"], monkeypatch, capsys)
    assert status == 0, errors
    assert json.loads(output)["pace"].endswith(" cycles a frame (measured)")
    rows = json.loads(found.read_text())["frames"]
    for row, answer in zip(rows, build.classify(source), strict=True):
        assert tuple(entry["class"] for entry in row["top"]) == answer.top
        assert row["cycles"] > 0
    assert made.exists()


def test_run_refuses_a_board_of_another_build(
    build: hearth.Build,
    port: str,
    frames: Array,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    np.save(tmp_path / "frames.npy", frames)
    other = kinds_build(tmp_path / "other", 4)
    words = ["run", str(other.path), str(tmp_path / "frames.npy"), "--port", port]
    status, output, errors = command(words, monkeypatch, capsys)
    assert (status, output) == (2, "")
    assert "hearth: --port: the board runs build" in errors
