"""The AXI border of AMD boards: its buses under stalls and malformed transfers, its lint."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.sim import verilator
from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import needs
from hearth.toolchain.targets.xilinx import border, registers, ultra, video
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import SOURCES, Scaler, scaler
from tests.hw.simulation import SIMULATOR, can_simulate, installed, simulate
from tests.nets import tiny

HERE = Path(__file__).parent
FRONT = ("stream/hearth_skid.sv", f"axi/{video.MODULE}.sv")
"""What stands around hearth_scaler in front of a network."""
BUILD = 0x0123_4567_89AB_CDEF
SIZES = {
    "Width": 6,
    "Height": 4,
    "InBits": 24,
    "OutBits": 32,
    "Classes": 3,
    "Best": 2,
    "ResultBeats": 5,
    "TopBeat": 4,
    "TopLane": 0,
    "LoadBytes": 0,
}


needs_cocotb = pytest.mark.skipif(
    not can_simulate() or not installed("cocotbext", "cocotbext.axi"),
    reason=f"{SIMULATOR}, and cocotbext-axi (make setup-xilinx)",
)


def sources(folder: Path, colours: int = 3) -> list[Path]:
    """The border around tests/hw/axi_net.sv, package first."""
    sizes = SIZES | {"InBits": 8 * colours}
    package = folder / "hearth_axi_pkg.sv"
    package.write_text(registers.package(sizes, BUILD, 100_000))
    block = folder / f"{border.BLOCK}.v"
    block.write_text(border.block(sizes))
    around = folder / f"{border.NET}.sv"
    around.write_text(border.net(sizes))
    net, bits = folder / "hearth_net.sv", "Bits = 24"
    text = (HERE / "axi_net.sv").read_text()
    assert bits in text
    net.write_text(text.replace(bits, f"Bits = {8 * colours}"))
    rtl = [HARDWARE / f"axi/{name}.sv" for name in border.SOURCES]
    shared = [
        HARDWARE / path
        for path in ("stream/hearth_fifo.sv", "stream/hearth_skid.sv", "memory/hearth_ram.sv")
    ]
    packages = [HARDWARE / path for path in ("link/hearth_crc_pkg.sv", "memory/hearth_load_pkg.sv")]
    return [package, *packages, *rtl, block, *shared, around, net]


def network(
    folder: Path, plan: ultra.Plan = ultra.NOTHING, camera: Scaler | None = None
) -> list[Path]:
    """The border around a real network, package first."""
    design = tiny.design()
    texts = {**emit(design), **border.files(design, BUILD, 100_000, plan, camera)}
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    names = [name for name in texts if name.startswith("rtl/")]
    return [folder / name for name in sorted(names, key=packages_first)]


@needs_cocotb
def test_control_registers(tmp_path: Path) -> None:
    simulate("hearth_axi_control", "tests.hw.axi_control_bench", sources(tmp_path), tmp_path)


@needs_cocotb
def test_video_border(tmp_path: Path) -> None:
    simulate(border.TOP, "tests.hw.axi_bench", sources(tmp_path), tmp_path)


@needs_cocotb
@pytest.mark.parametrize("colours", [1, 3, 4])
def test_packet_border(colours: int, tmp_path: Path) -> None:
    files = sources(tmp_path, colours)
    simulate(border.BLOCK, "tests.hw.axi_packet_bench", files, tmp_path, colours)


@needs_cocotb
def test_real_network(tmp_path: Path) -> None:
    simulate(border.TOP, "tests.hw.axi_network_bench", network(tmp_path), tmp_path)


@needs_cocotb
def test_weights_in_ultra_ram(tmp_path: Path) -> None:
    """Every ROM of a network waits for its contents; their files are not even there."""
    made = tiny.design()
    plan = ultra.Plan(needs.of(made).roms)
    files = network(tmp_path, plan)
    for path in (tmp_path / "rom").iterdir():
        path.unlink()
    for name, design in {"hearth": made, "other": tiny.turned()}.items():
        (tmp_path / f"{name}.weights").write_text(ultra.text(plan.image(emit(design))))
    simulate(border.TOP, "tests.hw.axi_load_bench", files, tmp_path)


@needs_cocotb
def test_real_network_behind_a_camera(tmp_path: Path) -> None:
    design = tiny.design()
    built = scaler(tiny.CAMERA, design.qgraph.preprocessing, (8, 8))
    simulate(border.BLOCK, "tests.hw.axi_camera_bench", network(tmp_path, camera=built), tmp_path)


SCALED = {"whole": (Camera(19, 14), 0, (8, 10)), "cropped": (Camera(24, 20), 15, (8, 12))}
"""Camera, the preprocessing's resize, height and width of the network's frames."""


@needs_cocotb
@pytest.mark.parametrize("name", SCALED)
def test_camera_s_frames_are_marked(name: str, tmp_path: Path) -> None:
    camera, resize, size = SCALED[name]
    built = scaler(camera, Preprocessing(resize=resize), size)
    files = [HARDWARE / path for path in (*SOURCES, *FRONT)]
    sizes = built.parameters | {"Timeout": 500}
    bench = "tests.hw.axi_scaler_bench"
    simulate(video.MODULE, bench, files, tmp_path, colours=3, only=None, **sizes)


@pytest.mark.parametrize("colours", [1, 3, 4])
def test_lint(colours: int, tmp_path: Path) -> None:
    files = [str(path) for path in sources(tmp_path, colours)]
    result = verilator.lint(border.BLOCK, ["-Wall", "-Wno-GENUNNAMED", *files])
    assert result.stderr == ""


def test_documented_map() -> None:
    """docs/design/xilinx.md holds the generated table."""
    text = (HARDWARE.parent / "docs/design/xilinx.md").read_text()
    assert registers.table() in text, "paste what targets/xilinx/registers.py prints into docs"
