"""A screen without a host: golden model by other means, hardware by the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.video import font
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.screen import NAMES, SHARES, SOURCES, Said, Timing
from hearth.toolchain.video.vga import screen
from tests.hw.simulation import needs_simulator, simulate
from tests.nets import tiny
from tests.video.screens import SCREENS, expected_shares, result

CAMERA = Camera(640, 480)


def test_kept_is_the_mean_of_squares() -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (480, 640, 3)).astype(np.uint8)
    built = replace(SCREENS["large letters"], shrink=2)
    kept = built.kept(picture)
    assert kept.shape == (120, 160)
    for y, x in rng.integers(0, 120, (20, 2)):
        red, green, blue = picture[4 * y : 4 * y + 4, 4 * x : 4 * x + 4].reshape(16, 3).mean(axis=0)
        assert kept[y, x] == (int(red) >> 3) << 11 | (int(green) >> 2) << 5 | int(blue) >> 3


@pytest.mark.parametrize("name", SCREENS)
def test_shares_are_those_of_softmax(name: str) -> None:
    """Within a dot and what the table's steps come to."""
    built, rng = SCREENS[name], np.random.default_rng(2)
    for _ in range(50):
        words = result(built, rng, 2.0)
        said = built.said(words, 0)
        share = expected_shares(built, words)
        slack = 1 + share * (np.exp(built.step) - 1)
        assert (np.abs(said.shares - share) <= slack).all()


def test_picture_shows_all() -> None:
    """Texts in their places, bars as long as their shares, an outline, darkness under texts."""
    white = np.full((24, 32), 0xFFFF, np.uint16)
    built = replace(
        SCREENS["large letters"],
        across=Timing(128, 1, 1, 1),
        down=Timing(96, 1, 1, 1),
        zoom=2,
        window=(13, 0, 115, 96),
        shown=2,
    )
    found = built.picture(white, Said(np.array([1, 0]), np.array([20, 7]), 30))
    assert found.shape == (96, 128, 3)
    assert found[60, 125].tolist() == [255, 255, 255]
    assert [found[50, 114 - i, 0] for i in range(7)] == [0, 0, 255, 255, 0, 0, 255]
    assert found[34, 39].tolist() == [0, 122, 160]
    assert found[34, 40].tolist() == [63, 63, 63]
    assert found[66, 13].tolist() == [84, 98, 112]
    letters = (found == 255).all(axis=2)[32:64:2, 0:64:2]
    assert (letters[:, :24] == np.concatenate(list(font.cells()[list(b"dog")]), axis=1)).all()
    rate = (found == 255).all(axis=2)[0:32:2, 0:128:2]
    text = font.cells()[list(b"  30 fps")]
    assert (rate[:, :64] == np.concatenate(list(text), axis=1)).all()


def test_every_letter_is_told_from_every_other() -> None:
    cells = font.cells()
    printed = {cells[code].tobytes() for code in range(0x20, 0x7F)}
    assert len(printed) == 95
    assert cells[0x21:0x7F].any(axis=(1, 2)).all()
    assert not cells[:, :, -1].any()
    assert font.codes("caf\u00e9\n", 8).tobytes() == b"caf??   "


def test_the_screen_of_a_network() -> None:
    qgraph = tiny.design().qgraph
    built = screen(qgraph, CAMERA, 60_000_000)
    assert built.camera == CAMERA
    assert (built.across.total, built.down.total) == (800, 525)
    assert 1 / 64 < built.step <= 1 / 32 or built.shift == 0
    assert built.step == pytest.approx(float(qgraph.output.scale) * 2**built.shift)
    words = {name: text.split() for name, text in built.roms().items()}
    assert len(words[NAMES]) == len(built.names) << built.letters
    assert (words[SHARES][0], words[SHARES][-1]) == ("ffff", "0000")
    many = screen(replace(qgraph, labels=()), Camera(320, 240), 60_000_000)
    assert (many.shrink, many.zoom, many.names[1]) == (1, 2, "1")


def test_cameras_of_other_sizes_are_refused() -> None:
    qgraph = tiny.design().qgraph
    with pytest.raises(HearthError, match="352x288: a screen shows cameras of 160x120, 320x240"):
        screen(qgraph, Camera(352, 288), 60_000_000)


def _files(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The hardware's, with the ROMs where it looks for them."""
    monkeypatch.setenv("HEARTH_TEST_SCREEN", name)
    for file, text in SCREENS[name].roms().items():
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return [HARDWARE / path for path in SOURCES]


@needs_simulator
@pytest.mark.parametrize("name", SCREENS)
def test_hardware_equals_the_golden_model(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = _files(tmp_path, name, monkeypatch)
    bench = "tests.video.screen_bench"
    simulate("hearth_screen", bench, files, tmp_path, only=None, **SCREENS[name].parameters)


@needs_simulator
@pytest.mark.parametrize("name", SCREENS)
def test_shares_in_hardware(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = _files(tmp_path, name, monkeypatch)
    built = SCREENS[name]
    sizes = {key: built.parameters[key] for key in ("Classes", "Ranked", "Shown", "LogitShift")}
    sizes["ShareBits"] = built.panel + 3
    bench = "tests.video.shares_bench"
    simulate("hearth_screen_shares", bench, files, tmp_path, only=None, **sizes)


@needs_simulator
def test_rate_in_hardware(tmp_path: Path) -> None:
    files = [HARDWARE / "video/hearth_screen_rate.sv"]
    bench = "tests.video.rate_bench"
    simulate("hearth_screen_rate", bench, files, tmp_path, ClockHz=10_600)
