"""The network's module: kernels, a FIFO between each two. Wires and instances only.

An edge is one FIFO (hw/stream/hearth_edge_fifo.sv). Where several kernels read it, a fork hands its
beats to a FIFO of each reader's own. A kernel with several sources has a gearbox in front of those
whose beats are of another width than it reads: behind the FIFO where beats become narrower, and in
front of one of its own where they become wider, so that whole beats wait there while it is another
source's turn.

What leaves the network is a stream of its own for each output: m where there is one, and m_NAME
after the model's names where there are several (`exits`). An output that kernels read too is one
branch more of the fork.

What simulation watches is not written here: it is bound to these wires (sim/probes.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hearth.toolchain.ir import SHALLOW, Design, Edge, QGraph, Stage
from hearth.toolchain.rtl.header import carried
from hearth.toolchain.rtl.verilog import (
    LOAD,
    connected,
    declare,
    identifier,
    instance,
    sources,
    stream,
)

OUTSIDE = -1
"""In place of a reading kernel: whoever reads the network."""


@dataclass(frozen=True)
class Reader:
    """One of those that read an edge.

    stage, port   number of the kernel, or OUTSIDE, and of its source
    name          of what is in the way, for instances and streams
    before        stream that comes from the edge's FIFO, or from a fork behind it
    after         stream that the kernel reads, or port of the network
    depth         beats that wait in front of the kernel: in the edge's FIFO, or in its own
    own           whether it has a FIFO of its own
    beat, in_beat channels a beat on the edge, and in front of the kernel
    """

    stage: int
    port: int
    name: str
    before: str
    after: str
    depth: int
    own: bool
    beat: int
    in_beat: int

    @property
    def fifo(self) -> str:
        """Instance of the FIFO of its own."""
        return f"u_{self.name}"


@dataclass(frozen=True)
class Link:
    """One edge of the network by the names that the module has for it.

    number   0 for the input
    depth    beats that its FIFO holds
    before   stream that its producer drives, into the FIFO
    after    stream out of the FIFO: to its reader, to a fork, or port of the network
    readers  none for an output that no kernel reads
    """

    number: int
    edge: Edge
    beat: int
    depth: int
    before: str
    after: str
    readers: tuple[Reader, ...]

    @property
    def width(self) -> int:
        """Data bits of a beat."""
        return self.edge.bits * self.beat

    @property
    def fifo(self) -> str:
        """Instance of its hearth_edge_fifo."""
        return f"u_edge_{self.number}"

    @property
    def forked(self) -> bool:
        return len(self.readers) > 1

    @property
    def fifos(self) -> list[tuple[str, int, int]]:
        """Every FIFO of the edge: instance, depth in beats, data bits of a beat."""
        own = [
            (reader.fifo, reader.depth, self.edge.bits * max(reader.beat, reader.in_beat))
            for reader in self.readers
            if reader.own
        ]
        return [(self.fifo, self.depth, self.width), *own]


def links(design: Design) -> list[Link]:
    """Every edge in order, input first."""
    stages, edges, ports = design.stages, design.qgraph.edges, exits(design.qgraph)
    before = ["s", *(f"{stage.module}_d" for stage in stages)]
    inner = ["input", *(f"{stage.module}_q" for stage in stages)]
    read = design.qgraph.readers
    after = [
        name if read[edge.name] else ports[edge.name]
        for edge, name in zip(edges, inner, strict=True)
    ]
    rows = zip(edges, design.beats, before, after, strict=True)
    return [_link(design, number, ports, *row) for number, row in enumerate(rows)]


def exits(qgraph: QGraph) -> dict[str, str]:
    """The network's output streams by the edges that leave there, in the order of its outputs."""
    if len(qgraph.outputs) == 1:
        return {qgraph.output.name: "m"}
    taken: set[str] = set()
    return {x.edge.name: identifier(x.name, taken, "m_") for x in qgraph.outputs}


