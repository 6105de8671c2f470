"""Emits the harness: networks side by side, each between a source and a sink, and the run control.

Several small networks in one harness share one C++ build, which is what makes a contract test of
many geometries cheap. The blocks themselves are hand-written in sim/rtl.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearth.sim.vectors import beats_per_frame
from hearth.toolchain.ir import Array, Design, Edge
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


def _net(index: int, net: Net) -> str:
    first_id, source, source_beat = net.edges[0]
    last_id, target, target_beat = net.edges[-1]
    into, out = f"in{index}", f"out{index}"
    source_width, target_width = source.bits * source_beat, target.bits * target_beat
    clocked = {"clk": "", "rst": ""}
    sink_ports = {k: v for k, v in stream("s", out).items() if k != "s_data"}
    return (
        f"\n  // {net.module}\n"
        + declare(into, source_width)
        + declare(out, target_width)
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
        + instance(
            net.module,
            f"u_net{index}",
            {},
            {**clocked, **stream("s", into), **stream("m", out)},
        )
        + instance(
            "hearth_stream_sink",
            f"u_sink{index}",
            {"Id": last_id, "FrameBeats": beats_per_frame(target, target_beat)},
            {**clocked, **sink_ports, "frames": f"frames[{index}]"},
        )
        + f"  logic unused{index};\n  assign unused{index} = ^{out}_data;\n"
    )


def emit(nets: Sequence[Net]) -> str:
    """Text of the top module of a simulation of `nets`."""
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
        + f"  int unsigned frames[{len(nets)}];\n"
        + "".join(_net(index, net) for index, net in enumerate(nets))
        + "\n"
        + instance(
            "hearth_run_control",
            "u_control",
            {"Nets": len(nets)},
            dict.fromkeys(("clk", "rst", "frames", "delivered", "cycles", "finished"), ""),
        )
        + "endmodule\n"
    )
