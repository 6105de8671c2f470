"""`hearth video`: a clip goes in, a labelled one comes out, and nothing of one that fails."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.data.clips import clip, frames, source
from hearth.toolchain.data.clips.camera import Camera
from hearth.toolchain.data.clips.part import Part
from tests.cli.test_cli import Folder
from tests.cli.test_clips import hearth, ready
from tests.data import clip_files
from tests.data.clip_files import Look, greys, quarters

__all__ = ["hearth", "ready"]
"""Fixtures."""


def shown(path: Path) -> list[frames.Frame]:
    return list(frames.chosen(clip.open_clip(path), Part()).shown())


def test_a_labelled_clip(ready: Folder) -> None:
    """As long and as fast as before, at the same size, with the classes that `run` names."""
    words = ("video", "x", "clip.mp4", "-o", "made.mp4", "--sheet", "made.png", "--json")
    status, output, errors = ready(*words, "--results", "found.csv")
    assert status == 0, errors
    figures = json.loads(output)
    assert (figures["frames"], figures["seconds"]) == (12, 0.44)
    assert figures["files"] == ["made.mp4", "made.png", "found.csv"]
    before, after = shown(ready.path / "clip.mp4"), shown(ready.path / "made.mp4")
    assert [frame.seconds for frame in after] == [frame.seconds for frame in before]
    with av.open("made.mp4") as made, av.open("clip.mp4") as given:
        one, other = made.streams.video[0], given.streams.video[0]
        assert (one.average_rate, one.frames) == (other.average_rate, other.frames)
        assert (one.width, one.height) == (other.width, other.height)
        assert one.codec_context.name == "h264"
    for left, right in zip(before, after, strict=True):
        assert np.abs(left.pixels.astype(int) - right.pixels).max() > 40
    rows = list(csv.DictReader(Path("found.csv").read_text().splitlines()))
    wanted = json.loads(ready("run", "x", "clip.mp4", "--json")[1])["results"]
    assert [row["label1"] for row in rows] == [row["top"][0]["label"] for row in wanted]
    assert [float(row["score2"]) for row in rows] == [row["top"][1]["score"] for row in wanted]
    assert [row["seconds"] for row in rows][:3] == ["0.0", "0.04", "0.08"]
    assert [int(row["frame"]) for row in rows] == list(range(12))
    assert Image.open("made.png").size[0] > 64


def test_a_part_with_times_of_its_own(ready: Folder) -> None:
    """Variable rate and a turned picture: upright, first frame at once, each as long as before."""
    look = Look("bt601", turned=90)
    pictures = [quarters(), *greys(4), quarters()]
    clip_files.clip(ready.path / "odd.mkv", pictures, look, stamps=(0, 10, 40, 400, 410, 900))
    words = ("video", "x", "odd.mkv", "-o", "odd.mov", "--start", "0.04", "--every", "2")
    status, output, errors = ready(*words, "--results", "found.json")
    assert status == 0, errors
    assert output.startswith("2 frames, 0.37 s; ")
    assert "made odd.mov and found.json; next: hearth sim x odd.mkv" in errors
    found = shown(ready.path / "odd.mov")
    assert [round(1000 * frame.seconds) for frame in found] == [0, 370]
    assert found[0].pixels.shape == (64, 48, 3)
    rows = json.loads(Path("found.json").read_text())["frames"]
    assert [(row["frame"], row["seconds"], row["cycles"]) for row in rows] == [
        (2, 0.04, None),
        (4, 0.41, None),
    ]
    assert sum(entry["share"] for entry in rows[0]["top"]) <= 1.001


def test_a_camera_is_recorded_until_interrupted(
    ready: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(camera: Camera) -> Iterator[frames.Frame]:
        for number, pixels in enumerate(greys(100)):
            if number == 2:
                signal.raise_signal(signal.SIGINT)
            yield frames.Frame(number, Fraction(number, 30), pixels)

    (ready.path / "video9").touch()
    monkeypatch.setattr(Camera, "shown", taken)
    monkeypatch.setattr(source, "is_camera", lambda path: path.name == "video9")
    status, output, errors = ready("video", "x", "video9", "-o", "made.mp4")
    assert status == 0, errors
    assert output.startswith("3 frames, 0.07 s; ")
    assert len(shown(ready.path / "made.mp4")) == 3
    assert "video9 is a camera, which does not end" in ready.refused("run", "x", "video9", "--json")
    assert "a camera shows no frame twice" in ready.refused(
        "compile", "net.onnx", "--calibration", "video9", "-o", "y"
    )


MADE = ("-o", "made.mp4")
REFUSED = {
    "kind": (("clip.mp4", "-o", "made.avi"), "-o made.avi: a clip is written as .mkv, .mov, .mp4"),
    "results": (
        ("clip.mp4", *MADE, "--results", "found.txt"),
        "--results found.txt: is written as .csv or .json",
    ),
    "sheet": (("clip.mp4", *MADE, "--sheet", "a.jpg"), "--sheet a.jpg: is written as .png"),
    "itself": (("clip.mp4", "-o", "clip.mp4"), "clip.mp4: is the clip itself, which would be lost"),
    "pictures": (("photos", *MADE), "photos: a file is expected, but this is a folder"),
    "a picture": (("photos/photo 0.png", *MADE), "photos/photo 0.png: is no clip and no camera"),
    "nothing": (("none.mp4", *MADE), "none.mp4: cannot be read: No such file or directory"),
    "no place": (("clip.mp4", "-o", "none/made.mp4"), "none/made.mp4: cannot be written: No such"),
    "limit": (("clip.mp4", *MADE, "--limit", "0"), "Invalid value for '--limit'"),
    "port": (("clip.mp4", *MADE, "--port", "/dev/none"), "--port /dev/none: cannot be opened"),
    "baud": (
        ("clip.mp4", *MADE, "--port", "/dev/none", "--baud", "7"),
        "--baud 7: a board's serial port runs at 28800 to 12000000 bits per second",
    ),
    "a cut clip": (("cut.mp4", *MADE), "cut.mp4: is damaged or cut off at frame "),
}


def test_refused(ready: Folder) -> None:
    """And nothing is left of what was begun."""
    faststart = {"movflags": "faststart"}
    path = clip_files.clip(ready.path / "cut.mp4", greys(9), options=faststart)
    clip_files.cut(path, 0.8)
    for words, sentence in REFUSED.values():
        assert ready.refused("video", "x", *words).startswith(sentence), words
