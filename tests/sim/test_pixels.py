"""Pixels of one and of four bytes: through the simulator, and through a whole board's link."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hearth.sim.run import simulate
from hearth.toolchain.cli.connect import Connection, connect
from hearth.toolchain.host import compare
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.progress import silent
from tests.nets import tiny


@pytest.mark.parametrize("order", ["L", "RGBA"])
def test_pixels_of_other_sizes(order: str, tmp_path: Path) -> None:
    design = tiny.design(order)
    build_folder.write(tmp_path / "build", design, b"", emit(design), {})
    build = build_folder.load(tmp_path / "build")
    assert design.beats[0] == len(order)
    frames = np.random.default_rng(8).integers(0, 256, (4, 8, 8, len(order))).astype(np.uint8)
    assert simulate(build, frames, stall_percent=20).ok
    with connect(build, Connection("virtual"), silent) as board:
        assert board.info.colours == len(order)
        result = compare.compare(board, build.qgraph, frames)
        assert result.ok, result.first_difference
        with pytest.raises(HearthError, match=r"the board takes frames of \(8, 8, "):
            list(board.results(np.zeros((1, 8, 8, 3), np.uint8)))
