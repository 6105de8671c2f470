"""cocotb test of hearth_axi around a network whose ROMs lie in UltraRAM; test_axi.py runs it.

The simulator starts with random bits in every memory, so a word that was not loaded shows.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiResp

from hearth.toolchain.host.pynq import read_image
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.targets.xilinx.registers import OFFSET
from tests.hw.axi_bench import Bench, bench
from tests.hw.beats import beats_of
from tests.nets import tiny

IMAGES = (Path("hearth.weights"), Path("other.weights"))


async def load(b: Bench, image: bytes) -> None:
    """Every word at once: the bus has to wait for the chain."""
    words = [image[at : at + 4].ljust(4, b"\0") for at in range(0, len(image), 4)]
    writes = [cocotb.start_soon(b.lite.write(OFFSET["load"], word)) for word in words]
    for write in writes:
        await write


async def send(b: Bench, frame: Array, beats: int = 64) -> None:
    """A frame, or the beginning of one."""
    await b.send(beats_of(frame)[:beats])


async def check(b: Bench, qgraph: QGraph, frames: Array) -> None:
    for number, want in enumerate(golden.outputs(qgraph, frames)[:, 0, 0]):
        values, damaged = await b.result()
        assert np.array_equal(np.array(values, np.uint32).view(np.int32), want), f"frame {number}"
        assert not damaged


@cocotb.test(timeout_time=2, timeout_unit="ms")
async def frames_wait_for_weights(dut: Any) -> None:
    """None starts before the whole image has come, whatever was begun and given up before; then
    results are golden. What is written behind the end changes nothing."""
    b = await bench(dut)
    image = read_image(IMAGES[0])
    short = (len(image) - 1) // 4 * 4
    frames = np.random.default_rng(8).integers(0, 256, (3, 8, 8, 3)).astype(np.uint8)
    assert await b.read("load_bytes") == len(image)
    for frame in frames:
        await send(b, frame)
    await load(b, image[: short // 2])
    assert await b.read("loaded") == short // 2
    await b.write("loaded", 1)
    await b.restarted()
    assert (await b.read("loaded"), await b.read("load_crc")) == (0, 0)
    await load(b, image[:short])
    assert (await b.lite.write(OFFSET["load"], b"\x55")).resp == AxiResp.OKAY  # of a word, a byte
    await ClockCycles(dut.aclk, 200)
    assert await b.read("loaded") == short
    assert await b.read("load_crc") == zlib.crc32(image[:short])
    assert (await b.read("status"), await b.read("frames")) == (0, 0)
    await load(b, image[short:])
    await load(b, bytes(range(8)))
    assert await b.read("loaded") == len(image)
    assert await b.read("load_crc") == zlib.crc32(image)
    await check(b, tiny.design().qgraph, frames)


@cocotb.test(timeout_time=2, timeout_unit="ms")
async def other_weights(dut: Any) -> None:
    """They go into the same hardware, and a frame that was inside is dropped."""
    b = await bench(dut)
    b.stall(5)
    frames = np.random.default_rng(9).integers(0, 256, (2, 8, 8, 3)).astype(np.uint8)
    for path, design in zip(IMAGES, (tiny.design(), tiny.turned()), strict=True):
        if await b.read("loaded"):
            await send(b, frames[0], 40)
            await b.source.wait()
            await ClockCycles(dut.aclk, 100)
        await b.write("loaded", 0)
        await b.restarted()
        await load(b, read_image(path))
        for frame in frames:
            await send(b, frame)
        await check(b, design.qgraph, frames)
