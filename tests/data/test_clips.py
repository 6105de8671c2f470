"""Clips to frames: every container, rotation, colour, times, and what is said about wrong ones."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from hearth.toolchain.data import images
from hearth.toolchain.data.clips import camera, clip, frames, kinds, source
from hearth.toolchain.data.clips.part import Part
from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support.errors import HearthError
from tests.data import clip_files
from tests.data.clip_files import BLOCKS, CODECS, SIZE, Look, cut, greys, quarters
from tests.data.damage import downloads

WHOLE = Preprocessing(resize=0)


def shown(path: Path, part: Part = images.WHOLE) -> list[frames.Frame]:
    return list(frames.chosen(clip.open_clip(path), part).shown())


def corners(pixels: Array) -> list[tuple[int, ...]]:
    """The colours of the quarters, in the order of BLOCKS."""
    height, width = pixels.shape[0] // 4, pixels.shape[1] // 4
    places = ((1, 1), (1, 3), (3, 1), (3, 3))
    return [tuple(int(x) for x in pixels[y * height, x * width]) for y, x in places]


def far(pixels: Array, wanted: list[tuple[int, ...]]) -> int:
    """The largest difference of a colour."""
    return int(np.abs(np.array(corners(pixels)) - np.array(wanted)).max())


@pytest.mark.parametrize("kind", CODECS)
def test_every_container(kind: str, tmp_path: Path) -> None:
    path = clip_files.clip(tmp_path / f"a.{kind}", greys(12))
    assert kinds.is_clip(path)
    found = shown(path)
    assert [frame.number for frame in found] == list(range(12))
    assert [float(frame.seconds) for frame in found] == pytest.approx([0.04 * i for i in range(12)])
    levels = [int(frame.pixels.mean()) for frame in found]
    assert levels == sorted(levels)
    if kind != "gif":  # of 256 colours
        assert np.abs(np.array(levels) - [x[0, 0, 0] for x in greys(12)]).max() <= 3


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_matrix_and_range_are_the_files(kind: str, matrix: str, full: bool, tmp_path: Path) -> None:
    path = clip_files.clip(tmp_path / f"a.{kind}", [quarters()] * 2, Look(matrix, full))
    for frame in shown(path):
        assert far(frame.pixels, list(BLOCKS)) <= 3


def test_no_matrix_and_no_range_are_those_of_standard_definition(tmp_path: Path) -> None:
    path = clip_files.clip(tmp_path / "a.avi", [quarters()])
    assert far(shown(path)[0].pixels, list(BLOCKS)) <= 6


@pytest.mark.parametrize(
    ("turned", "mirrored", "places"),
    [
        (0, False, (0, 1, 2, 3)),
        (90, False, (1, 3, 0, 2)),
        (-90, False, (2, 0, 3, 1)),
        (180, False, (3, 2, 1, 0)),
        (0, True, (1, 0, 3, 2)),
    ],
)
def test_upright(turned: int, mirrored: bool, places: tuple[int, ...], tmp_path: Path) -> None:
    look = Look("bt601", turned=turned, mirrored=mirrored)
    path = clip_files.clip(tmp_path / "a.mp4", [quarters()] * 3, look)
    for frame in shown(path):
        assert frame.pixels.shape == ((64, 48, 3) if abs(turned) == 90 else (*SIZE, 3))
        assert far(frame.pixels, [BLOCKS[i] for i in places]) <= 3


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_times_of_a_variable_rate_are_kept(kind: str, tmp_path: Path) -> None:
    stamps = (0, 10, 30, 330, 340, 900)
    found = shown(clip_files.clip(tmp_path / f"a.{kind}", greys(6), stamps=stamps))
    assert [round(1000 * frame.seconds) for frame in found] == list(stamps)


def test_part_of_a_clip(tmp_path: Path) -> None:
    path = clip_files.clip(tmp_path / "a.mp4", greys(12))
    assert [frame.number for frame in shown(path, Part(5, 0.07))] == [2, 7]
    assert [frame.number for frame in shown(path, Part(3))] == [0, 3, 6, 9]
    with pytest.raises(HearthError, match=r"--start 0.5: the last frame of .*a.mp4 is at 0.44 s"):
        frames.chosen(clip.open_clip(path), Part(start=0.5))


@pytest.mark.parametrize("kind", ["avi", "mkv", "mp4", "webm"])
def test_far_frames_are_those_of_a_whole_reading(kind: str, tmp_path: Path) -> None:
    """20 s: what lies between is skipped, where the file allows it."""
    path = clip_files.clip(tmp_path / f"a.{kind}", greys(40), rate=2)
    whole = shown(path)
    some = frames.chosen(clip.open_clip(path), images.WHOLE).subset([3, 17, 18, 39])
    for frame, number in zip(some.shown(), [3, 17, 18, 39], strict=True):
        assert frame.number == number
        assert (frame.pixels == whole[number].pixels).all()


def test_a_clip_is_a_set_of_images(tmp_path: Path) -> None:
    path = clip_files.clip(tmp_path / "a.mkv", [quarters()] * 12)
    chosen = images.open_all([path], Part(2))
    assert len(chosen) == 6
    names, batch = next(chosen.named_batches(WHOLE, (24, 32)))
    assert names[:2] == [f"{path} frame 0 (0.00 s)", f"{path} frame 2 (0.08 s)"]
    assert batch.shape == (6, 24, 32, 3)
    assert len(chosen.limited(3).whole(WHOLE, (8, 8))) == 3
    grey = images.open_set(path).limited(2).whole(Preprocessing("L", (0.0,), (1.0,), 0), (8, 8))
    assert grey.shape == (2, 8, 8, 1)
    with pytest.raises(HearthError, match="give a clip or camera alone, not together"):
        images.open_all([path, path])
    with pytest.raises(HearthError, match="frames of 3 channels, but the network takes 4"):
        list(images.open_set(path).batches(Preprocessing("RGBA", (0.0,) * 4, (1.0,) * 4), (8, 8)))


def test_only_a_gif_that_moves_is_a_clip(tmp_path: Path) -> None:
    still = clip_files.clip(tmp_path / "still.gif", greys(1))
    assert source.find(still, images.WHOLE) is None
    assert len(images.open_set(still)) == 1
    assert len(images.open_set(clip_files.clip(tmp_path / "moves.gif", greys(3)))) == 3


def test_pictures_have_no_times(tmp_path: Path) -> None:
    still = clip_files.clip(tmp_path / "still.gif", greys(1))
    with pytest.raises(HearthError, match=r"--start 2: .*still.gif is no clip, so its images"):
        images.open_all([still], Part(start=2))
    assert len(images.open_all([still] * 5, Part(2))) == 3


FASTSTART = {"movflags": "faststart"}
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (lambda d: cut(clip_files.clip(d / "a.mp4", greys(2)), 0), "not a clip that can be"),
    "no clip": (lambda d: (d / "a.mkv", (d / "a.mkv").write_text("x" * 99))[0], "not a clip that"),
    "sound": (lambda d: clip_files.sound(d / "a.mkv"), "holds no moving pictures but sound; give"),
    "no index": (lambda d: cut(clip_files.clip(d / "a.mp4", greys(9)), 0.4), "not a clip that can"),
    "half a MOV": (
        lambda d: cut(clip_files.clip(d / "a.mp4", greys(9), options=FASTSTART), 0.8),
        "is damaged or cut off at frame ",
    ),
    "half a Matroska file": (
        lambda d: cut(clip_files.clip(d / "a.mkv", greys(9)), 0.5),
        "ends after 0.",
    ),
    "half a GIF": (lambda d: cut(clip_files.clip(d / "a.gif", greys(9)), 0.7), "is cut off: it"),
    "half an AVI": (
        lambda d: cut(clip_files.clip(d / "a.avi", greys(9)), 0.9),
        "is damaged or cut",
    ),
    "a pipe": (lambda d: _pipe(d / "a.mp4"), "a file is expected, but this is a pipe"),
}


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_in_one_sentence(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make, message = REFUSED[kind]
    path = make(tmp_path)
    with pytest.raises(HearthError) as caught:
        list(images.open_set(path).batches(WHOLE, (8, 8)))
    assert str(caught.value).startswith(f"{path}: {message}")
    assert capfd.readouterr() == ("", "")


def test_playlists_lead_nowhere(tmp_path: Path) -> None:
    """Neither a list of FFmpeg's nor a web address of one is followed."""
    secret = clip_files.clip(tmp_path / "secret.mp4", greys(2))
    for text in (f"ffconcat version 1.0\nfile {secret}\n", f"#EXTM3U\n#EXTINF:1,\n{secret}\n"):
        path = tmp_path / "list.mp4"
        path.write_text(text)
        with pytest.raises(HearthError, match="not a clip that can be read"):
            images.open_set(path)


