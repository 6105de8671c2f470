"""Every file of the Vivado project of a network on an AMD board; edalize writes the flow's own.

settings.tcl   what the board and the network decide
blocks.tcl     procedures for the next
system.tcl     block design (hw/boards/xilinx): with a processor, and a camera, or behind JTAG
finish.tcl     wrapper, ROM images
pins.xdc       oscillator, configuration
rtl/ rom/      the network with its AXI border
hearth.weights what the host fills UltraRAM with, if there is something (ultra.py)
hearth.tcl, Makefile, ...   edalize's Vivado flow: `make` builds hearth.bit
"""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import lanes, needs
from hearth.toolchain.targets.target import Board
from hearth.toolchain.targets.xilinx import border, registers, ultra, video
from hearth.toolchain.targets.xilinx.boards import BLOCKS
from hearth.toolchain.targets.xilinx.pins import oscillator
from hearth.toolchain.video.scaler import Scaler

MARKER = "settings.tcl"
NAME = "hearth"
TOP = "system_wrapper"
CONTROL_ADDRESS = 0xA000_0000
DATA_ADDRESS = 0xA001_0000
_KINDS = {
    ".sv": "systemVerilogSource",
    ".v": "verilogSource",
    ".hex": "mem",
    ".xdc": "xdc",
}


def project(build: Build, board: Board, camera: Scaler | None = None) -> dict[str, str]:
    """Every file of the project by path, behind a camera where one is given (video.py). HearthError
    when edalize is not installed."""
    plan = planned(build, board, camera)
    loaded = {f"rom/{rom.rom}.hex" for rom in plan.roms}
    content = lanes.on(build, BLOCKS[board.options["family"]]).content
    texts = {path: text for path, text in content.items() if path not in loaded}
    texts |= border.files(build.design, build_id(build), round(1000 * board.mhz), plan, camera)
    texts |= {ultra.IMAGE: ultra.text(plan.image(build.content))} if loaded else {}
    texts |= {
        "settings.tcl": settings(build, board),
        "blocks.tcl": _tcl("blocks.tcl"),
        "system.tcl": _tcl(f"{board.options['design']}{'_video' if camera else ''}.tcl"),
        "finish.tcl": _tcl("finish.tcl"),
        "roms.tcl": _tcl("roms.tcl"),
        "pins.xdc": pins(board),
        "README.md": _readme(build, board, plan, camera),
    }
    return texts | _flow(texts, board)


def planned(build: Build, board: Board, camera: Scaler | None = None) -> ultra.Plan:
    """Which ROMs lie in UltraRAM."""
    return ultra.plan(video.needing(needs.of(build.design), camera), board.limits)


def settings(build: Build, board: Board) -> str:
    """Tcl variables that the block designs read."""
    numbers: dict[str, object] = {
        "clock_mhz": f"{board.mhz:g}",
        "result_bits": registers.constants(build.design)["OutBits"],
        "control_address": f"0x{CONTROL_ADDRESS:08x}",
    }
    if board.options["design"] == "zynqmp":
        numbers |= {
            "board_parts": board.options["board_parts"],
            "dma_address": f"0x{DATA_ADDRESS:08x}",
        }
    else:
        numbers |= {
            "input_mhz": f"{oscillator(board).mhz:g}",
            "stream_address": f"0x{DATA_ADDRESS:08x}",
        }
    lines = [f"set {name} {{{value}}}" for name, value in numbers.items()]
    return "\n".join([f"# {board.title}; read by system.tcl.", *lines, ""])


def pins(board: Board) -> str:
    """Constraints: the oscillator's pins where the board has no processor."""
    lines = [f"# {board.title}", "set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]"]
    if board.options["design"] == "jtag":
        clock = oscillator(board)
        for sign, ball in (("p", clock.positive), ("n", clock.negative)):
            lines.append(
                f"set_property -dict {{PACKAGE_PIN {ball} IOSTANDARD {clock.standard}}}"
                f" [get_ports clock_clk_{sign}]"
            )
    return "\n".join([*lines, ""])


def _tcl(name: str) -> str:
    return (HARDWARE / "boards/xilinx" / name).read_text()


def _flow(texts: Mapping[str, str], board: Board) -> dict[str, str]:
    """The files that edalize's Vivado flow writes for these sources."""
    if importlib.util.find_spec("edalize") is None:
        raise HearthError(
            f"--board {board.name}: Vivado projects are written with edalize, which is not"
            f" installed; {advice.install('xilinx')}"
        )
    flow = importlib.import_module("edalize.flows.vivado").Vivado
    sources = [
        {"name": name, "file_type": _KINDS[Path(name).suffix]}
        for name in sorted(texts, key=packages_first)
        if Path(name).suffix in _KINDS
    ]
    scripts = [
        {"name": name, "file_type": "tclSource"}
        for name in ("settings.tcl", "blocks.tcl", "system.tcl", "finish.tcl")
    ]
    edam = {
        "name": NAME,
        "toplevel": TOP,
        "files": sources + scripts,
        "flow_options": {"part": board.part, "source_mgmt_mode": "All"},
    }
    with tempfile.TemporaryDirectory() as folder:
        flow(edam, folder).configure()
        written = sorted(path for path in Path(folder).iterdir() if path.is_file())
        return {path.name: path.read_text() for path in written}


def _readme(build: Build, board: Board, plan: ultra.Plan, camera: Scaler | None) -> str:
    link = {
        "zynqmp": "On the board: toolchain/host/pynq.py, under PYNQ. It wants hearth.bit and, as"
        "\nhearth.hwh beside it, the file system.hwh that Vivado leaves below hearth.gen.",
        "jtag": "Frames and results travel through the JTAG cable (jtag_axi, axi_fifo_mm_s); a host"
        "\nprogram for that is not included.",
    }
    return f"""\
# {build.qgraph.name} on {board.title}

Vivado project for {board.part} at {board.mhz:g} MHz. `make` builds {NAME}.bit, given Vivado.
{link[board.options["design"]]}
{_filming(camera)}{_loading(plan)}
Registers at 0x{CONTROL_ADDRESS:08x}:

{registers.table()}
This project was generated, and its Tcl checked for syntax and missing files; Vivado has not run on
it. Timing at {board.mhz:g} MHz is a wish, not a result.
"""


def _filming(camera: Scaler | None) -> str:
    """What has to be connected before there is a frame."""
    if camera is None:
        return ""
    return f"""
Frames come as AXI4-Stream video of {camera.x.source}x{camera.y.source} pixels from the block
design's port `video`, which has no pins: connect a camera in its place (system.tcl names the cores
of a MIPI camera) before `make`. The DMA engine brings results alone.
"""


def _loading(plan: ultra.Plan) -> str:
    """What has to be done before the first frame."""
    if not plan.roms:
        return ""
    return f"""
{len(plan.roms)} ROMs lie in UltraRAM ({plan.uram} blocks), which no configuration fills: the host
writes the {plan.load_bytes:,} bytes of {ultra.IMAGE} into the register `load` first (open_overlay
does, and compares their CRC). No frame starts before.
"""
