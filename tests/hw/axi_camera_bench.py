"""cocotb test of hearth_block behind a camera's video, around a real network (tests/nets/tiny.py);
test_axi.py runs it."""

from __future__ import annotations

from typing import Any

import cocotb
import numpy as np

from hearth.toolchain.ir import golden
from hearth.toolchain.video.scaler import scaler
from tests.hw.axi_bench import bench
from tests.hw.beats import beats_of
from tests.nets import tiny


@cocotb.test(timeout_time=2, timeout_unit="ms")
async def results_are_golden_s_on_scaled_frames(dut: Any) -> None:
    """Every word, with pauses on all buses. Of five frames one loses a pixel in its middle: the
    others' results are right, and it is told that one was mended."""
    b = await bench(dut)
    b.stall(5)
    qgraph = tiny.design().qgraph
    built = scaler(tiny.CAMERA, qgraph.preprocessing, (8, 8))
    shape = 5, tiny.CAMERA.height, tiny.CAMERA.width, 3
    frames = np.random.default_rng(8).integers(0, 256, shape).astype(np.uint8)
    broken, lost = 2, 5 * tiny.CAMERA.width + 3
    for number, frame in enumerate(frames):
        beats = beats_of(frame)
        await b.send(beats[:lost] + beats[lost + 1 :] if number == broken else beats)
    seen = np.stack([built.golden(frame) for frame in frames])
    for number, want in enumerate(golden.outputs(qgraph, seen)[:, 0, 0]):
        values, _ = await b.result()
        if number != broken:
            assert np.array_equal(np.array(values, np.uint32).view(np.int32), want), number
    assert await b.read("results") == len(frames)
    assert await b.read("damaged") == 1
    assert await b.flags() == {"long_line", "truncated"}
