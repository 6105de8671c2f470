"""The network's module: kernels in a chain, a FIFO between each two. Wires and instances only.

What simulation watches is not written here: it is bound to these wires (sim/probes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hearth.toolchain.ir import Design, Edge, Stage
from hearth.toolchain.rtl.header import carried
from hearth.toolchain.rtl.verilog import LOAD, connected, declare, instance, stream

_FIRST_DEPTH = 2
"""Beats that wait in front of the first kernel."""


@dataclass(frozen=True)
class Link:
    """One edge of the network by the names that the module has for it.

    number  0 for the input
    depth   beats that its FIFO holds
    before  stream that its producer drives, into the FIFO
    after   stream that its consumer reads, out of the FIFO
    """

    number: int
    edge: Edge
    beat: int
    depth: int
    before: str
    after: str

    @property
    def width(self) -> int:
        """Data bits of a beat."""
        return self.edge.bits * self.beat

    @property
    def fifo(self) -> str:
        """Instance of its hearth_edge_fifo."""
        return f"u_edge_{self.number}"


def links(design: Design) -> list[Link]:
    """Every edge in order, input first."""
    stages, edges, beats = design.stages, design.qgraph.edges, design.beats
    depths = [_FIRST_DEPTH, *(stage.fifo_depth for stage in stages)]
    before = ["s", *(f"{stage.module}_d" for stage in stages)]
    after = ["input", *(f"{stage.module}_q" for stage in stages[:-1]), "m"]
    rows = zip(edges, beats, depths, before, after, strict=True)
    return [Link(number, *row) for number, row in enumerate(rows)]


def busy(stage: Stage) -> str:
    """Wire that is high in the cycles in which a stage's kernel does one unit of its work."""
    return f"{stage.module}_busy"


Places = Mapping[str, Mapping[str, int]]
"""Where memories lie, by instance and its parameter: words in block RAM (hw/memory). An edge's FIFO
has the parameter FIFO_PLACE, a kernel those of rom_place and ram_place."""
FIFO_PLACE = "BlockWords"


def kernel_instance(stage: Stage) -> str:
    """Instance of a stage's kernel."""
    return f"u_{stage.module}"


def network(design: Design, name: str, places: Places | None = None) -> str:
    """The module `name`; memories that `places` does not name follow the rules of hw/memory."""
    places = places or {}
    edges = links(design)
    count = len(design.stages)
    parts = [_ports(name, edges, count), _chain_begins()]
    for index, (link, stage) in enumerate(zip(edges, design.stages, strict=False)):
        parts += [_edge(link, places), _kernel(stage, link, edges[index + 1], index, places)]
    parts += [_edge(edges[-1], places), _activity(design, edges), _chain_ends(count), "endmodule\n"]
    return "".join(parts)


def _ports(name: str, edges: list[Link], kernels: int) -> str:
    return f"""module {name} (
  input  logic clk,
  input  logic rst,
  input  logic [{edges[0].width - 1}:0] s_data,
  input  logic s_valid,
  output logic s_ready,
  output logic [{edges[-1].width - 1}:0] m_data,
  output logic m_valid,
  input  logic m_ready
`ifdef HEARTH_OBSERVED
  ,
  output logic [{kernels - 1}:0] busy,     // what each kernel does, in stream order
  output logic [{kernels - 1}:0] starved,
  output logic [{kernels - 1}:0] blocked
`endif
`ifdef HEARTH_LIVE
  ,
  input  {LOAD} load     // new weights, past every ROM in turn
`endif
);
"""


def _chain_begins() -> str:
    return f"""  {LOAD} load_0;
`ifdef HEARTH_LIVE
  assign load_0 = load;
`else
  assign load_0 = '0;
`endif
"""


def _chain_ends(kernels: int) -> str:
    return f"  logic unused;\n  assign unused = ^load_{kernels};\n"


def _edge(link: Link, places: Places) -> str:
    text = f"\n  // Edge {link.number}: {carried(link.edge, link.beat)}.\n"
    text += "" if link.after == "m" else declare(link.after, link.width)
    return text + instance(
        "hearth_edge_fifo",
        link.fifo,
        {"Width": link.width, "Depth": link.depth, **places.get(link.fifo, {})},
        {"clk": "", "rst": "", **stream("s", link.before), **stream("m", link.after)},
    )


def _kernel(stage: Stage, source: Link, target: Link, index: int, places: Places) -> str:
    text = "\n" + declare(target.before, target.width) + f"  logic {busy(stage)};\n"
    text += f"  {LOAD} load_{index + 1};\n"
    ports = {"clk": "", "rst": "", **stream("s", source.after), **stream("m", target.before)}
    ports |= {"busy": busy(stage), "load_i": f"load_{index}", "load_o": f"load_{index + 1}"}
    name = kernel_instance(stage)
    return text + instance(stage.module, name, places.get(name, {}), ports)


def _activity(design: Design, edges: list[Link]) -> str:
    """What the counters of a board's link see, the first kernel in bit 0."""
    ports = {
        "busy_i": connected(busy(stage) for stage in design.stages),
        **_handshakes("s", [link.after for link in edges[:-1]]),
        **_handshakes("m", [link.before for link in edges[1:]]),
        **dict.fromkeys(("busy", "starved", "blocked"), ""),
    }
    kernels = {"Kernels": len(design.stages)}
    text = instance("hearth_activity", "u_activity", kernels, ports)
    return f"\n`ifdef HEARTH_OBSERVED\n{text}`endif\n"


def _handshakes(port: str, streams: list[str]) -> dict[str, str]:
    return {
        f"{port}_{part}": connected(f"{name}_{part}" for name in streams)
        for part in ("valid", "ready")
    }
