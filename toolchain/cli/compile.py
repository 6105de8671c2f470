"""The command `hearth compile`. What it does is toolchain/pipeline.py's business."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hearth.toolchain import pipeline
from hearth.toolchain.cli import chips, placed, tables
from hearth.toolchain.cli.groups import Group
from hearth.toolchain.cli.options import OUTPUT, Json
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.few_bits.mixed import parse_bytes
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.frontend.file.read_onnx import parse_size
from hearth.toolchain.ir import Design
from hearth.toolchain.mapping import options as folding
from hearth.toolchain.mapping.part import USUAL_FPS, Part, Wish
from hearth.toolchain.mapping.schedule import LARGEST_LOSS
from hearth.toolchain.mapping.search import LOSSES
from hearth.toolchain.quantize import precision, ranges
from hearth.toolchain.quantize.int8 import Quantization
from hearth.toolchain.rtl import rom
from hearth.toolchain.saved import build_folder
from hearth.toolchain.stages import Options
from hearth.toolchain.support import progress
from hearth.toolchain.targets import part

Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="BUILD", help="Build folder to make.", rich_help_panel=OUTPUT
    ),
]


@dataclass(frozen=True)
class Network(Group):
    """Which network, and what its images and classes are."""

    title = "Network"
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Trained network, an ONNX file.")]
    input_size: Annotated[
        str | None, typer.Option(metavar="H|HxW", help="Input size instead of the file's.")
    ] = None
    preprocessing: Annotated[
        str | None,
        typer.Option(
            metavar="caffe|torchvision|unit|raw|FILE",
            help="How images are prepared; default: manifest.json beside the model.",
        ),
    ] = None
    class_names: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Class names: a JSON list, or one per line."),
    ] = None
    classes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Classes to keep: names or numbers, one per line."),
    ] = None


@dataclass(frozen=True)
class Ranges(Group):
    """Where the integers' ranges come from."""

    title = "Quantization"
    calibration: Annotated[
        Path | None,
        typer.Option(metavar="IMAGES", help="Photographs like yours: folder, CSV or .npz."),
    ] = None
    calibration_limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="Use at most so many of them, evenly spread.")
    ] = 200
    activation_range: Annotated[
        str, typer.Option("--range", metavar="|".join(ranges.RULES), help="Rule for ranges.")
    ] = ranges.DEFAULT


@dataclass(frozen=True)
class Weights(Group):
    """How few bits the weights may have, and how the bits are shared out."""

    title = "Weights"
    rom_budget: Annotated[
        str, typer.Option(metavar="BYTES", help="ROM at most, such as 468KiB.")
    ] = str(rom.DEFAULT_BUDGET)
    weight_bits: Annotated[
        int, typer.Option(metavar="1..8", help="Bits of a weight in the ROM.")
    ] = 8
    codebook: Annotated[
        bool | None,
        typer.Option(
            "--codebook/--uniform",
            help="Indices into a table per layer (default below 8 bits), or plain integers.",
        ),
    ] = None
    layer_bits: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='JSON with exceptions, such as {"conv1": 8}.'),
    ] = None
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Choose bits per layer to fill --rom-budget.")
    ] = False
    max_loss: Annotated[
        float | None,
        typer.Option(
            metavar="POINTS", min=0, help="Choose bits per layer to lose at most so many points."
        ),
    ] = None
    trellis: Annotated[
        bool,
        typer.Option("--trellis", help="Let --mixed choose trellis codes as well as codebooks."),
    ] = False
    keep_codebooks: Annotated[
        bool, typer.Option("--keep-codebooks", help="Keep a model's shared weights and zeros.")
    ] = False
    keep_zeros: Annotated[
        bool, typer.Option("--keep-zeros", help="Keep zeros; 2^bits values besides.")
    ] = False

    def request(self) -> Request:
        """For the few-bits pass. HearthError for bits that no weight can have."""
        plan = precision.plan(self.weight_bits, self.codebook, self.layer_bits)
        return Request(
            plan, self.mixed, self.max_loss, self.keep_codebooks, self.keep_zeros, self.trellis
        )


