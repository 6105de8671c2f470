"""cocotb test of hearth_block: frames as packets of a DMA engine; tests/hw/test_axi.py runs it."""

from __future__ import annotations

import random
from typing import Any

import cocotb
from cocotbext.axi import AxiStreamFrame

from tests.hw.axi_bench import COLOURS, PIXELS, bench, mend, words
from tests.hw.beats import Beat


@cocotb.test(timeout_time=500, timeout_unit="us")
async def packets(dut: Any) -> None:
    """One packet is one frame; bytes above the pixel are ignored; wrong lengths are mended."""
    b, rng = await bench(dut), random.Random(2)
    b.stall(3)
    beats: list[Beat] = []
    for length in (PIXELS, PIXELS - 5, PIXELS, PIXELS + 9, PIXELS, 1, PIXELS):
        pixels = [rng.randrange(1 << 8 * COLOURS) for _ in range(length)]
        beats += [(p, i == 0, i % 6 == 5) for i, p in enumerate(pixels)]
        above = (rng.randrange(1 << 32) >> 8 * COLOURS << 8 * COLOURS for _ in pixels)
        data = b"".join((a | p).to_bytes(4, "little") for a, p in zip(above, pixels, strict=True))
        await b.source.send(AxiStreamFrame(data))
    wanted = mend(beats)
    assert len(wanted.frames) == 7
    for number, frame in enumerate(wanted.frames):
        values, _ = await b.result()
        assert values == words(frame, number)
    assert await b.read("damaged") == 2
    assert await b.flags() == wanted.faults == {"truncated", "stray"}
