"""The scaler of a camera: its golden model by other means, its hardware by the model."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.video.geometry import Axis, Camera
from hearth.toolchain.video.scaler import SOURCES, Scaler, scaler
from tests.hw.simulation import needs_simulator, simulate

GEOMETRIES = {
    "odd": (Camera(37, 29), 0, (8, 9), 3),
    "same": (Camera(16, 12), 0, (12, 16), 3),
    "crop": (Camera(21, 16), 16, (8, 2), 3),
    "wide": (Camera(62, 18), 13, (11, 11), 4),
    "tall": (Camera(19, 53), 15, (12, 10), 1),
}
"""Camera, the preprocessing's resize, height and width of the network's frames, bytes a pixel."""


def made(name: str) -> Scaler:
    camera, resize, size, _ = GEOMETRIES[name]
    return scaler(camera, Preprocessing(resize=resize), size)


def _shares(axis: Axis, place: int) -> dict[int, Fraction]:
    """Pixels that a resized pixel covers, and how much of each: by intervals, in pixels."""
    pace = Fraction(axis.source, axis.scaled)
    start = ((axis.scaled - axis.count) // 2 + place) * pace
    found = {
        i: min(start + pace, Fraction(i + 1)) - max(start, Fraction(i)) for i in range(axis.source)
    }
    return {i: share for i, share in found.items() if share > 0}


@pytest.mark.parametrize("name", GEOMETRIES)
def test_golden_model_is_the_mean_of_an_area(name: str) -> None:
    """By fractions, pixel by pixel."""
    built = made(name)
    shape = built.y.source, built.x.source, 1
    picture = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    frame = built.golden(picture)
    assert frame.shape == (built.y.count, built.x.count, 1)
    for y in range(0, built.y.count, 3):
        rows = _shares(built.y, y)
        for x in range(built.x.count):
            columns = _shares(built.x, x)
            total = sum(
                a * b * int(picture[i, k, 0]) for i, a in rows.items() for k, b in columns.items()
            )
            mean = total / (sum(rows.values()) * sum(columns.values()))
            assert frame[y, x, 0] == int(mean + Fraction(1, 2))


def test_the_size_of_the_network_is_left_alone() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (12, 16, 3)).astype(np.uint8)
    assert (made("same").golden(picture) == picture).all()


def test_geometry_of_a_photograph() -> None:
    """640x480 as preprocessing makes 341x256 of it, its middle 224 cut out."""
    built = scaler(Camera(640, 480), Preprocessing(resize=256), (224, 224))
    assert built == Scaler(Axis(640, 341, 224), Axis(480, 256, 224))
    assert (built.x.unit, built.x.step, built.x.first) == (341, 640, 58)
    assert (built.y.unit, built.y.step, built.y.first) == (8, 15, 16)
    assert (np.count_nonzero(built.x.weights(), axis=0) <= 2).all()
    assert (built.x.weights().sum(axis=1) == 640).all()


def test_no_picture_is_made_larger() -> None:
    with pytest.raises(HearthError, match=r"320x240: the network's .* 341x256 or more"):
        scaler(Camera(320, 240), Preprocessing(resize=256), (224, 224))


@pytest.mark.parametrize("text", ["640", "0x480", "640x1921", "640x480x3", "six", "٣x٣"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(HearthError, match="--camera-size: expects WIDTHxHEIGHT"):
        Camera.parse(text)


@needs_simulator
@pytest.mark.parametrize("name", GEOMETRIES)
def test_hardware_equals_the_golden_model(name: str, tmp_path: Path) -> None:
    sizes = made(name).parameters | {"Colours": GEOMETRIES[name][3]}
    files = [HARDWARE / path for path in SOURCES]
    bench = "tests.video.scaler_bench"
    simulate("hearth_scaler", bench, files, tmp_path, colours=3, only=None, **sizes)


@needs_simulator
def test_division_is_exact_on_every_sum(tmp_path: Path) -> None:
    """Of 1920x1080 to the 224x224 of a resize to 256."""
    built = scaler(Camera(1920, 1080), Preprocessing(resize=256), (224, 224))
    area = built.x.step * built.y.step
    files = [HARDWARE / f"video/hearth_scaler_{name}.sv" for name in ("pkg", "mean")]
    bits = (255 * area).bit_length()
    simulate("hearth_scaler_mean", "tests.video.mean_bench", files, tmp_path, Area=area, Bits=bits)
