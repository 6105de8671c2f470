"""The link to a host, bit by bit: its lines, its refusals, its counters (tests/link_bench.py)."""

from __future__ import annotations

from pathlib import Path

from sim import verilator
from tests.link_bench import BUILD_ID
from tests.test_axi import HERE, needs_cocotb, simulate
from toolchain.bitstream import flow, weights_image
from toolchain.paths import HARDWARE

SHARED = ("stream/fifo.sv", "stream/skid.sv", "core/ram.sv", "core/rom.sv")


def sources() -> list[Path]:
    """The link around tests/axi_net.sv, package first."""
    rtl = [HARDWARE / path for path in (*flow.LINK, *SHARED)]
    return [*rtl, HERE / "axi_net.sv", HERE / "link_net.sv"]


@needs_cocotb
def test_link(tmp_path: Path) -> None:
    (tmp_path / "id.hex").write_text(weights_image.id_image(BUILD_ID))
    simulate("link_net", "tests.link_bench", sources(), tmp_path)


def test_lint() -> None:
    files = [str(path) for path in sources()]
    result = verilator.lint("link_net", ["-Wall", "-Wno-GENUNNAMED", "-Wno-DECLFILENAME", *files])
    assert result.stderr == ""