def _link(
    design: Design,
    number: int,
    ports: Mapping[str, str],
    edge: Edge,
    beat: int,
    before: str,
    after: str,
) -> Link:
    places = design.qgraph.readers[edge.name]
    leaves = bool(places) and edge.name in ports
    forked = len(places) + leaves > 1
    readers = []
    for count, (index, port) in enumerate(places):
        stage, name = design.stages[index], f"edge_{number}_{count}"
        own = forked or stage.in_beat > beat
        start = f"fork_{number}_{count}" if forked else after
        end = f"{stage.module}_s{port}" if own or stage.in_beat != beat else after
        depth = stage.depths[port]
        readers.append(Reader(index, port, name, start, end, depth, own, beat, stage.in_beat))
    if leaves:
        name, branch = (f"{kind}_{number}_{len(places)}" for kind in ("edge", "fork"))
        readers.append(
            Reader(OUTSIDE, 0, name, branch, ports[edge.name], SHALLOW, True, beat, beat)
        )
    shared = not readers or readers[0].own
    return Link(
        number, edge, beat, SHALLOW if shared else readers[0].depth, before, after, tuple(readers)
    )


def read_by(edges: Sequence[Link], stage: int) -> list[str]:
    """Streams that a kernel reads, in the order of its sources."""
    found = [reader for link in edges for reader in link.readers if reader.stage == stage]
    return [reader.after for reader in sorted(found, key=lambda reader: reader.port)]


def watched(edges: Sequence[Link], stage: Stage, index: int) -> str:
    """Stream by whose handshake it is known whether a kernel waits for input: what it reads, or
    what `_together` says of several."""
    streams = read_by(edges, index)
    return streams[0] if len(streams) == 1 else f"{stage.module}_s"


def busy(stage: Stage) -> str:
    """Wire that is high in the cycles in which a stage's kernel does one unit of its work."""
    return f"{stage.module}_busy"


Places = Mapping[str, Mapping[str, int]]
"""Where memories lie, by instance and its parameter: words in block RAM (hw/memory). An edge's FIFO
has the parameter FIFO_PLACE, a kernel those of rom_place and ram_place."""
ULTRA_RAM = -2
"""In the place of words: a ROM lies in UltraRAM, and the network has a port for the load chain that
fills it."""
FIFO_PLACE = "BlockWords"


def kernel_instance(stage: Stage) -> str:
    """Instance of a stage's kernel."""
    return f"u_{stage.module}"


def network(design: Design, name: str, places: Places | None = None) -> str:
    """The module `name`; memories that `places` does not name follow the rules of hw/memory."""
    places = places or {}
    edges = links(design)
    count = len(design.stages)
    widths = {link.edge.name: link.width for link in edges}
    outputs = {port: widths[edge] for edge, port in exits(design.qgraph).items()}
    loaded = any(ULTRA_RAM in memories.values() for memories in places.values())
    parts = [_ports(name, edges[0].width, outputs, count, loaded), _chain_begins(loaded)]
    for index, (link, stage) in enumerate(zip(edges, design.stages, strict=False)):
        parts += [_edge(link, places), _kernel(stage, edges, index, places)]
    parts += [_edge(edges[-1], places), _activity(design, edges), _chain_ends(count), "endmodule\n"]
    return "".join(parts)


def _ports(name: str, width: int, outputs: Mapping[str, int], kernels: int, loaded: bool) -> str:
    """`width` data bits of the input, and of each of the output streams; `loaded`: some ROM holds
    nothing before the load chain fills it."""
    leaving = ",\n".join(
        f"""  output logic [{bits - 1}:0] {port}_data,
  output logic {port}_valid,
  input  logic {port}_ready"""
        for port, bits in outputs.items()
    )
    port = f"  ,\n  input  {LOAD} load     // new weights, past every ROM in turn\n"
    return f"""module {name} (
  input  logic clk,
  input  logic rst,
  input  logic [{width - 1}:0] s_data,
  input  logic s_valid,
  output logic s_ready,
{leaving}
`ifdef HEARTH_OBSERVED
  ,
  output logic [{kernels - 1}:0] busy,     // what each kernel does, in stream order
  output logic [{kernels - 1}:0] starved,
  output logic [{kernels - 1}:0] blocked
`endif
{_if_live(port, loaded)});
"""


def _if_live(text: str, always: bool, otherwise: str = "") -> str:
    """Verilog for networks whose ROMs take new contents."""
    if always:
        return text
    other = f"`else\n{otherwise}" if otherwise else ""
    return f"`ifdef HEARTH_LIVE\n{text}{other}`endif\n"


def _chain_begins(loaded: bool) -> str:
    joined = _if_live("  assign load_0 = load;\n", loaded, "  assign load_0 = '0;\n")
    return f"  {LOAD} load_0;\n{joined}"


