"""The link to a host, bit by bit: its lines, its refusals, its counters (link_bench.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.sim import verilator
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import weights_image
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.serial import border
from tests.hw.link_bench import BUILD_ID
from tests.hw.simulation import simulate
from tests.hw.test_axi import HERE, needs_cocotb

SHARED = (
    "stream/hearth_fifo.sv",
    "stream/hearth_skid.sv",
    "memory/hearth_load_pkg.sv",
    "memory/hearth_ram.sv",
    "memory/hearth_rom.sv",
    "memory/hearth_ultra_rom.sv",
)


def sources() -> list[Path]:
    """The link around tests/hw/axi_net.sv, package first."""
    names = sorted((*border.LINK, *SHARED), key=packages_first)
    rtl = [HARDWARE / path for path in names]
    return [*rtl, HERE / "axi_net.sv", HERE / "hearth_link_net.sv"]


@needs_cocotb
def test_link(tmp_path: Path) -> None:
    (tmp_path / "id.hex").write_text(weights_image.id_image(BUILD_ID))
    simulate("hearth_link_net", "tests.hw.link_bench", sources(), tmp_path)


@needs_cocotb
@pytest.mark.parametrize("colours", [1, 4])
def test_pixels_of_other_sizes(colours: int, tmp_path: Path) -> None:
    (tmp_path / "id.hex").write_text(weights_image.id_image(BUILD_ID))
    bench, only = "tests.hw.link_bench", r"facts|\.frames$|frames_of_its_own|pauses"
    simulate("hearth_link_net", bench, sources(), tmp_path, colours, only, Colours=colours)


@pytest.mark.parametrize("colours", [1, 3, 4])
def test_lint(colours: int) -> None:
    files = [f"-GColours={colours}", *(str(path) for path in sources())]
    result = verilator.lint(
        "hearth_link_net", ["-Wall", "-Wno-GENUNNAMED", "-Wno-DECLFILENAME", *files]
    )
    assert result.stderr == ""
