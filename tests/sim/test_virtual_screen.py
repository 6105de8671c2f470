"""The virtual board with a screen: every pixel of every picture, while camera and network go on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hearth.sim.virtual_board import screened, virtual
from hearth.sim.virtual_board.virtual import Filmed
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.video import dvp, tmds
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.screen import Screen

SIZE = Camera(32, 24)


@dataclass
class Shown:
    """What a virtual board's screen was sent, and what it should show."""

    folder: Path
    screen: Screen
    period: int
    pixels: list[Array]
    results: Array
    seen: list[Filmed]

    def pictures(self) -> list[screened.Picture]:
        return list(
            screened.pictures(
                self.folder, self.screen, self.period, self.pixels, self.results, self.seen
            )
        )

    def wrong(self) -> list[str]:
        """What is said of those that are not the golden model's."""
        return [picture.wrong for picture in self.pictures() if picture.wrong]


def _shown(build: Build, folder: Path, count: int, period: int) -> Shown:
    """Pictures of noise at the pins of a camera whose clock has so many cycles."""
    rng = np.random.default_rng(count)
    video = virtual.video(build.design, SIZE, with_screen=True)
    assert video.screen is not None
    noise = rng.integers(0, 256, (count, SIZE.height, 2 * SIZE.width)).astype(np.uint8)
    pixels = [dvp.rgb565(sent) for sent in noise]
    frames = np.stack([video.scaler.golden(one) for one in pixels])
    pace = virtual.pace(video, period)
    with virtual.filming(build, video, noise, pace) as film:
        seen = list(film.seen)
        for name in ("symbols.bin", "taps.bin"):
            shutil.copy(film.folder / name, folder / name)
    results = golden.outputs(build.qgraph, frames)[:, 0, 0]
    return Shown(folder, video.screen, pace.pixel, pixels, results, seen)


@pytest.fixture(scope="module")
def slow(virtual_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A camera whose picture lasts longer than the screen's."""
    return _shown(virtual_build, tmp_path_factory.mktemp("slow"), 6, 24)


def test_every_result_is_shown_in_turn(slow: Shown) -> None:
    """And every pixel is the golden model's."""
    pictures = slow.pictures()
    assert [picture.wrong for picture in pictures] == [""] * len(pictures)
    order = [picture.result for picture in pictures if picture.result is not None]
    assert order == sorted(order)
    assert set(order) == set(range(6))


def test_pictures_drawn_while_the_camera_s_go_by(virtual_build: Build, tmp_path: Path) -> None:
    """Each of the screen's shows parts of many of the camera's, and one result."""
    shown = _shown(virtual_build, tmp_path, 40, 4)
    assert all(one.words is not None for one in shown.seen)
    pictures = shown.pictures()
    assert [picture.wrong for picture in pictures] == [""] * len(pictures)
    order = [picture.result for picture in pictures if picture.result is not None]
    assert len(order) > 6
    assert max(np.diff(order)) > 2


def test_one_pixel_is_noticed(slow: Shown, tmp_path: Path) -> None:
    spoilt = replace(slow, folder=tmp_path)
    shutil.copy(slow.folder / "taps.bin", tmp_path)
    symbols = np.fromfile(slow.folder / "symbols.bin", np.uint32)
    begin, _ = list(tmds.pictures(symbols, slow.screen.across, slow.screen.down))[-2]
    symbols[begin + 3 * slow.screen.across.total + 7] ^= 1 << 20
    symbols.tofile(tmp_path / "symbols.bin")
    (wrong,) = spoilt.wrong()
    assert wrong.startswith(
        "pixels that differ from the golden model: 1, the first in line 3, column 7:"
    )


def test_another_result_is_noticed(slow: Shown) -> None:
    """The words of all others are right."""
    words = slow.results.copy()
    classes = len(slow.screen.names)
    words[3, classes : classes + 2] = words[3, [classes + 1, classes]]
    spoilt = replace(slow, results=words)
    pictures = spoilt.pictures()
    assert [bool(picture.wrong) for picture in pictures] == [p.result == 3 for p in pictures]


def test_a_pixel_of_the_camera_is_noticed(slow: Shown) -> None:
    pixels = [picture.copy() for picture in slow.pixels]
    pixels[2][1, -1] ^= 255
    assert replace(slow, pixels=pixels).wrong()


def test_another_timing_is_noticed(slow: Shown, tmp_path: Path) -> None:
    """A picture whose vsync comes too late is none."""
    shutil.copy(slow.folder / "taps.bin", tmp_path)
    symbols = np.fromfile(slow.folder / "symbols.bin", np.uint32)
    half = len(symbols) // 2
    np.insert(symbols, half, symbols[half]).tofile(tmp_path / "symbols.bin")
    with pytest.raises(ValueError, match=r"a vsync does not come|a picture of lines of"):
        replace(slow, folder=tmp_path).pictures()