@dataclass(frozen=True)
class Size(Group):
    """How large or how fast the hardware is to be; mapping/options.py knows what goes together."""

    title = "Hardware size"
    board: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Choose weight bits and folding for this board: the most accurate weights that"
            f" leave room for --fps ({USUAL_FPS} unless given), then the fastest folding that fits"
            " (with --fps or --cycles: one of that pace).",
        ),
    ] = None
    lanes: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help=f"Fold to at most so many MAC lanes; default {folding.DEFAULT_LANES}.",
        ),
    ] = None
    cycles: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Fold to at most so many cycles per frame."),
    ] = None
    fps: Annotated[
        float | None, typer.Option(metavar="N", help="Wanted frames per second, at --clock.")
    ] = None
    clock: Annotated[
        float | None,
        typer.Option(metavar="MHZ", help="Clock, with --fps; default: that of --board."),
    ] = None
    fifo_loss: Annotated[
        float | None,
        typer.Option(
            metavar="PERCENT",
            min=0,
            max=LARGEST_LOSS,
            help="Shallow FIFOs that cost at most so many percent of the cycles; with --board"
            f" {LOSSES[-1]} where nothing fits without.",
        ),
    ] = None
    like: Annotated[
        Path | None,
        typer.Option(metavar="BUILD", help="New weights for this build's hardware."),
    ] = None
    dense: Annotated[
        bool,
        typer.Option("--dense", help="Multiply zeros too: all frames take the same cycles."),
    ] = False

    def folding(self, mhz: float | None = None) -> folding.Folding:
        """For the folding pass; `mhz` of a board. HearthError for wishes that contradict each
        other."""
        like, loss = self.like is not None, self.fifo_loss
        return folding.choose(self.lanes, self.cycles, self.fps, self.clock, like, loss, mhz)

    def wish(self, found: Part, budget: int) -> Wish:
        """For a board."""
        wanted = self.folding(found.mhz)
        mhz = found.mhz if self.clock is None else self.clock
        return Wish(found, mhz, wanted.cycles, wanted.lanes, self.fifo_loss, budget, wanted.asked)


def compile_(
    network: Network,
    found: Ranges,
    weights: Weights,
    size: Size,
    output: Output,
    as_json: Json = False,
) -> None:
    """Make hardware and memory images of a trained network (ONNX)."""
    build_folder.check(output)
    options = chosen(network, found, weights, size)
    with progress.shown() as tell:
        state = pipeline.compile_model(options, tell)
    figures = pipeline.figures(state)
    pipeline.write(output, state)
    if as_json:
        print_json(figures)
    else:
        fits = chips.line(chips.rows(state.design, chips.Clock()))
        print_lines([*tables.summary(figures), fits, ""], tables.folding(figures))
        print_lines(tables.weights(figures["notes"]))
        print_lines(_binding(state.design, options.wish))
    tell_next(f"made {output}", *_next(output, options.wish, size.clock))


def _binding(design: Design, wish: Wish | None) -> list[str]:
    """What a board's chip holds and what of it is scarce."""
    if wish is None:
        return []
    rate = f"{wish.mhz * 1e6 / design.cycles:,.1f} frames a second at {wish.mhz:g} MHz"
    return ["", *placed.of(design, wish.part.board).lines[:1], f"{wish.part.board}: {rate}"]


def _next(output: Path, wish: Wish | None, clock: float | None) -> list[object]:
    """The words of the command to go on with."""
    if wish is None:
        return ["run", output, "IMAGES..."]
    asked = [] if clock is None else ["--clock", f"{clock:g}"]
    return ["bitstream", output, "--board", wish.part.board, *asked]


def chosen(network: Network, found: Ranges, weights: Weights, size: Size) -> Options:
    """What the user chose, as the compiler wants it; hearth/api.py calls it as well."""
    found_board = None if size.board is None else part.find(size.board)
    budget = parse_bytes(weights.rom_budget)
    wish = None if found_board is None else size.wish(found_board, budget)
    wanted = size.folding(None if found_board is None else found_board.mhz)
    return Options(
        model=network.model,
        input_size=None if network.input_size is None else parse_size(network.input_size),
        preprocessing=network.preprocessing,
        labels=network.class_names,
        classes=network.classes,
        calibration=found.calibration,
        calibration_limit=found.calibration_limit,
        quantization=Quantization(rule=found.activation_range),
        weights=weights.request(),
        lanes=wanted.lanes,
        cycles=wanted.cycles,
        asked=wanted.asked,
        fifo_loss=size.fifo_loss,
        wish=wish,
        rom_budget=budget,
        clock_mhz=size.clock,
        like=None if size.like is None else build_folder.load(size.like),
        dense=size.dense,
    )
