"""What the compiler knows after each of its stages: complete records, none with a part missing.

    Order -> FrontEnd -> Quantized -> Mapped -> Emitted

A record is made when everything in it is known, holds the one before it, and never changes; a later
pass of the same stage returns another one. `Described`, `Loaded` and `Calibrated` stand between two
passes of one stage. A pass says in its type which record it needs and which it gives, so mypy
refuses a list of passes in a wrong order (`Passes`). What the passes do is in pipeline.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from hearth.toolchain.data.manifest import Manifest
from hearth.toolchain.data.selection import Selection
from hearth.toolchain.few_bits import request
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.ir import Design, Graph, QGraph
from hearth.toolchain.mapping.part import Wish
from hearth.toolchain.quantize.calibration import Calibration
from hearth.toolchain.quantize.int8 import Quantization
from hearth.toolchain.rtl import rom
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


@dataclass(frozen=True)
class Options:
    """What the user chose. `lanes` or `cycles` (per frame) sets the folding; one is given, unless
    a `wish` for a board decides."""

    model: Path
    input_size: tuple[int, int] | None = None
    preprocessing: str | None = None
    labels: Path | None = None
    classes: Path | None = None
    """A list of the classes to keep; None keeps all."""
    calibration: Path | None = None
    calibration_limit: int = 200
    quantization: Quantization = field(default_factory=Quantization)
    weights: request.Request = field(default_factory=request.Request)
    lanes: int | None = None
    cycles: int | None = None
    asked: str = ""
    """The options that lanes or cycles come from, for messages; empty: the default."""
    fifo_loss: float | None = None
    """Percent of the cycles that shallow FIFOs may cost; None: deep enough to cost none."""
    wish: Wish | None = None
    """A board for which weights and folding are chosen."""
    rom_budget: int = rom.DEFAULT_BUDGET
    clock_mhz: float | None = None
    """What the hardware is meant to run at, for reports; None: each board's usual clock."""
    like: Build | None = None
    """Hardware that exists: only its weights may differ."""
    dense: bool = False
    """Zeros are multiplied as well: every frame takes the same cycles."""


# ------------------------------------------------------------------------------------ records


@dataclass(frozen=True, eq=False)
class Order:
    """What is wanted, and who hears how far it is."""

    options: Options
    report: progress.Report = progress.silent


@dataclass(frozen=True, eq=False)
class Described:
    """An order whose images can be prepared."""

    order: Order
    manifest: Manifest


@dataclass(frozen=True, eq=False)
class Loaded:
    """The file's network as nodes."""

    order: Order
    manifest: Manifest
    onnx: OnnxModel


@dataclass(frozen=True, eq=False)
class FrontEnd:
    """The file understood: its network as a chain of layers, and how its images are prepared."""

    order: Order
    manifest: Manifest
    onnx: OnnxModel
    graph: Graph
    selection: Selection
    """The classes that are kept."""

    @property
    def options(self) -> Options:
        return self.order.options

    @property
    def report(self) -> progress.Report:
        return self.order.report


@dataclass(frozen=True, eq=False)
class Calibrated:
    """The float network and the ranges of its activations."""

    front: FrontEnd
    calibration: Calibration


@dataclass(frozen=True, eq=False)
class Quantized:
    """The network in integers; what it came from is needed to measure it, and for fewer bits."""

    front: FrontEnd
    calibration: Calibration
    qgraph: QGraph

    @property
    def options(self) -> Options:
        return self.front.options


@dataclass(frozen=True, eq=False)
class Mapped:
    """The network as kernels: lanes of each, and FIFO depths between them."""

    quantized: Quantized
    design: Design

    @property
    def options(self) -> Options:
        return self.quantized.options


@dataclass(frozen=True, eq=False)
class Emitted:
    """Everything: the hardware as text and its ROM images, by path in the build folder."""

    mapped: Mapped
    files: Mapping[str, str | bytes]

    @property
    def options(self) -> Options:
        return self.mapped.options

    @property
    def design(self) -> Design:
        return self.mapped.design

    @property
    def onnx(self) -> OnnxModel:
        return self.mapped.quantized.front.onnx


# ------------------------------------------------------------------------------------- passes


@dataclass(frozen=True)
class Pass:
    """One step of the compiler, and why it stands where it stands."""

    name: str
    reason: str
    run: Callable[[Any], Any]
    """Of the types that `Passes` has checked."""


@dataclass(frozen=True)
class Passes(Generic[A, B]):
    """Passes in a row that make a B of an A, each taking what the one before it gives."""

    steps: tuple[Pass, ...]

    def then(self, name: str, reason: str, run: Callable[[B], C]) -> Passes[A, C]:
        """These and one more."""
        return Passes((*self.steps, Pass(name, reason, run)))

    def __add__(self, other: Passes[B, C]) -> Passes[A, C]:
        """These and the passes of the next stage."""
        return Passes(self.steps + other.steps)


def first(name: str, reason: str, run: Callable[[A], B]) -> Passes[A, B]:
    """The pass that a row of them begins with."""
    return Passes((Pass(name, reason, run),))
