"""What the commands compile, run and sim do, as calls: options in, arrays and figures out.

Options, their defaults and what is refused are those of the command line (toolchain/cli/compile.py)
and told in its sentences, as HearthError. Nothing is printed: who wants to know how far it is gives
`progress`. What may deserve attention comes as a Python warning. Boards: hearth/board.py.
"""

from __future__ import annotations

import contextlib
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from hearth.classification import Classification, File, Images, classification, prepared, told
from hearth.options import CompileOptions, chosen, signature, within
from hearth.sim import run as simulation
from hearth.sim.results import EdgeResult, KernelResult, SimResult
from hearth.toolchain import pipeline
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.rtl.network import exits
from hearth.toolchain.saved import build_folder
from hearth.toolchain.stages import Options
from hearth.toolchain.support import progress as reports
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import registry


@dataclass(frozen=True, eq=False)
class Wave:
    """The handshake of one edge, cycle by cycle from reset on: bool [cycles] each."""

    valid: Array
    """A beat is offered."""
    ready: Array
    """There is room for one; where both hold, it moves."""


@dataclass(frozen=True)
class Simulation:
    """What the generated hardware did with some frames, beat for beat beside the golden model."""

    result: SimResult
    """Everything that was counted."""
    waveform: Path | None
    """The file asked for with `trace`, for a viewer; the next simulation replaces it."""

    @property
    def equal(self) -> bool:
        """Every beat of every edge was right, none was missing and no stream rule was broken."""
        return self.result.ok

    @property
    def verdict(self) -> str:
        """One line: the first wrong value by frame, layer, row, column and channel, or that
        everything is equal."""
        return self.result.verdict

    @property
    def cycles(self) -> int | None:
        """From the end of the last frame but one to that of the last; None for fewer than 3 frames,
        as the first two fill an empty pipeline."""
        return self.result.cycles_per_frame

    @property
    def latency(self) -> int:
        """Cycles from the first frame's first beat at the input to its last one at the output."""
        return self.result.latency_cycles

    @property
    def edges(self) -> Mapping[str, EdgeResult]:
        """Beats, errors and cycles of waiting, by the name of the edge."""
        return {edge.name: edge for edge in self.result.edges}

    @property
    def waves(self) -> Mapping[str, Wave]:
        """What `record` asked for, by the name of the edge; shorter where the run ended before."""
        digits = {
            edge.name: np.frombuffer(edge.handshakes.encode(), np.uint8) - ord("0")
            for edge in self.result.edges
        }
        return {name: Wave(value >= 2, value % 2 == 1) for name, value in digits.items()}

    @property
    def kernels(self) -> Mapping[str, KernelResult]:
        """Shares of time at work, starved and blocked, by the name of the layer."""
        return {kernel.name: kernel for kernel in self.result.kernels}


@dataclass(frozen=True)
class Stream:
    """One of a network's outputs.

    name    the model's own name for it
    port    stream of the generated module rtl/hearth_net.sv: {port}_data, _valid and _ready
    shape   height, width and channels of a frame; pixels leave row by row, channels innermost
    bits    of an integer, which is `signed` or not
    beat    integers that leave together, in the order of their channels from the lowest bits up
    scale   integers times this are the float network's values
    """

    name: str
    port: str
    shape: tuple[int, int, int]
    bits: int
    signed: bool
    beat: int
    scale: float