@pytest.mark.parametrize("kind", CODECS)
def test_damaged_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    """Cut off, and with random bytes in random places, most of them in the headers."""
    path = clip_files.clip(tmp_path / f"a.{kind}", [quarters(), *greys(5)])
    for data in downloads(path.read_bytes(), len(kind) + ord(kind[0]), 30):
        path.write_bytes(data)
        assert outcome(path) in ("frames", "refused")


def outcome(path: Path) -> str:
    try:
        found = list(images.open_set(path).batches(WHOLE, (8, 8)))
        return "frames" if all(x.shape[1:] == (8, 8, 3) for x in found) else "no frames"
    except HearthError as error:
        return "refused" if str(error).startswith(f"{path}: ") else str(error)


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clip in place of a camera, which PyAV then opens by name."""
    path = clip_files.clip(tmp_path / "video0.mkv", greys(10))
    opened = av.open

    def instead(file: Any, *arguments: Any, **options: Any) -> Any:
        if options.get("format") == camera.FORMAT:
            options["format"] = None
        return opened(file, *arguments, **options)

    monkeypatch.setattr(source, "is_camera", lambda given: given == path)
    monkeypatch.setattr(av, "open", instead)
    return path


def test_camera(device: Path) -> None:
    chosen = images.open_all([device], Part(2, 0.1)).limited(3)
    assert chosen.live
    assert len(chosen) == 3
    names, batch = next(chosen.named_batches(WHOLE, (8, 8)))
    assert len(batch) == 3
    assert names[0] == f"{device} frame 3 (0.12 s)"
    assert len(images.open_set(device)) == 0
    with pytest.raises(HearthError, match="a camera shows no frame twice"):
        chosen.subset([1])


def test_camera_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(av, "open", busy)
    with pytest.raises(HearthError) as caught:
        list(camera.Camera(Path("/dev/video0"), images.WHOLE).shown())
    assert str(caught.value) == (
        "/dev/video0: the camera cannot be opened (Device or resource busy); another program uses"
        " it"
    )


def test_what_is_no_camera(tmp_path: Path) -> None:
    assert not camera.is_camera(Path("/dev/null"))
    assert not camera.is_camera(tmp_path / "none")
    with pytest.raises(HearthError, match="a file is expected, but this is a device"):
        images.open_set(Path("/dev/zero"))
