"""cocotb test of hearth_axi around a real network (tests/nets/tiny.py); test_axi.py runs it."""

from __future__ import annotations

from typing import Any

import cocotb
import numpy as np

from hearth.toolchain.ir import golden
from tests.hw.axi_bench import bench
from tests.hw.beats import beats_of
from tests.nets import tiny


@cocotb.test(timeout_time=500, timeout_unit="us")
async def results_are_golden(dut: Any) -> None:
    """Frames through the buses, with pauses on all of them; a broken frame between good ones."""
    b = await bench(dut)
    b.stall(4)
    qgraph = tiny.design().qgraph
    frames = np.random.default_rng(6).integers(0, 256, (4, 8, 8, 3)).astype(np.uint8)
    frames[1, 5:] = 0  # what the border makes of a frame that ends after five lines
    for number, frame in enumerate(frames):
        beats = beats_of(frame)
        await b.send(beats[:40] if number == 1 else beats)
    for number, want in enumerate(golden.outputs(qgraph, frames)[:, 0, 0]):
        values, damaged = await b.result()
        assert np.array_equal(np.array(values, np.uint32).view(np.int32), want), f"frame {number}"
        assert damaged == (number == 1)
    assert await b.flags() == {"truncated"}
    assert await b.read("top") == want[4]
