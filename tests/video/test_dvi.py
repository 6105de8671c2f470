"""From pixels to a screen's wires: timing, symbols, bits, and the ECP5's pins."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from hearth.sim import verilator
from hearth.sim.build import RTL
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.ecp5 import pll
from hearth.toolchain.video import tmds
from tests.hw.simulation import needs_simulator, simulate
from tests.places import ROOT
from tests.video.tmds_bench import reachable

VIDEO = HARDWARE / "video"


def test_symbols_keep_ones_and_zeros_even() -> None:
    """Behind any bytes the excess of ones stays within eight, and is that of the bits sent."""
    ways = reachable()
    assert max(map(abs, ways)) == 8
    for excess in ways:
        for byte in range(256):
            symbol, after = tmds.encode(byte, excess)
            assert after - excess == 2 * symbol.bit_count() - 10


def test_symbols_decode() -> None:
    """Every byte, however inverted; no symbol of a byte is one of a pause."""
    for excess in reachable():
        for byte in range(256):
            symbol, _ = tmds.encode(byte, excess)
            assert tmds.decode(symbol) == byte
            assert symbol not in tmds.CONTROL


def test_symbols_of_a_byte_change_seldom() -> None:
    """Five times at most inside the nine lower bits, as the standard promises; a pause's seven."""

    def changes(symbol: int, bits: int) -> int:
        return sum(symbol >> i & 1 != symbol >> i + 1 & 1 for i in range(bits - 1))

    assert max(changes(tmds.encode(byte, 0)[0], 9) for byte in range(256)) <= 5
    assert min(changes(symbol, 10) for symbol in tmds.CONTROL) >= 7


def test_lines_of_another_length_are_told() -> None:
    pause, sync = tmds.CONTROL[3], tmds.CONTROL[1]
    white = tmds.encode(255, 0)[0]
    symbols = [pause, sync, pause, white, white, pause, white, pause, sync, pause]
    received = tmds.receive(np.repeat(np.array(symbols)[:, None], 3, axis=1))
    assert received.pixels[3].tolist() == [255] * 3
    with pytest.raises(ValueError, match=r"lines of \[2, 1\] pixels"):
        received.pictures(2, 2)


@needs_simulator
def test_timing(tmp_path: Path) -> None:
    simulate(
        "hearth_screen_timing",
        "tests.video.timing_bench",
        [VIDEO / "hearth_screen_timing.sv"],
        tmp_path,
    )


@needs_simulator
def test_encoder(tmp_path: Path) -> None:
    simulate("hearth_tmds", "tests.video.tmds_bench", [VIDEO / "hearth_tmds.sv"], tmp_path)


@needs_simulator
def test_bits_at_the_pins(tmp_path: Path) -> None:
    files = [VIDEO / f"hearth_{name}.sv" for name in ("sync", "dvi")]
    simulate("hearth_dvi", "tests.video.dvi_bench", files, tmp_path)


def test_pins_of_an_ecp5_are_linted() -> None:
    files = [
        RTL / "lint.vlt",
        *(ROOT / "sim/lint" / f"{block}.sv" for block in ("ehxplll", "oddrx1f")),
        *(VIDEO / f"hearth_{name}.sv" for name in ("sync", "dvi")),
        *(HARDWARE / "boards/ecp5" / f"hearth_ecp5_{name}.sv" for name in ("clock", "dvi")),
    ]
    result = verilator.lint("hearth_ecp5_dvi", ["-Wall", *map(str, files)])
    assert (result.returncode, result.stderr) == (0, "")


def test_pll_makes_five_times_the_clock() -> None:
    """hearth_ecp5_dvi's own numbers are what the PLL's rules choose."""
    found = pll.design(25_000_000, 125e6)
    assert found.hz == 125e6
    text = (HARDWARE / "boards/ecp5/hearth_ecp5_dvi.sv").read_text()
    numbers = dict(re.findall(r"parameter int unsigned (\w+) = (\d+)", text))
    dividers = {"Reference": found.reference, "Loop": found.loop, "Output": found.output}
    assert numbers == {name: str(number) for name, number in dividers.items()}
