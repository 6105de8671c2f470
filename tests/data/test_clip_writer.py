"""What is written as a clip is read back: colours, times and sizes."""

from __future__ import annotations

import resource
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from hearth.toolchain.data.clips import writer
from hearth.toolchain.ir import Array
from hearth.toolchain.support import files
from hearth.toolchain.support.errors import HearthError
from tests.data.clip_files import BLOCKS, quarters
from tests.data.test_clips import far, shown

RATE = Fraction(25)


def write(path: Path, frames: list[Array], times: list[Fraction]) -> Path:
    with files.growing(path) as file, writer.Writer(path, file, Fraction(1, 1000), RATE) as clip:
        for pixels, seconds in zip(frames, times, strict=True):
            clip.add(pixels, seconds)
    return path


@pytest.mark.parametrize("suffix", writer.FORMATS)
@pytest.mark.parametrize("factor", [1, 24])
def test_colours_and_times_come_back(suffix: str, factor: int, tmp_path: Path) -> None:
    """BT.601 at 64x48 pixels, BT.709 at 1536x1152."""
    large = np.kron(quarters(), np.ones((factor, factor, 1), np.uint8))
    times = [Fraction(ms, 1000) for ms in (0, 40, 90, 400)]
    found = shown(write(tmp_path / f"a{suffix}", [large] * 4, times))
    assert [frame.seconds for frame in found] == times
    for frame in found:
        assert frame.pixels.shape == large.shape
        assert far(frame.pixels, list(BLOCKS)) <= 6
    with av.open(str(tmp_path / f"a{suffix}")) as file:
        assert file.streams.video[0].codec_context.name == "h264"


def test_odd_sides_get_one_more_pixel(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", [quarters()[:47, :63]], [Fraction(0)])
    assert shown(path)[0].pixels.shape == (48, 64, 3)


def test_times_that_stand_still_go_on(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", [quarters()] * 3, [Fraction(1, 2)] * 3)
    assert len(shown(path)) == 3


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("before")

    def fail() -> None:
        with files.growing(path) as file, writer.Writer(path, file, 1 / RATE, RATE) as clip:
            clip.add(quarters(), Fraction(0))
            raise HearthError("enough")

    with pytest.raises(HearthError, match="enough"):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert path.read_text() == "before"
    with pytest.raises(HearthError, match=r"none/a.mp4: cannot be written: No such file"):
        write(tmp_path / "none/a.mp4", [quarters()], [Fraction(0)])
    with pytest.raises(HearthError, match=r"is a folder; give the name of a file"):
        write(tmp_path, [quarters()], [Fraction(0)])


@pytest.mark.parametrize("name", ["a.avi", "a", "a.mp4.gif"])
def test_kinds_that_are_not_written(name: str) -> None:
    with pytest.raises(HearthError, match=rf"-o {name}: a clip is written as .mkv, .mov, .mp4"):
        writer.check(Path(name))


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    """Files may not grow beyond a few bytes here, as on a disk that is full."""
    noise = np.random.default_rng(2).integers(0, 256, (10, 96, 128, 3), dtype=np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))
    try:
        with pytest.raises(HearthError, match=r"a.mp4: cannot be written: File too large"):
            write(tmp_path / "a.mp4", list(noise), [i / RATE for i in range(10)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