@dataclass(frozen=True, eq=False)
class Build:
    """A compiled network: the folder that `hearth compile` makes, read and checked.

    Images are frames, uint8 [n, height, width, channels] (`shape`), or image files, or one folder,
    CSV, .npy, .npz or clip, or some frames of one (`Clip`); files are prepared as the network's
    preprocessing says. Stands for its folder wherever Python takes a path.
    """

    saved: build_folder.Build
    """What lies in the folder, in the compiler's own terms; not part of the stable interface."""

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def path(self) -> Path:
        """The build folder."""
        return self.saved.path

    @property
    def name(self) -> str:
        """What the model calls itself."""
        return self.saved.qgraph.name

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a frame."""
        return self.saved.qgraph.input.shape

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, or nothing."""
        return self.saved.qgraph.labels

    @property
    def outputs(self) -> tuple[Stream, ...]:
        """What leaves the network, in the order of the ONNX file: of one that names classes their
        scores and then the numbers of the best."""
        qgraph, design = self.saved.qgraph, self.saved.design
        beats = dict(zip(self.edges, design.beats, strict=True))
        ports = exits(qgraph)
        found = ((o.name, ports[o.edge.name], o.edge) for o in qgraph.outputs)
        return tuple(
            Stream(name, port, edge.shape, edge.bits, edge.signed, beats[edge.name], edge.scale)
            for name, port, edge in found
        )

    @property
    def edges(self) -> tuple[str, ...]:
        """Names of the network's streams: the input, then every layer's output."""
        return tuple(edge.name for edge in self.saved.qgraph.edges)

    @property
    def figures(self) -> Mapping[str, Any]:
        """Lanes, cycles, ROM bytes, kernels and notes: what `hearth compile --json` prints."""
        return self.saved.figures

    @told()
    def frames(self, images: Images) -> Array:
        """Images as the network's input: uint8 [n, height, width, channels].

        HearthError for a file that cannot be read, or frames of another shape.
        """
        frames = prepared(images, self.saved.qgraph)
        if frames.shape[1:] != self.shape:
            raise HearthError(
                f"{self.name}: frames should be uint8 [n, {', '.join(map(str, self.shape))}], found"
                f" {list(frames.shape)}"
            )
        return frames

    @told()
    def golden(self, images: Images) -> dict[str, Array]:
        """Every edge of every image by name, as integers [n, height, width, channels]: what the
        hardware computes, bit for bit. A 224x224 SqueezeNet takes about 3 MB an image.

        The last one holds logits and then the best classes, where the network names classes;
        `classify` reads it.
        """
        frames = self.frames(images)
        return dict(zip(self.edges, golden.run(self.saved.qgraph, frames), strict=True))

    @told()
    def results(self, images: Images) -> dict[str, Array]:
        """What leaves the hardware for every image: integers [n, height, width, channels] by the
        name of the output, in the order of `outputs`, which has their scales."""
        found = golden.results(self.saved.qgraph, self.frames(images))
        return dict(zip((stream.name for stream in self.outputs), found, strict=True))

    @told()
    def classify(self, images: Images) -> tuple[Classification, ...]:
        """What the golden model says about every image, in order. HearthError for a network that
        names no classes: `results` has what leaves that."""
        qgraph = self.saved.qgraph
        golden.classes(qgraph, "classify")
        output = golden.outputs(qgraph, self.frames(images))
        logits, best = output[:, 0, 0, : golden.classes(qgraph)], golden.top(qgraph, output)
        return tuple(
            classification(qgraph, numbers, top.tolist())
            for numbers, top in zip(logits, best, strict=True)
        )

    @told()
    def simulate(
        self,
        images: Images,
        *,
        stall: int = 0,
        seed: int = 1,
        trace: bool = False,
        record: int = 0,
        board: str | None = None,
        progress: reports.Report = reports.silent,
    ) -> Simulation:
        """Stream images back to back through the generated hardware; compare every value.

        stall  percent of cycles, 0 to 45, in which each handshake is withheld at random (`seed`)
        trace  write a waveform of every signal, for a viewer, and end after 20,000 cycles
        record cycles after reset whose handshakes on every edge are kept, see `waves`
        board  the RTL as this board gets it, where lanes may share multipliers

        The simulator is built on first use, in `path`. HearthError where a tool is missing or
        fails; hardware that differs is no exception but a result whose `equal` is False.
        """
        within("--stall", stall, 0, 45)
        within("--seed", seed, 1)
        within("record", record, 0, 1_000_000)
        frames = self.frames(images)
        result = simulation.simulate(
            self.saved if board is None else registry.fitted(self.saved, board),
            frames,
            stall_percent=stall,
            seed=seed,
            trace=trace,
            record=record,
            progress=lambda line: progress(line, 0, 0),
        )
        wave = simulation.workplace(self.path) / "run" / "dump.fst"
        return Simulation(result, wave if trace else None)


@told()
def load(path: File) -> Build:
    """Read a build folder. HearthError when it is not one, or a damaged one."""
    return Build(build_folder.load(Path(path)))


def compile(
    model: File,
    output: File | None = None,
    *,
    progress: reports.Report = reports.silent,
    **options: Unpack[CompileOptions],
) -> Build:
    """Compile an ONNX file: quantize, fold, generate hardware and ROM images.

    output             build folder to make or to make anew; None: a temporary one, which goes when
                       nothing refers to the Build any longer
    progress           called with the pass, steps done, and steps in all (0: unknown)

    input_size         pixels, 224 or (height, width), instead of the file's
    preprocessing      "caffe", "torchvision", "unit", "raw" or a JSON file; None: manifest.json
                       beside the model
    class_names        a JSON list, or one per line; so are `classes`, those to keep, or numbers
    calibration        photographs like those the network will see: folder, CSV, .npy or .npz; None:
                       those that the manifest names
    calibration_limit  at most so many of them
    range              rule for the range of activations: "max", "percentile" or "mse"
    lanes, cycles      at most so many MAC lanes, or cycles per frame; give one; 256 lanes otherwise
    fps, clock         instead: frames per second at so many MHz
    fifo_loss, rom_budget   percent of cycles that shallow FIFOs may cost; bytes, or "468KiB"
    weight_bits, codebook, layer_bits, mixed, max_loss, trellis, keep_codebooks, keep_zeros
                       weights of fewer bits, as docs/few_bits.md says
    like, dense        a build whose hardware gets the new weights; multiply zeros too

    HearthError, in the words of `hearth compile`, for whatever cannot be compiled.
    """
    with told(), contextlib.ExitStack() as until_made:
        wanted = chosen(model, options)
        if output is not None:
            return _made(Path(output), wanted, progress)
        folder = tempfile.TemporaryDirectory(prefix="hearth-", ignore_cleanup_errors=True)
        until_made.enter_context(folder)
        build = _made(Path(folder.name, "build"), wanted, progress)
        until_made.pop_all()
        weakref.finalize(build, folder.cleanup)
        return build


compile.__signature__ = signature(compile)  # type: ignore[attr-defined]


def _made(path: Path, wanted: Options, progress: reports.Report) -> Build:
    build_folder.check(path)
    pipeline.write(path, pipeline.compile_model(wanted, progress))
    return Build(build_folder.load(path))
