"""Clips on the command line: options, names of frames, and one sentence for what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import hearth as api
from tests.cli.test_cli import Folder, hearth
from tests.data import clip_files
from tests.data.clip_files import greys, quarters

__all__ = ["hearth", "ready"]
"""Fixtures, for test_video.py as well."""


@pytest.fixture
def ready(hearth: Folder) -> Folder:
    """A build `x`, and `clip.mp4` of 12 frames at 25 a second."""
    hearth.compiled("--lanes", "64")
    clip_files.clip(hearth.path / "clip.mp4", [*greys(11), quarters()])
    return hearth


def test_frames_of_a_clip(ready: Folder) -> None:
    status, output, errors = ready("run", "x", "clip.mp4", "--every", "4", "--start", "0.1")
    assert status == 0, errors
    names = [line.split(": ")[0] for line in output.splitlines()]
    assert names == [f"clip.mp4 frame {i} ({i / 25:.2f} s)" for i in (3, 7, 11)]
    status, output, errors = ready("run", "x", "clip.mp4", "--limit", "2", "--json")
    found = json.loads(output)
    assert [row["file"] for row in found["results"]] == [
        "clip.mp4 frame 0 (0.00 s)",
        "clip.mp4 frame 11 (0.44 s)",
    ]
    build = api.load("x")
    last = build.classify(api.Clip("clip.mp4", start=0.43))
    assert [c["class"] for c in found["results"][1]["top"]] == list(last[0].top)
    assert (
        build.frames("clip.mp4")[[1, 5]] == build.frames(api.Clip("clip.mp4", 4, 0.04))[:2]
    ).all()


def test_a_clip_calibrates(hearth: Folder) -> None:
    clip_files.clip(hearth.path / "clip.mkv", [quarters(), *greys(9)])
    command = ("compile", "net.onnx", "--calibration", "clip.mkv", "--lanes", "64", "-o", "x")
    status, output, errors = hearth(*command, "--calibration-limit", "5", "--json")
    assert status == 0, errors
    assert json.loads(output)["notes"]["calibration_images"] == 5


REFUSED = {
    "every": (("run", "x", "clip.mp4", "--every", "0"), "Invalid value for '--every'"),
    "negative start": (("run", "x", "clip.mp4", "--start", "-1"), "Invalid value for '--start'"),
    "no start": (("run", "x", "clip.mp4", "--start", "inf"), "--start inf: expects seconds from"),
    "late start": (
        ("sim", "x", "clip.mp4", "--start", "9"),
        "--start 9: the last frame of clip.mp",
    ),
    "start of pictures": (("run", "x", "photos", "--start", "1"), "--start 1: photos is no clip"),
    "limit": (("run", "x", "clip.mp4", "--limit", "0"), "Invalid value for '--limit'"),
    "two": (("run", "x", "clip.mp4", "photos"), "clip.mp4: give a clip or camera alone"),
    "port": (("run", "x", "clip.mp4", "--port", "/dev/none"), "--port /dev/none: cannot be opened"),
    "labels": (("eval", "x", "--labels", "clip.mp4"), "--labels: clip.mp4 holds no labels"),
}


def test_refused(ready: Folder) -> None:
    for words, sentence in REFUSED.values():
        assert ready.refused(*words).startswith(sentence), words


def test_python_bounds_a_clip(
    tmp_path: Path, ready: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearth.classification.MOST_FRAMES", 11)
    build = api.load("x")
    with pytest.raises(api.HearthError, match=r"clip.mp4: has 12 frames; say how many are wanted"):
        build.frames("clip.mp4")
    assert len(build.frames(api.Clip("clip.mp4", limit=12))) == 12
    for clip, sentence in (
        (api.Clip("clip.mp4", every=0), "--every 0: expects 1 or more"),
        (api.Clip("clip.mp4", start=float("inf")), "--start inf: expects seconds"),
        (api.Clip("clip.mp4", limit=0), "limit 0: expects 1 or more"),
    ):
        with pytest.raises(api.HearthError, match=sentence):
            build.frames(clip)
    assert build.frames(np.zeros((1, *build.shape), np.uint8)).shape == (1, *build.shape)
