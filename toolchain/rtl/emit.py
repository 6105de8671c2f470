"""Emit: a Design as hardware text and ROM images. Returns files, writes none.

rtl/<net>.sv            the network: kernels in a chain, an edge_fifo between each two
rtl/<kernel>.sv         one module per layer, named after its ONNX node
rtl/<process>.v         DSLX processes compiled by XLS; equal ones are shared
rtl/*.sv                the hand-written blocks of hw/stream, hw/memory and the layer kinds
rom/<kernel>_*.hex      ROM images
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from hearth.toolchain.ir import Block, Design, HlsJob
from hearth.toolchain.rtl import header, rom
from hearth.toolchain.rtl.network import network
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
    progress: Progress | None = None,
) -> dict[str, str]:
    """All files of the design by relative path. `name` is the network's module."""
    files = Files()
    files.add(f"rtl/{name}.sv", header.of_network(design) + network(design, name))
    for block in blocks(design):
        files.add(f"rtl/{block.name}", block.read_text())
    kernels = design.kernels
    for stage, kernel in zip(design.stages, kernels, strict=True):
        files.add(f"rtl/{kernel.module}.sv", header.of_layer(design, stage) + kernel.text)
    for memory in design.roms:
        files.add(f"rom/{memory.name}.hex", rom.image(memory))
    jobs = shared_jobs(job for kernel in kernels for job in kernel.hls)
    for done, job in enumerate(jobs):
        if progress:
            progress(f"hls {job.module}", done, len(jobs))
        files.add(path_of(job), compiled(job))
    return dict(files.texts)


def special(design: Design, block: Block, plain: Collection[str] = ()) -> dict[str, str]:
    """The files of rtl/ that are others on a chip with such multiplier blocks, of the same names:
    processes of kernels (Layer.special), but for those called `plain`."""
    jobs = shared_jobs(job for job in design.special(block) if job.module not in plain)
    return {path_of(job): compiled(job) for job in jobs}


def path_of(job: HlsJob) -> str:
    """Of the process's file."""
    return f"rtl/{job.module}.v"


def compiled(job: HlsJob) -> str:
    """Text of the process's file."""
    return header.of_process(job) + compile_job(job)


def blocks(design: Design) -> list[Path]:
    """The hand-written SystemVerilog of a network."""
    kinds = dict.fromkeys(stage.layer.folder() for stage in design.stages)
    folders = [*(HARDWARE / name for name in _SHARED), *kinds]
    return [path for folder in folders for path in sorted(folder.glob("*.sv"))]


def shared_jobs(processes: Iterable[HlsJob]) -> list[HlsJob]:
    """Every process once; two that share a name are one."""
    jobs: dict[str, HlsJob] = {}
    for job in processes:
        if jobs.setdefault(job.module, job) != job:
            raise ValueError(f"{job.module}: two different processes have this name")
    return list(jobs.values())
