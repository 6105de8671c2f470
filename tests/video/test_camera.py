"""From a camera's pins to the network: colours, clocks, broken frames, the table of registers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.serial.modules import MODULES, OV5640, OV7670, Module
from hearth.toolchain.video import dvp
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import SOURCES
from tests.hw.simulation import needs_simulator, simulate
from tests.video.sccb_bench import PAUSE, entries

SIZES = {
    **dict.fromkeys(("SourceWidth", "ScaledWidth", "Width"), 12),
    **dict.fromkeys(("SourceHeight", "ScaledHeight", "Height"), 10),
}
CAMERA = (
    *("sync", "async_fifo", "dvp_capture", "dvp_rgb565", "dvp_yuv", "dvp_pairs", "dvp"),
    "camera",
)


def test_rgb565() -> None:
    sent = np.array([[0xFF, 0xFF, 0x00, 0x00, 0xF8, 0x00, 0x07, 0xE0, 0x00, 0x10]], np.uint8)
    found = dvp.rgb565(sent)[0].tolist()
    assert found == [[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 132]]


def test_yuv_is_bt_601() -> None:
    """Within one step of the standard's real numbers, everywhere."""
    rng = np.random.default_rng(1)
    sent = rng.integers(0, 256, (50, 80)).astype(np.uint8)
    y, u, v = sent[:, 0::4].astype(float), sent[:, 1::4] - 128.0, sent[:, 3::4] - 128.0
    wanted = (y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u)
    even = dvp.yuv422(sent)[:, 0::2]
    assert np.abs(even - np.clip(np.stack(wanted, -1), 0, 255)).max() <= 1
    assert dvp.yuv422(np.full((1, 6), 128, np.uint8)).tolist() == [[[128] * 3] * 3]


@needs_simulator
@pytest.mark.parametrize(("yuv", "vsync_low"), [(0, 1), (1, 0)])
def test_pins_to_frames(yuv: int, vsync_low: int, tmp_path: Path) -> None:
    names = [f"video/hearth_{name}.sv" for name in CAMERA]
    files = [HARDWARE / path for path in (*SOURCES, *names)]
    sizes = SIZES | {"Yuv": yuv, "VsyncLow": vsync_low}
    bench = "tests.video.camera_bench"
    simulate("hearth_camera", bench, files, tmp_path, colours=3, only=None, **sizes)


def _table(module: Module) -> list[tuple[int, int]]:
    return entries(HARDWARE / f"video/{module.name}_rgb565.hex")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_table_of_registers_is_whole(module: Module) -> None:
    """It begins with a reset and a pause, and what hardware reads is the file without comments."""
    table = _table(module)
    reset = {OV7670: (0x12, 0x80), OV5640: (0x3008, 0x82)}[module]
    assert table[table.index(reset) + 1][0] == PAUSE
    most = 1 << 8 * module.register_bytes
    assert all(register < most or register == PAUSE for register, _ in table)
    words = [f"{register:04X}{value:02X}" for register, value in table]
    assert module.table().split() == words


def test_an_ov5640_s_numbers_fit_each_other() -> None:
    """The clocks, the window and the steps of exposure that the table's head tells."""
    found = dict(_table(OV5640))

    def pair(register: int) -> int:
        return found[register] << 8 | found[register + 1]

    bits = {0x8: 2.0, 0xA: 2.5}[found[0x3034] & 15]
    pll = 25e6 / (found[0x3037] & 15) * found[0x3036]
    clock = pll / (found[0x3035] >> 4) / (1 + (found[0x3037] >> 4)) / bits
    assert (pll, clock) == (750e6, 50e6)
    sclk = clock / (1 << (found[0x3108] & 3))
    assert clock == 1e6 * OV5640.pclk_mhz  # at most: divided by 0x3824 by the application notes
    wide, high = pair(0x380C), pair(0x380E)
    assert round(sclk / wide / high, 1) == 13.4
    for hz, step, steps in ((100, 0x3A08, 0x3A0E), (120, 0x3A0A, 0x3A0D)):
        assert pair(step) == round(sclk / wide / hz)
        assert found[steps] == high // pair(step)
    assert pair(0x3A02) == pair(0x3A14) == high
    sizes = [(pair(0x3804 + i) - pair(0x3800 + i) + 1) // 2 - 2 * pair(0x3810 + i) for i in (0, 2)]
    shown = (pair(0x3808), pair(0x380A))
    assert Camera(*shown) == OV5640.only
    assert [size / side for size, side in zip(sizes, shown, strict=True)] == [2, 2]
    assert found[0x4300] == 0x61
    assert _table(OV5640)[-1] == (0x3008, 0x02)


def test_an_ov5640_makes_one_size_and_needs_a_clock() -> None:
    OV5640.check(Camera(640, 480), 37.5e6)
    OV7670.check(Camera(320, 240), 60e6)
    with pytest.raises(HearthError, match=r"--camera-size 320x240: the table of .* makes 640x480"):
        OV5640.check(Camera(320, 240), 60e6)
    with pytest.raises(HearthError, match=r"--camera ov5640: .* a clock of 37.5 MHz or more"):
        OV5640.check(Camera(640, 480), 37e6)


@needs_simulator
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_registers_are_written(module: Module, tmp_path: Path) -> None:
    """An OV7670's file and the number of its entries are the hardware's defaults."""
    (tmp_path / "table.hex").write_text(module.table())
    source = tmp_path / "hearth_sccb.sv"
    text = (HARDWARE / "video/hearth_sccb.sv").read_text()
    assert f"Entries = {len(_table(OV7670))}," in text
    name = '"hw/video/ov7670_rgb565.hex"'
    assert name in text
    source.write_text(text.replace(name, '"table.hex"'))
    numbers = {
        "Quarter": 2,
        "Device": module.device,
        "RegisterBytes": module.register_bytes,
        "Entries": len(_table(module)),
    }
    bench = "tests.video.sccb_bench"
    simulate("hearth_sccb", bench, [source], tmp_path, colours=3, only=None, **numbers)
