"""What is on a screen while camera and network go on: times by hand. The hardware's are compared in
tests/sim/test_virtual_screen.py."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.video import small
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.shown import Result, Seen, Shown
from tests.nets import tiny
from tests.video.screens import SCREENS, ranked

SCREEN = SCREENS["large letters"]
CYCLES = SCREEN.cycles
WORK = 6 * (1 + 5) + (2 + 3 + 6)
"""Cycles for five classes, of which one is shown in a row of 2^5 dots."""


def _picture(level: int) -> Array:
    camera = SCREEN.camera
    return np.full((camera.height, camera.width, 3), level, np.uint8)


def _result(best: int, last: int) -> Result:
    logits = np.arange(5) == best
    return Result(ranked(logits.astype(np.int64), SCREEN.ranked), last - 7, last)


def test_a_picture_that_is_cut_short_leaves_what_was_there() -> None:
    """Squares of 2x2, the second line of which ends 20 pixels before the line does."""
    pixels = SCREEN.camera.width * SCREEN.camera.height
    whole = Seen(_picture(255), np.arange(pixels))
    cut = Seen(_picture(0), pixels + np.arange(2 * SCREEN.camera.width - 20))
    model = Shown(SCREEN, 1, [whole, cut], [])
    begin = 4 * pixels
    assert model.is_known(begin)
    shown = model.picture(begin)
    first = SCREEN.camera.width - 20
    before = Shown(SCREEN, 1, [whole], []).picture(begin)
    assert (shown[:2, :first] != before[:2, :first]).any()
    assert (shown[:2, first:] == before[:2, first:]).all()
    assert (shown[2:] == before[2:]).all()
    assert not Shown(SCREEN, 1, [cut], []).is_known(begin)


def test_a_square_is_read_three_cycles_behind_its_last_pixel() -> None:
    pixels = SCREEN.camera.width * SCREEN.camera.height
    whole = Seen(_picture(0), np.arange(pixels))
    begin = CYCLES + pixels
    read = begin - 2
    at = read + np.arange(pixels) + 10_000
    at[: SCREEN.camera.width + 2] = read - 3
    for late in (0, 1):
        at[SCREEN.camera.width + 1] = read - 3 + late
        shown = Shown(SCREEN, 1, [whole, Seen(_picture(255), at)], []).picture(begin)
        assert (shown[0, 0] > 0).all() == (late == 0)


def test_a_picture_shows_what_was_there_behind_the_last_but_one() -> None:
    """From the cycle on in which shares are there: the next picture but one, not the next."""
    begin = 9 * CYCLES
    caught = begin - 2 * CYCLES + SCREEN.down.seen * SCREEN.across.total - 4 + 2
    for late in (0, 1):
        results = [_result(2, 100), _result(4, caught - WORK - 1 + late)]
        model = Shown(SCREEN, 1, [], results)
        assert model.result(begin) == 1 - late
    assert Shown(SCREEN, 1, [], [_result(2, 100)]).result(0) is None


def test_a_result_that_comes_while_one_is_worked_on_is_passed_over() -> None:
    begin = 9 * CYCLES
    results = [_result(2, 100), _result(3, 100 + WORK), _result(4, 100 + WORK + 9)]
    assert Shown(SCREEN, 1, [], results[:2]).result(begin) == 0
    assert Shown(SCREEN, 1, [], results).result(begin) == 2


@pytest.mark.parametrize(
    ("camera", "shown", "shrink", "zoom"),
    [
        (Camera(64, 48), (256, 192), 0, 2),
        (Camera(640, 480), (320, 240), 2, 1),
        (Camera(24, 20), (384, 320), 0, 4),
    ],
    ids=str,
)
def test_small_screens(camera: Camera, shown: tuple[int, int], shrink: int, zoom: int) -> None:
    built = small.screen(tiny.design().qgraph, camera, 1000)
    assert (built.across.seen, built.down.seen) == shown
    assert (built.shrink, built.zoom, built.camera) == (shrink, zoom, camera)
    assert built == replace(built, line=1, text=0, clock_hz=1000)


def test_a_camera_that_has_no_whole_squares() -> None:
    with pytest.raises(
        HearthError, match=r"321x240: .* squares of 2x2 of the camera's pixels; give"
    ):
        small.screen(tiny.design().qgraph, Camera(321, 240), 1000)
