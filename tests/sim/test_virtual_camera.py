"""The virtual board with a camera: pictures at its pins, requests at its port, one network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np
import pytest
import serial

from hearth.sim.virtual_board import virtual
from hearth.toolchain.host import compare
from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.saved import weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.targets.serial.camera import Video
from hearth.toolchain.video import dvp
from hearth.toolchain.video.geometry import Camera
from tests.conftest import kinds_build

PATIENCE = 60.0


@dataclass
class Film:
    """A build, its camera's scaler and the bytes of `count` pictures."""

    build: Build
    count: int
    video: Video = field(init=False)
    sent: list[Array] = field(init=False)

    def __post_init__(self) -> None:
        edge, rng = self.build.qgraph.input, np.random.default_rng(self.count)
        size = Camera(edge.width + 5, edge.height + 3)
        self.video = virtual.video(self.build.design, size, with_screen=False)
        shape = size.height, 2 * size.width
        self.sent = [rng.integers(0, 256, shape).astype(np.uint8) for _ in range(self.count)]

    def filming(self) -> AbstractContextManager[virtual.Film]:
        """A virtual board whose camera sends them."""
        pace = virtual.usual_pace(self.build.design, self.video)
        return virtual.filming(self.build, self.video, self.sent, pace)

    def wanted(self, build: Build) -> Array:
        """Words of the results of all pictures."""
        frames = np.stack([self.video.scaler.golden(dvp.rgb565(sent)) for sent in self.sent])
        return golden.outputs(build.qgraph, frames)[:, 0, 0]


def test_every_picture_is_answered(virtual_build: Build) -> None:
    film = Film(virtual_build, 6)
    wanted = film.wanted(virtual_build)
    with film.filming() as (_, seen, _):
        found = list(seen)
    assert [one.number for one in found] == list(range(6))
    for one in found:
        assert one.words is not None
        assert one.words.tolist() == wanted[one.number].tolist()


@pytest.fixture
def frames(virtual_build: Build) -> Array:
    rng = np.random.default_rng(8)
    return rng.integers(0, 256, (5, *virtual_build.qgraph.input.shape), dtype=np.uint8)


def _told(film: Film, seen: Iterator[virtual.Filmed]) -> list[int]:
    """Numbers of the pictures that were left out; the results of all others are right."""
    wanted = film.wanted(film.build)
    found = list(seen)
    assert [one.number for one in found] == list(range(film.count))
    for one in found:
        assert one.words is None or one.words.tolist() == wanted[one.number].tolist()
    return [one.number for one in found if one.words is None]


def test_link_and_camera_share_the_network(virtual_build: Build, frames: Array) -> None:
    """While the camera sends, the link's frames are answered as ever. The pictures are, before and
    afterwards, or are left out as a whole."""
    film = Film(virtual_build, 400)
    with (
        film.filming() as (port, seen, _),
        serial.Serial(port, 3_000_000, timeout=0.005) as wire,
    ):
        first = next(seen)
        assert first.words is not None
        board = SerialBoard(wire, PATIENCE)
        result = compare.compare(board, virtual_build.qgraph, frames)
        assert result.verdict == "5 frames: board and golden model are equal"
        assert not result.faults
        counters = board.counters()
        assert all(kernel.busy > 0 for kernel in counters.kernels)
        out = _told(film, iter([first, *seen]))
    assert 0 < len(out) < 390
    assert out[-1] < 399


def test_new_weights_while_the_camera_sends(
    virtual_build: Build, frames: Array, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A picture is answered by the old weights or by the new ones, never by some of each."""
    other = kinds_build(tmp_path_factory.mktemp("camera") / "other", 4)
    film = Film(virtual_build, 1500)
    with (
        film.filming() as (port, seen, _),
        serial.Serial(port, 3_000_000, timeout=0.005) as wire,
    ):
        first = next(seen)
        board = SerialBoard(wire, PATIENCE)
        image = weights_image.image(other)
        assert board.update(hardware_id(other), image) == build_id(other)
        assert compare.compare(board, other.qgraph, frames).ok
        results = {tuple(one.words.tolist()) for one in (first, *seen) if one.words is not None}
    old, new = ({tuple(row) for row in film.wanted(b).tolist()} for b in (virtual_build, other))
    assert results <= old | new
    assert results & old
    assert results & new
