"""RTL of a network with its AXI border: the files of hw/axi, the constants they are built with, and
the plain Verilog module that Vivado's block designs can refer to.

    s_axis  (pixels)  -> [axi_packet] -> axi_video -> hearth_net -> axi_results -> m_axis (results)
    s_axil  (registers) -> axi_lite -> axi_control
                                    -> axi_load -> ROMs in UltraRAM (ultra.py)

With a camera (video.py) a scaler stands in place of axi_packet.
"""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.ir import Design
from hearth.toolchain.rtl import header
from hearth.toolchain.rtl.network import network
from hearth.toolchain.rtl.verilog import LOAD, instance, stream
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.xilinx import registers, ultra, video
from hearth.toolchain.video.scaler import Scaler

TOP = "hearth_axi"
NET = "hearth_axi_net"
"""Module around the network."""
BLOCK = "hearth_block"
"""Module for block designs: plain Verilog, with a DMA engine's packets as its input."""
SOURCES = (
    "hearth_axi_video",
    "hearth_axi_packet",
    "hearth_axi_results",
    "hearth_axi_frames",
    "hearth_axi_lite",
    "hearth_axi_control",
    "hearth_axi_load",
    "hearth_axi",
)
CRC = "link/hearth_crc_pkg.sv"
_WORD = 32
_VIDEO = ("tdata", "tvalid", "tready", "tuser", "tlast")


def files(
    design: Design,
    build_id: int,
    clock_khz: int,
    plan: ultra.Plan = ultra.NOTHING,
    camera: Scaler | None = None,
) -> dict[str, str]:
    """Files by path, to be added to those of rtl/emit.py, and in place of its network where some
    ROMs lie in UltraRAM. The network's module is `hearth_net`; `camera` stands in front of it."""
    sizes = registers.constants(design, plan.load_bytes)
    front = () if camera is None else video.SOURCES
    paths = (*(f"axi/{name}.sv" for name in SOURCES), CRC, *front)
    texts = {f"rtl/{Path(path).name}": (HARDWARE / path).read_text() for path in paths}
    texts["rtl/hearth_axi_pkg.sv"] = registers.package(sizes, build_id, clock_khz)
    if camera is None:
        texts[f"rtl/{BLOCK}.v"] = block(sizes)
    else:
        texts[f"rtl/{BLOCK}.v"] = block_behind(sizes, camera, video.timeout(clock_khz))
    texts[f"rtl/{NET}.sv"] = net(sizes)
    if plan.roms:
        placed = network(design, _NETWORK, plan.places)
        texts[f"rtl/{_NETWORK}.sv"] = header.of_network(design) + placed
    return texts


def net(sizes: dict[str, int]) -> str:
    """The network with a port for the load chain, which it has where ROMs wait for contents."""
    ports = {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "m")}
    if sizes["LoadBytes"]:
        ports["load"] = "load_i"
        unused = ""
    else:
        unused = "  logic unused;\n  assign unused = ^load_i;\n"
    body = unused + instance(_NETWORK, "u_net", {}, ports)
    bits = sizes["InBits"] - 1, sizes["OutBits"] - 1
    return _NET_HEAD + header.signed() + _NET.format(name=NET, load=LOAD, bits=bits, body=body)


def block(sizes: dict[str, int]) -> str:
    """The module for block designs. Port names make Vivado find the three buses by itself."""
    packet = instance(
        "hearth_axi_packet",
        "u_packet",
        {"Width": sizes["Width"], "DataWidth": sizes["InBits"]},
        {
            "clk": "aclk",
            "rst": "!aresetn",
            **{f"s_axis_{name}": f"s_axis_{name}" for name in _VIDEO if name != "tuser"},
            **{f"m_axis_{name}": f"video_{name}" for name in _VIDEO},
        },
    )
    return _HEAD + _block(sizes, _ports(sizes["OutBits"]), packet)


