"""Emit: a Design as hardware text and ROM images. Returns files, writes none.

rtl/<net>.sv            the network: kernels in a chain, an edge_fifo between each two
rtl/<kernel>.sv         one module per layer, named after its ONNX node
rtl/<process>.v         DSLX processes compiled by XLS; equal ones are shared
rtl/*.sv                the hand-written blocks of hw/stream, hw/memory and the layer kinds
rom/<kernel>_*.hex      ROM images
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hearth.toolchain.ir import Design, Edge, HlsJob, Kernel
from hearth.toolchain.rtl import rom
from hearth.toolchain.rtl.verilog import LOAD, declare, instance, part_of, stream
from hearth.toolchain.rtl.xls import compile_job
from hearth.toolchain.support.paths import HARDWARE

Progress = Callable[[str, int, int], None]
"""Called with what is being done, steps done, steps in all."""

_SHARED = ("stream", "memory")
"""Folders of hw/ whose blocks every network has; those of a kernel lie with its layer kind."""


class Files:
    """Collects what is emitted. A path is written once, and so is a module, whose file is called
    after it; capitals do not make a difference, as on some file systems."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._taken: set[str] = set()

    def add(self, path: str, text: str) -> None:
        stem = path.rsplit(".", 1)[0].casefold()
        if stem in self._taken:
            raise ValueError(f"{path}: emitted twice; two modules or ROMs have one name")
        self._taken.add(stem)
        self.texts[path] = text


def emit(
    design: Design,
    name: str = "hearth_net",
    edge_base: int = 0,
    kernel_base: int = 0,
    progress: Progress | None = None,
) -> dict[str, str]:
    """All files of the design by relative path. `name` is the network's module; edge and kernel
    numbers in simulation start at the bases, so that several networks can share one simulation."""
    files = Files()
    files.add(f"rtl/{name}.sv", network(design, name, edge_base, kernel_base))
    for block in blocks(design):
        files.add(f"rtl/{block.name}", block.read_text())
    kernels = design.kernels
    for kernel in kernels:
        files.add(f"rtl/{kernel.module}.sv", kernel.text)
    for memory in design.roms:
        files.add(f"rom/{memory.name}.hex", rom.image(memory))
    jobs = shared_jobs(kernels)
    for done, job in enumerate(jobs):
        if progress:
            progress(f"hls {job.module}", done, len(jobs))
        files.add(f"rtl/{job.module}.v", compile_job(job))
    return dict(files.texts)


def blocks(design: Design) -> list[Path]:
    """The hand-written SystemVerilog of a network."""
    kinds = dict.fromkeys(stage.layer.folder() for stage in design.stages)
    folders = [*(HARDWARE / name for name in _SHARED), *kinds]
    return [path for folder in folders for path in sorted(folder.glob("*.sv"))]


def shared_jobs(parts: Sequence[Kernel]) -> list[HlsJob]:
    """Every process once; two that share a name are one."""
    jobs: dict[str, HlsJob] = {}
    for job in (job for kernel in parts for job in kernel.hls):
        if jobs.setdefault(job.module, job) != job:
            raise ValueError(f"{job.module}: two different processes have this name")
    return list(jobs.values())


def network(design: Design, name: str, edge_base: int, kernel_base: int) -> str:
    """The network's module: wires and instances only."""
    edges, beats = design.qgraph.edges, design.beats
    first, last = _width(edges[0], beats[0]), _width(edges[-1], beats[-1])
    summary = f"{len(design.stages)} kernels, {design.lanes} MAC lanes, {design.cycles} cycles"
    text = f"""// {summary} per frame.
module {name} (
  input  logic clk,
  input  logic rst,
  input  logic [{first - 1}:0] s_data,
  input  logic s_valid,
  output logic s_ready,
  output logic [{last - 1}:0] m_data,
  output logic m_valid,
  input  logic m_ready
`ifdef HEARTH_OBSERVED
  ,
  output logic [{len(design.stages) - 1}:0] busy,     // what each kernel does, in stream order
  output logic [{len(design.stages) - 1}:0] starved,
  output logic [{len(design.stages) - 1}:0] blocked
`endif
`ifdef HEARTH_LIVE
  ,
  input  logic [{LOAD - 1}:0] load     // new weights, past every ROM in turn
`endif
);
  logic [{LOAD - 1}:0] load_0;
`ifdef HEARTH_LIVE
  assign load_0 = load;
`else
  assign load_0 = '0;
`endif
"""
    text += _edge(edges[0], beats[0], 2, edge_base, "s", "input")
    before = "input"
    for index, stage in enumerate(design.stages):
        edge, beat = edges[index + 1], beats[index + 1]
        final = index == len(design.stages) - 1
        text += _stage(stage.module, before, _width(edge, beat), kernel_base + index, index)
        after = "m" if final else f"{stage.module}_q"
        text += _edge(
            edge, beat, stage.fifo_depth, edge_base + index + 1, f"{stage.module}_d", after
        )
        before = f"{stage.module}_q"
    unused = f"  logic unused;\n  assign unused = ^load_{len(design.stages)};\n"
    return text + unused + "endmodule\n"


def _width(edge: Edge, beat: int) -> int:
    return edge.bits * beat


def _stage(module: str, source: str, width: int, kernel_id: int, index: int) -> str:
    text = "\n" + declare(f"{module}_d", width) + f"  logic {module}_busy;\n"
    text += f"  logic [{LOAD - 1}:0] load_{index + 1};\n"
    ports = {"clk": "", "rst": "", **stream("s", source), **stream("m", f"{module}_d")}
    ports |= {"busy": f"{module}_busy", "load_i": f"load_{index}", "load_o": f"load_{index + 1}"}
    text += instance(module, f"u_{module}", {}, ports)
    does = {
        "busy": f"{module}_busy",
        "starved": f"!{module}_busy && {source}_ready && !{source}_valid",
        "blocked": f"!{module}_busy && {module}_d_valid && !{module}_d_ready",
    }
    probe = instance(
        "hearth_kernel_probe",
        part_of(f"u_{module}", "probe"),
        {"Id": kernel_id},
        {"clk": "", "rst": "", **does},
    )
    observed = "".join(f"  assign {port}[{index}] = {value};\n" for port, value in does.items())
    return (
        text + f"`ifdef HEARTH_SIM\n{probe}`endif\n" + f"`ifdef HEARTH_OBSERVED\n{observed}`endif\n"
    )


def _edge(edge: Edge, beat: int, depth: int, edge_id: int, source: str, target: str) -> str:
    width = _width(edge, beat)
    text = "" if target == "m" else declare(target, width)
    return text + instance(
        "hearth_edge_fifo",
        f"u_edge_{edge_id}",
        {"Width": width, "Depth": depth, "Id": edge_id},
        {"clk": "", "rst": "", **stream("s", source), **stream("m", target)},
    )
