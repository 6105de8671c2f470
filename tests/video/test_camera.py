"""From a camera's pins to the network: colours, clocks, broken frames, the table of registers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.video import dvp
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
TABLE = HARDWARE / "video/ov7670_rgb565.hex"


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


def test_the_table_of_registers_is_whole() -> None:
    table = entries(TABLE)
    assert table[0] == (0x12, 0x80)
    assert table[1][0] == PAUSE
    assert all(register < 0x100 or register == PAUSE for register, _ in table)


@needs_simulator
def test_registers_are_written(tmp_path: Path) -> None:
    """The names of the file and the number of its entries are as in the module's defaults."""
    shutil.copy(TABLE, tmp_path / "table.hex")
    source = tmp_path / "hearth_sccb.sv"
    text = (HARDWARE / "video/hearth_sccb.sv").read_text()
    assert f"Entries = {len(entries(TABLE))}," in text
    name = '"hw/video/ov7670_rgb565.hex"'
    assert name in text
    source.write_text(text.replace(name, '"table.hex"'))
    simulate("hearth_sccb", "tests.video.sccb_bench", [source], tmp_path, Quarter=2)