def _chain_ends(kernels: int) -> str:
    return f"  logic unused;\n  assign unused = ^load_{kernels};\n"


def _edge(link: Link, places: Places) -> str:
    text = f"\n  // Edge {link.number}: {carried(link.edge, link.beat)}.\n"
    text += declare(link.after, link.width) if link.readers else ""
    text += instance(
        "hearth_edge_fifo",
        link.fifo,
        {"Width": link.width, "Depth": link.depth, **places.get(link.fifo, {})},
        {"clk": "", "rst": "", **stream("s", link.before), **stream("m", link.after)},
    )
    text += _fork(link) if link.forked else ""
    return text + "".join(_reader(link, reader, places) for reader in link.readers)


def _fork(link: Link) -> str:
    """The streams to the readers."""
    names = [reader.before for reader in link.readers]
    text = "".join(declare(name, link.width) for name in names)
    text += "".join(f"  assign {name}_data = {link.after}_data;\n" for name in names)
    ports = {f"s_{part}": f"{link.after}_{part}" for part in ("valid", "ready")}
    numbers = {"Readers": len(names)}
    return text + instance(
        "hearth_fork", f"u_fork_{link.number}", numbers, ports | _handshakes("m", names)
    )


def _reader(link: Link, reader: Reader, places: Places) -> str:
    """What is between an edge, or a fork behind it, and one of its readers."""
    wider, narrower = reader.in_beat > reader.beat, reader.in_beat < reader.beat
    width, text, at = link.edge.bits * max(reader.beat, reader.in_beat), "", reader.before
    if wider:
        text += _gearbox(link, reader, at, f"{reader.name}_wide")
        at = f"{reader.name}_wide"
    if reader.own:
        end = f"{reader.name}_q" if narrower else reader.after
        numbers = {"Width": width, "Depth": reader.depth, **places.get(reader.fifo, {})}
        ports = {"clk": "", "rst": "", **stream("s", at), **stream("m", end)}
        text += "" if reader.stage == OUTSIDE else declare(end, width)
        text += instance("hearth_fifo", reader.fifo, numbers, ports)
        at = end
    return text + (_gearbox(link, reader, at, reader.after) if narrower else "")


def _gearbox(link: Link, reader: Reader, before: str, after: str) -> str:
    numbers = {"Bits": link.edge.bits, "Channels": link.edge.channels}
    numbers |= {"InBeat": reader.beat, "OutBeat": reader.in_beat}
    ports = {"clk": "", "rst": "", **stream("s", before), **stream("m", after)}
    text = declare(after, link.edge.bits * reader.in_beat)
    return text + instance("hearth_gearbox", f"u_{after}", numbers, ports)


def _kernel(stage: Stage, edges: Sequence[Link], index: int, places: Places) -> str:
    target, reads = edges[index + 1], read_by(edges, index)
    text = "\n" + declare(target.before, target.width) + f"  logic {busy(stage)};\n"
    text += f"  {LOAD} load_{index + 1};\n"
    text += _together(watched(edges, stage, index), reads, target.before) if reads[1:] else ""
    ports = {"clk": "", "rst": ""}
    for port, name in zip(sources(len(reads)), reads, strict=True):
        ports |= stream(port, name)
    ports |= stream("m", target.before)
    ports |= {"busy": busy(stage), "load_i": f"load_{index}", "load_o": f"load_{index + 1}"}
    name = kernel_instance(stage)
    return text + instance(stage.module, name, places.get(name, {}), ports)


def _together(name: str, reads: Sequence[str], target: str) -> str:
    """Several sources seen as one, for those who count what kernels wait for, if any: it has data
    when all have, and is ready unless the result waits."""
    valid = " && ".join(f"{source}_valid" for source in reads)
    return (
        f"  logic {name}_valid, {name}_ready;\n  assign {name}_valid = {valid};\n"
        f"  assign {name}_ready = !{target}_valid || {target}_ready;\n"
        f"  logic unused_{name};\n  assign unused_{name} = &{{1'b0, {name}_valid, {name}_ready}};\n"
    )


def _activity(design: Design, edges: list[Link]) -> str:
    """What the counters of a board's link see, the first kernel in bit 0."""
    ports = {
        "busy_i": connected(busy(stage) for stage in design.stages),
        **_handshakes("s", [watched(edges, s, i) for i, s in enumerate(design.stages)]),
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
