"""Emits the harness: networks side by side, each between a source and a sink, and the run control.

Several small networks in one harness share one C++ build, which is what makes a contract test of
many geometries cheap. The blocks themselves are hand-written in sim/rtl.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearth.sim.vectors import beats_per_frame
from hearth.toolchain.ir import Array, Design, Edge
from hearth.toolchain.rtl.network import exits
from hearth.toolchain.rtl.verilog import declare, instance, stream


@dataclass(frozen=True, eq=False)
class Net:
    """One network under simulation.

    module        its SystemVerilog module, emitted from `design`
    golden        the golden value of every edge, each [frames, height, width, channels]
    edge_base     Id of its input edge: networks in one harness must not share Ids
    kernel_base   Id of its first kernel
    """

    design: Design
    module: str
    golden: Sequence[Array]
    edge_base: int = 0
    kernel_base: int = 0

    @property
    def edges(self) -> list[tuple[int, Edge, int]]:
        """Id, edge and channels per beat of every edge, input first."""
        edges, beats = self.design.qgraph.edges, self.design.beats
        return [
            (self.edge_base + i, edge, beat)
            for i, (edge, beat) in enumerate(zip(edges, beats, strict=True))
        ]

    @property
    def outputs(self) -> dict[str, tuple[int, Edge, int]]:
        """The same of the edges that leave, by the stream of the module where they do."""
        made = {row[1].name: row for row in self.edges}
        return {port: made[edge] for edge, port in exits(self.design.qgraph).items()}


def _net(index: int, net: Net, done: int) -> str:
    """Source, network and sinks; frames that these have taken are counted from `done` on."""
    first_id, source, source_beat = net.edges[0]
    into, source_width = f"in{index}", source.bits * source_beat
    clocked = {"clk": "", "rst": ""}
    ports = {**clocked, **stream("s", into)}
    wires, sinks = "", ""
    for number, (port, leaving) in enumerate(net.outputs.items()):
        out = f"out{index}_{number}"
        ports |= stream(port, out)
        wires += declare(out, leaving[1].bits * leaving[2])
        sinks += _sink(f"{index}_{number}", leaving, out, done + number)
    return (
        f"\n  // {net.module}\n"
        + declare(into, source_width)
        + wires
        + instance(
            "hearth_stream_source",
            f"u_source{index}",
            {
                "Width": source_width,
                "Id": first_id,
                "FrameBeats": beats_per_frame(source, source_beat),
            },
            {**clocked, **stream("m", into)},
        )
        + instance(net.module, f"u_net{index}", {}, ports)
        + sinks
    )


def _sink(name: str, leaving: tuple[int, Edge, int], out: str, place: int) -> str:
    """What takes an output and counts its frames."""
    number, edge, beat = leaving
    numbers = {"Width": edge.bits * beat, "Id": number, "FrameBeats": beats_per_frame(edge, beat)}
    ports = {"clk": "", "rst": "", **stream("s", out), "frames": f"frames[{place}]"}
    return instance("hearth_stream_sink", f"u_sink{name}", numbers, ports)


def emit(nets: Sequence[Net]) -> str:
    """Text of the top module of a simulation of `nets`."""
    counts = [len(net.outputs) for net in nets]
    return (
        """// Simulation top: networks, their sources and sinks, and the run control (sim/rtl).
module hearth_harness (
  input  bit          clk,  // bits start at zero: no edge before reset
  input  bit          rst,
  output int unsigned delivered,
  output int unsigned cycles,
  output logic        finished
);
"""
        + f"  int unsigned frames[{sum(counts)}];\n"
        + "".join(_net(index, net, sum(counts[:index])) for index, net in enumerate(nets))
        + "\n"
        + instance(
            "hearth_run_control",
            "u_control",
            {"Outputs": sum(counts)},
            dict.fromkeys(("clk", "rst", "frames", "delivered", "cycles", "finished"), ""),
        )
        + "endmodule\n"
    )
