"""A camera on the command line: its picture's size, its place on a board, and one sentence for what
cannot be."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.cli import main as cli
from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.video import dvp
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import scaler
from hearth.toolchain.video.shown import Shown
from tests.nets import tiny

PICTURES = np.random.default_rng(3).integers(0, 256, (3, 24, 32, 3)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two small builds, for colour pictures of 8x8 and for grey ones, and three pictures."""
    for name, order in (("x", "RGB"), ("grey", "L")):
        design = tiny.design(order)
        build_folder.write(tmp_path / name, design, b"", emit(design), {})
    np.save(tmp_path / "frames.npy", PICTURES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hearth(monkeypatch: pytest.MonkeyPatch, words: str) -> int:
    """The exit status of `hearth` with these words."""
    monkeypatch.setattr(sys, "argv", ["hearth", *words.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_run_as_a_camera_s_hardware_hands_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The classes are those of the scaler's frames, which are not Pillow's."""
    qgraph = build_folder.load(folder / "x").qgraph
    camera = Camera(32, 24)
    built = scaler(camera, qgraph.preprocessing, (8, 8))
    frames = np.stack([built.golden(picture) for picture in PICTURES])
    usual = images.open_set(folder / "frames.npy").whole(qgraph.preprocessing, (8, 8))
    assert (frames != usual).any()
    output = golden.outputs(qgraph, frames)
    scores = golden.logits(qgraph, output)
    for size in ("32x24", "32X24"):
        assert hearth(monkeypatch, f"run x frames.npy --camera-size {size} --json") == 0
        rows = json.loads(capsys.readouterr().out)["results"]
        found = [[place["score"] for place in row["top"]] for row in rows]
        best = golden.top(qgraph, output)
        wanted = [[round(float(s[i]), 4) for i in top] for s, top in zip(scores, best, strict=True)]
        assert np.allclose(found, wanted, atol=1e-3)


COMPARE = "compare x frames.npy --port virtual"
NOT_THERE = "--video camera: for boards placed by nextpnr (ulx3s"
NO_STREAM = "--video axis: for boards placed by Vivado (zcu104, "
REFUSED = {
    "run x frames.npy --camera-size big": "--camera-size: expects WIDTHxHEIGHT",
    "run x frames.npy --camera-size 0x480": "--camera-size: expects WIDTHxHEIGHT",
    "run x frames.npy --camera-size 1921x1080": "--camera-size: expects WIDTHxHEIGHT",
    "run x frames.npy --camera-size 6x6": "makes no picture larger",
    "bitstream x --video camera --camera-size 6x6": "makes no picture larger",
    "bitstream x --video camera --camera-size big": "--camera-size: expects WIDTHxHEIGHT",
    "bitstream x --camera-size 640x480": "--camera-size: is of a camera; give --video camera",
    "bitstream x --camera ov5640": "--camera: names a camera's module; give --video camera",
    "bitstream x --video camera --camera ov9": "no camera is called 'ov9'; known are ov7670, ov56",
    "bitstream x --video camera --camera ov5640 --camera-size 320x240": "makes 640x480; leave",
    "bitstream x --video camera --camera ov5640 --clock 30": "needs a clock of 37.5 MHz or more",
    "bitstream grey --video camera": "sends 3 colours, and tiny takes 1 channel(s)",
    "bitstream x --video camera --board ecpix5-85f": "no pins for a camera are known of ecpix5-85f",
    "bitstream x --video camera --board nexys-video": NOT_THERE,
    "bitstream x --video camera --board zcu104": NOT_THERE,
    "bitstream x --video axis": NO_STREAM,
    "bitstream x --video axis --board nexys-video": NO_STREAM,
    "bitstream x --video axis --board kc705": "no processor to take results; boards that have one:",
    "bitstream x --video axis --board kv260 --camera-size 6x6": "makes no picture larger",
    "bitstream x --video axis --board kv260 --camera ov5640": "--camera: names a camera's module",
    "bitstream grey --video axis --board kv260": "--video axis: a camera sends 3 colours, and tiny",
    "compare x frames.npy --port virtual --video axis": "no virtual board has a stream",
    "compare x frames.npy --port /dev/ttyNONE --video camera": "needs --port virtual, whose camera",
    "bitstream x --video camera+screen --camera-size 32x24": "a screen shows cameras of 160x120",
    f"{COMPARE} --video camera --screen-clip s.mp4": "is of a screen; give --video camera+screen",
    f"{COMPARE} --video camera+screen --screen-clip s.png": "clip is written as .mkv, .mov, .mp4",
    f"{COMPARE} --video camera+screen --screen-clip no/s.mp4": "no/s.mp4: cannot be written",
    f"{COMPARE} --video camera+screen --camera-size 201x101": "shows squares of 2x2 of the camera",
    "compare x frames.npy --port /dev/ttyNONE --video camera+screen": "needs --port virtual",
    "compare grey frames.npy --port virtual --video camera": "sends 3 colours, and tiny takes 1",
}


def test_compare_at_the_pins_of_a_camera(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each image's class, which is the golden model's, every pixel of the screen, and the link's
    verdict; and what is said of a screen with one other pixel."""
    words = f"{COMPARE} --video camera+screen --camera-size 32x24 --screen-clip s.mp4"
    assert hearth(monkeypatch, words) == 0
    said = capsys.readouterr().out
    qgraph = build_folder.load(folder / "x").qgraph
    built = scaler(Camera(32, 24), qgraph.preprocessing, (8, 8))
    frames = np.stack([built.golden(dvp.rgb565(dvp.as_rgb565(p))) for p in PICTURES])
    best = golden.top(qgraph, golden.outputs(qgraph, frames))[:, 0]
    for number, place in enumerate(best):
        assert f"[{number}]: {qgraph.labels[place] if qgraph.labels else f'class {place}'}" in said
    assert "3 images at the camera's pins, 0 left out: all results are" in said
    assert "3 frames: board and golden model are equal" in said
    assert "results of 1 images: every pixel is the golden model's" in " ".join(said.split())
    assert "labelled clip: s.mp4" in said
    shown = images.open_set(folder / "s.mp4")
    assert f"{len(shown)} pictures of the screen" in said
    assert shown.frames is not None
    assert next(iter(shown.frames)).shape == (192, 256, 3)
    wanted = Shown.picture

    def spoilt(model: Shown, begin: int) -> Array:
        picture = wanted(model, begin)
        picture[7, 200] ^= 4
        return picture

    monkeypatch.setattr(Shown, "picture", spoilt)
    assert hearth(monkeypatch, words) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "picture 0: pixels that differ from the golden model: 1, the first in line 7, col" in said
    )


@pytest.mark.parametrize("words", REFUSED)
@pytest.mark.usefixtures("folder")
def test_refused_in_one_sentence(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if words.startswith("bitstream"):
        pytest.importorskip("amaranth_boards")
    assert hearth(monkeypatch, words) == 2
    said = capsys.readouterr().err
    assert REFUSED[words] in " ".join(said.split())
    assert "Traceback" not in said
    assert not list(Path().glob("*/boards/*"))