def block_behind(sizes: dict[str, int], camera: Scaler, timeout: int) -> str:
    """The same behind a camera, which may pause for `timeout` cycles in a frame."""
    groups = _ports(sizes["OutBits"])
    groups["s_axis"] |= {"tdata": ("input", sizes["InBits"]), "tuser": ("input", 1)}
    scaler = instance(
        video.MODULE,
        "u_scaler",
        {**camera.parameters, "Timeout": timeout},
        {
            "clk": "aclk",
            "rst": "!aresetn",
            **{f"s_axis_{name}": f"s_axis_{name}" for name in _VIDEO},
            **{f"m_axis_{name}": f"video_{name}" for name in _VIDEO},
        },
    )
    return _HEAD_BEHIND + _block(sizes, groups, scaler)


def _block(sizes: dict[str, int], groups: dict[str, dict[str, tuple[str, int]]], front: str) -> str:
    """A module with these buses, and `front` between s_axis and the network's video."""
    ports = [
        f"  {way} wire {f'[{bits - 1}:0] ' if bits > 1 else ''}{bus}_{name}"
        for bus, members in groups.items()
        for name, (way, bits) in members.items()
    ]
    straight = {f"{bus}_{name}": f"{bus}_{name}" for bus in groups for name in groups[bus]}
    network = instance(
        TOP,
        "u_hearth",
        {},
        {
            "aclk": "aclk",
            "aresetn": "aresetn",
            **straight,
            **{f"s_axis_{name}": f"video_{name}" for name in _VIDEO},
            "m_axis_tuser": "unused",
        },
    )
    return header.signed() + _BLOCK.format(
        ports=",\n".join(ports), bits=sizes["InBits"] - 1, body=front + network
    )


def _ports(out_bits: int) -> dict[str, dict[str, tuple[str, int]]]:
    """Direction and width of every signal of the three buses."""
    address = registers.ADDRESS_BITS
    return {
        "s_axis": {
            "tdata": ("input", _WORD),
            "tvalid": ("input", 1),
            "tready": ("output", 1),
            "tlast": ("input", 1),
        },
        "m_axis": {
            "tdata": ("output", out_bits),
            "tvalid": ("output", 1),
            "tready": ("input", 1),
            "tlast": ("output", 1),
        },
        "s_axil": {
            "awaddr": ("input", address),
            "awvalid": ("input", 1),
            "awready": ("output", 1),
            "wdata": ("input", _WORD),
            "wstrb": ("input", 4),
            "wvalid": ("input", 1),
            "wready": ("output", 1),
            "bresp": ("output", 2),
            "bvalid": ("output", 1),
            "bready": ("input", 1),
            "araddr": ("input", address),
            "arvalid": ("input", 1),
            "arready": ("output", 1),
            "rdata": ("output", _WORD),
            "rresp": ("output", 2),
            "rvalid": ("output", 1),
            "rready": ("input", 1),
        },
    }


_NETWORK = "hearth_net"
_NET_HEAD = "// The network as hearth_axi_frames.sv has it.\n"
_NET = """\
module {name} (
  input  logic clk,
  input  logic rst,
  input  logic [{bits[0]}:0] s_data,
  input  logic s_valid,
  output logic s_ready,
  output logic [{bits[1]}:0] m_data,
  output logic m_valid,
  input  logic m_ready,
  input  {load} load_i
);
{body}endmodule
"""
_HEAD = "// The network for Vivado block designs: a DMA engine's packets in and out, registers.\n"
_HEAD_BEHIND = (
    "// The network for Vivado block designs: a camera's video in, packets out, registers.\n"
)
_BLOCK = """\
module hearth_block (
  (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 aclk CLK" *)
  (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axis:m_axis:s_axil, ASSOCIATED_RESET aresetn" *)
  input wire aclk,
  (* X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 aresetn RST" *)
  (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)
  input wire aresetn,
{ports}
);
  wire [{bits}:0] video_tdata;
  wire video_tvalid, video_tready, video_tuser, video_tlast;
  wire unused;  // which frames were mended: a packet has no room for it, a counter tells

{body}endmodule
"""
