"""Emits hearth_probes.sv: binds a probe to every edge and kernel of the simulated networks.

The networks' own text knows nothing of it, so what is simulated is what is synthesized. A probe of
an edge also drives the gate of its FIFO (hw/stream/hearth_edge_fifo.sv).
"""

from __future__ import annotations

from collections.abc import Sequence

from hearth.sim.harness import Net
from hearth.sim.vectors import beats_per_frame
from hearth.toolchain.rtl import header
from hearth.toolchain.rtl.network import Link, busy, links, watched
from hearth.toolchain.rtl.verilog import bound


def emit(nets: Sequence[Net]) -> str:
    """Text of the file."""
    head = "// Probes on every edge and kernel (sim/rtl).\n" + header.signed()
    return head + "".join(map(_net, nets))


def _net(net: Net) -> str:
    edges = links(net.design)
    text = f"\n// {net.module}\n"
    for link in edges:
        text += _edge(net, link)
    for index, stage in enumerate(net.design.stages):
        source = watched(edges, stage, index)
        text += _kernel(net, index, busy(stage), source, edges[index + 1].before)
    return text


def _edge(net: Net, link: Link) -> str:
    ports = {"clk": "", "rst": ""}
    ports |= {port: f"{link.before}_{port}" for port in ("data", "valid")}
    ports |= {port: f"{link.fifo}.{port}" for port in ("ready", "open")}
    frame = beats_per_frame(net.design.qgraph.edges[link.number], net.design.beats[link.number])
    parameters = {"Width": link.width, "Id": net.edge_base + link.number, "FrameBeats": frame}
    name = f"u_edge_probe_{link.number}"
    return bound(net.module, "hearth_edge_probe", name, parameters, ports)


def _kernel(net: Net, index: int, doing: str, source: str, target: str) -> str:
    ports = {"clk": "", "rst": "", "busy_i": doing}
    for port, wire in (("s", source), ("m", target)):
        ports |= {f"{port}_{part}": f"{wire}_{part}" for part in ("valid", "ready")}
    name, parameters = f"u_kernel_probe_{index}", {"Id": net.kernel_base + index}
    return bound(net.module, "hearth_kernel_probe", name, parameters, ports)
