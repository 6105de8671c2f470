"""A frame with what the network says of it: where things are drawn, at every size."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.drawing.overlay import labelled
from hearth.toolchain.drawing.sheet import MOST, Sheet
from hearth.toolchain.ir import Array

GREY = 128
BARS = [("Egyptian cat", 0.75), ("tabby", 0.2), ("lynx", 0.05), ("dog", 0.0), ("car", 0.0)]


def drawn(width: int, height: int, bars: list[tuple[str, float]] = BARS) -> Array:
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    pixels = np.full((height, width, 3), GREY, np.uint8)
    return labelled(pixels, (left, top, left + side, top + side), "frame 7", bars)


@pytest.mark.parametrize("size", [(1920, 1080), (320, 180), (240, 320), (64, 48), (17, 9), (1, 1)])
def test_every_size_keeps_its_size(size: tuple[int, int]) -> None:
    found = drawn(*size)
    assert found.shape == (size[1], size[0], 3)
    assert found.dtype == np.uint8


@pytest.mark.parametrize("size", [(1920, 1080), (320, 180)])
def test_bars_are_as_long_as_their_shares(size: tuple[int, int]) -> None:
    """Counted in the colour of the first bar."""
    teal = (0, 122, 160)
    lengths = [
        (drawn(*size, [("", share)]) == teal).all(-1).any(0).sum() for share in (1.0, 0.75, 0.25)
    ]
    assert lengths[1] / lengths[0] == pytest.approx(0.75, abs=0.02)
    assert lengths[2] / lengths[0] == pytest.approx(0.25, abs=0.02)
    assert lengths[0] >= 0.42 * size[0] - 2


def test_what_the_network_sees_is_framed() -> None:
    """White between black at the sides of the square in the middle of a wide picture."""
    found = drawn(640, 360)
    row = found[150, :, 0]
    assert row[140] == 0
    assert row[141] == 255
    assert row[140 + 359] == 0
    assert (row[200:400] == GREY).all()
    assert (row[:139] == GREY).all()


def test_names_are_cut_to_their_place() -> None:
    found = drawn(320, 180, [("m" * 500, 0.5), ("\u30cd\u30b3", 0.25)])
    assert (found[60:120, 200:229] == GREY).all()


def test_a_sheet_keeps_few_frames_of_many() -> None:
    for count in (1, 12, 13, 100):
        sheet = Sheet()
        for index in range(count):
            sheet.add(np.full((36, 64, 3), 100 + index, np.uint8))
        image = np.asarray(Image.open(io.BytesIO(sheet.png())))
        levels = {
            int(image[y + 4, x + 4, 0])
            for y in range(8, image.shape[0] - 8, 44)
            for x in range(8, image.shape[1] - 8, 72)
        } - {32}
        shown = sorted(levels)
        assert min(count, MOST // 2) <= len(shown) <= MOST
        assert shown[0] == 100
        steps = set(np.diff(shown).tolist())
        assert len(steps) <= 1 or count < 40
