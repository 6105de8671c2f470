"""The command line `hearth`: options in, figures out. Everything it does is a call of a module.

Results go to standard output, progress and the next command to standard error; with --json
standard output carries one JSON object and nothing else. A mistake in the input is one line on
standard error and exit status 2; a simulation that finds wrong hardware exits with 1.
"""

from __future__ import annotations

import dataclasses
import shlex
import sys
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TextIO

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from hearth.sim.run import simulate, workplace
from hearth.toolchain import pipeline
from hearth.toolchain.cli import tables as report
from hearth.toolchain.cli.bitstream import bitstream, program
from hearth.toolchain.cli.board import compare, update
from hearth.toolchain.cli.export_hls import export_hls
from hearth.toolchain.data import images
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.few_bits import request
from hearth.toolchain.few_bits.mixed import parse_bytes
from hearth.toolchain.frontend.file.read_onnx import parse_size
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.mapping import options as folding_options
from hearth.toolchain.quantize import precision, ranges
from hearth.toolchain.quantize.int8 import Quantization
from hearth.toolchain.rtl import rom
from hearth.toolchain.saved import build_folder
from hearth.toolchain.stages import Options
from hearth.toolchain.support import advice, json_text, progress, streams
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.script import INTERRUPTED
from hearth.toolchain.support.text import printable

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

BuildFolder = Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")]
Images = Annotated[
    list[Path],
    typer.Argument(metavar="IMAGES...", help="Image files, or one folder, CSV, .npy or .npz."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        print(advice.version())
        raise typer.Exit


@app.callback()
def hearth(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Compiles trained SqueezeNets (ONNX) into FPGA hardware that keeps every weight on chip."""


@app.command("compile", epilog="Example: hearth compile weights/default/*.onnx -o build/default")
def compile_(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Trained network, an ONNX file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Build folder to make.")],
    input_size: Annotated[
        str | None, typer.Option(metavar="H|HxW", help="Input size instead of the file's.")
    ] = None,
    preprocessing: Annotated[
        str | None,
        typer.Option(
            metavar="caffe|torchvision|unit|raw|FILE",
            help="How images are prepared; default: manifest.json beside the model.",
        ),
    ] = None,
    class_names: Annotated[
        Path | None, typer.Option(help="Class names: a JSON list, or one per line.")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="Photographs to calibrate with: folder, CSV or .npz.")
    ] = None,
    calibration_limit: Annotated[
        int, typer.Option(min=1, help="Use at most so many of them, evenly spread.")
    ] = 200,
    activation_range: Annotated[
        str, typer.Option("--range", metavar="|".join(ranges.RULES), help="Rule for ranges.")
    ] = ranges.DEFAULT,
    lanes: Annotated[
        int | None, typer.Option(min=1, help="Fold to at most so many MAC lanes.")
    ] = None,
    cycles: Annotated[
        int | None, typer.Option(min=1, help="Fold to at most so many cycles per frame.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Wanted frames per second, at --clock.")] = None,
    clock: Annotated[float | None, typer.Option(help="Clock in MHz, with --fps.")] = None,
    rom_budget: Annotated[
        str, typer.Option(metavar="BYTES", help="ROM allowed, such as 10MB or 468KiB.")
    ] = str(rom.DEFAULT_BUDGET),
    weight_bits: Annotated[
        int, typer.Option(metavar="1..8", help="Bits of a weight in the ROM.")
    ] = 8,
    codebook: Annotated[
        bool | None,
        typer.Option(
            "--codebook/--uniform",
            help="Indices into a table per layer (default below 8 bits), or plain integers.",
        ),
    ] = None,
    layer_bits: Annotated[
        Path | None, typer.Option(help='JSON with exceptions, such as {"conv1": 8}.')
    ] = None,
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Choose bits per layer to fill --rom-budget.")
    ] = False,
    max_loss: Annotated[
        float | None,
        typer.Option(min=0, help="Choose bits per layer to lose at most so many points."),
    ] = None,
    keep_codebooks: Annotated[
        bool, typer.Option("--keep-codebooks", help="Keep a model's shared weights and zeros.")
    ] = False,
    keep_zeros: Annotated[
        bool, typer.Option("--keep-zeros", help="Keep zeros; 2^bits values besides.")
    ] = False,
    like: Annotated[
        Path | None,
        typer.Option(metavar="BUILD", help="New weights for this build's hardware."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compile a network: quantize, fold, generate hardware and ROM images."""
    build_folder.check(output)
    size = parse_size(input_size) if input_size is not None else None
    wanted = folding_options.choose(lanes, cycles, fps, clock, like is not None)
    options = Options(
        model=model,
        input_size=size,
        preprocessing=preprocessing,
        labels=class_names,
        calibration=calibration,
        calibration_limit=calibration_limit,
        quantization=Quantization(rule=activation_range),
        weights=request.Request(
            precision.plan(weight_bits, codebook, layer_bits),
            mixed,
            max_loss,
            keep_codebooks,
            keep_zeros,
        ),
        lanes=wanted.lanes,
        cycles=wanted.cycles,
        asked=wanted.asked,
        rom_budget=parse_bytes(rom_budget),
        like=build_folder.load(like) if like is not None else None,
    )
    with progress.shown() as tell:
        state = pipeline.compile_model(options, tell)
    figures = pipeline.figures(state)
    pipeline.write(output, state)
    if as_json:
        _print_json(figures)
    else:
        _print_lines(
            report.summary(figures), report.folding(figures), report.weights(figures["notes"])
        )
    _next(f"made {output}", "run", output, "IMAGES...")


@app.command(epilog="Example: hearth run build/default photo.jpg")
def run(build: BuildFolder, inputs: Images, as_json: Json = False) -> None:
    """Classify images with the golden model (bit for bit what the hardware computes)."""
    loaded = build_folder.load(build)
    qgraph, chosen = loaded.qgraph, images.open_all(inputs)
    results = []
    with progress.shown() as tell:
        for frames in _batches(loaded, chosen, "golden model", tell):
            output = golden.outputs(qgraph, frames)
            scores = golden.logits(qgraph, output)
            for best, values in zip(golden.top(qgraph, output), scores, strict=True):
                results.append([_class(qgraph.labels, int(i), float(values[i])) for i in best])
    names = chosen.names()
    if as_json:
        rows = [{"file": n, "top": top} for n, top in zip(names, results, strict=True)]
        _print_json({"images": len(rows), "results": rows})
    else:
        _print_lines(_verdict(n, top) for n, top in zip(names, results, strict=True))
    _next(f"{len(results)} images classified", "sim", build, *map(_as_argument, inputs))


@app.command(epilog="Example: hearth sim build/default photo1.jpg photo2.jpg --stall 20")
def sim(
    build: BuildFolder,
    inputs: Images,
    limit: Annotated[
        int, typer.Option("--limit", "--frames", min=1, help="Use at most so many images.")
    ] = 16,
    stall: Annotated[
        int,
        typer.Option("--stall", "--stalls", min=0, max=45, help="Percent of cycles withheld."),
    ] = 0,
    seed: Annotated[int, typer.Option(min=1, help="Seed of the stalls.")] = 1,
    trace: Annotated[bool, typer.Option("--trace", help="Also record a short waveform.")] = False,
    as_json: Json = False,
) -> None:
    """Stream images through the generated hardware; check every value against the golden model."""
    loaded = build_folder.load(build)
    chosen = images.open_all(inputs).limited(limit)
    with progress.shown() as tell:
        frames = np.concatenate(list(_batches(loaded, chosen, "images", tell)))
        result = simulate(
            loaded,
            frames,
            stall_percent=stall,
            seed=seed,
            trace=trace,
            progress=lambda line: tell(line, 0, 0),
        )
    figures = dataclasses.asdict(result)
    figures["stalls_percent"] = stall
    if as_json:
        _print_json(figures)
    else:
        _print_lines(_sim_lines(figures), report.kernels(figures["kernels"]), [result.verdict])
    if not result.ok:
        raise typer.Exit(1)
    if trace:
        folder = workplace(build) / "run"
        wave = folder / "dump.fst"
        _say_next(f"made {wave}", shlex.join(["gtkwave", str(wave)]))
        return
    _next("hardware and golden model are equal", "report", build)


@app.command("eval", epilog="Example: hearth eval build/x --labels photos/labels.csv")
def evaluate(
    build: BuildFolder,
    labels: Annotated[
        Path,
        typer.Option(help="CSV with columns file,label; an .npz; a folder with one per class."),
    ],
    limit: Annotated[int | None, typer.Option(min=1, help="Use at most so many images.")] = None,
    as_json: Json = False,
) -> None:
    """Measure accuracy: golden model and the file as ONNX Runtime runs it, on labelled images."""
    loaded = build_folder.load(build)
    classes = golden.classes(loaded.qgraph)
    chosen, origin = images.open_labelled(labels, loaded.qgraph.labels, classes)
    chosen = chosen if limit is None else chosen.limited(limit)
    if origin:
        print(printable(origin), file=sys.stderr)
    edge = loaded.qgraph.input
    model, graph = pipeline.front_end(loaded.model, (edge.height, edge.width))
    with progress.shown() as tell:
        frames = _batches(loaded, chosen, "golden model and ONNX Runtime", tell)
        result = fidelity.accuracy(loaded.qgraph, model, graph, frames, chosen.labels)
    if as_json:
        _print_json(dataclasses.asdict(result))
    else:
        _print_lines(_accuracy_lines(result))
    _next(f"{result.images} images evaluated", "report", build)


@app.command("report", epilog="Example: hearth report build/default")
def report_(build: BuildFolder, as_json: Json = False) -> None:
    """Show what a build holds: folding, memories, signal-to-noise ratio of every layer."""
    loaded = build_folder.load(build)
    if as_json:
        _print_json(loaded.figures)
        return
    _print_lines(*report.whole(loaded.figures, build))
    _next("report done", "sim", build, "IMAGES...")


app.command(
    "export-hls",
    epilog="Example: hearth export-hls build/default --layers fire2 -o build/fire2-hls",
)(export_hls)
app.command(epilog="Example: hearth bitstream build/default --board ulx3s-85f")(bitstream)
app.command(epilog="Example: hearth program build/default")(program)
app.command(epilog="Example: hearth compare build/default photos --port /dev/ttyUSB0")(compare)
app.command(epilog="Example: hearth update build/new --port /dev/ttyUSB0")(update)


def main() -> None:
    """Entry point: prints a mistake as one line and turns it into an exit status."""
    warnings.showwarning = _warn
    streams.prepare()
    try:
        status = app(standalone_mode=False)
        streams.finish()
    except HearthError as error:
        status = _fail(str(error))
    except typer.TyperException as error:
        status = _usage(error)
    except typer.Exit as error:
        status = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except MemoryError:
        status = _fail("there is not enough memory; choose a smaller input or fewer images")
    except BrokenPipeError:
        sys.stderr.close()
        status = 1
    except OSError as error:
        status = _fail(streams.refused(error))
    if status == INTERRUPTED:  # typer makes its Exit of a KeyboardInterrupt
        _fail("interrupted")
    sys.exit(status if isinstance(status, int) else 0)


def _usage(error: typer.TyperException) -> int:
    """A mistake in the options; `hearth` alone shows the help."""
    if len(sys.argv) == 1:
        print(error, end="")
        return 2
    message: str = getattr(error, "format_message", error.__str__)()
    return _fail(f"{message.rstrip('.')}; see {advice.command('--help')}")


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning as one line, without the place in the program that it came from."""
    print(f"warning: {printable(' '.join(str(message).split()))}", file=sys.stderr)


def _fail(message: str, status: int = 2) -> int:
    print(f"hearth: {printable(' '.join(message.split()))}", file=sys.stderr)
    return status


def _batches(
    loaded: build_folder.Build, chosen: images.ImageSet, task: str, tell: progress.Report
) -> Iterable[Array]:
    edge = loaded.qgraph.input
    frames = chosen.batches(loaded.qgraph.preprocessing, (edge.height, edge.width))
    return progress.counted(frames, task, len(chosen), tell, images.FRAME_BATCH)


def _class(labels: tuple[str, ...], index: int, score: float) -> dict[str, Any]:
    return {"class": index, "label": labels[index] if labels else "", "score": round(score, 4)}


def _verdict(name: str, top: list[dict[str, Any]]) -> str:
    parts = [f"{c['label'] or c['class']} ({c['score']:.2f})" for c in top]
    return printable(f"{name}: {'; '.join(parts)}")


def _sim_lines(figures: Mapping[str, Any]) -> list[str]:
    return [
        f"{figures['frames']} frames, {figures['overlapped']} entered before the one in front left",
        *_pace(figures),
        f"{figures['seconds']:.1f} s simulation, {figures['build_seconds']:.1f} s to build it",
        "",
    ]


def _pace(figures: Mapping[str, Any]) -> list[str]:
    """Cycles per frame once the pipeline is full, if that was seen, and what follows from it."""
    measured, model = figures["cycles_per_frame"], figures["model_cycles_per_frame"]
    latency, lanes = f"latency {figures['latency_cycles']:,}", f"{figures['mac_lanes']:,} MAC lanes"
    if measured is None:
        return [
            f"cycles per frame: not measured, as the first two frames fill the pipeline; simulate 3"
            f" frames or more (model {model:,}); {latency}",
            lanes,
        ]
    return [
        f"{measured:,} cycles from the last frame but one to the last (model {model:,}), {latency}",
        f"{lanes}, {100 * figures['mac_utilisation']:.1f} % at work",
    ]


def _accuracy_lines(result: fidelity.Accuracy) -> list[str]:
    name = "float" if result.reference == fidelity.FLOAT else "quantized"
    yardstick = f"{name} (ORT)".ljust(16)
    return [
        f"{result.images} images      top-1     top-5",
        f"golden int8     {result.top1:6.2f} %  {result.top5:6.2f} %",
        f"{yardstick}{result.float_top1:6.2f} %  {result.float_top5:6.2f} %",
        f"same first class for {result.agreement:.2f} % of the images",
    ]


def _print_json(figures: Mapping[str, Any]) -> None:
    print(json_text.dumps(figures))


def _print_lines(*parts: Iterable[str] | Table) -> None:
    """Lines of text and tables to standard output."""
    console = Console(highlight=False)
    console.width = max(console.width, 160)
    for part in parts:
        if isinstance(part, Table):
            console.print(part)
        else:
            for line in part:
                print(line)


def _as_argument(path: Path) -> str:
    """A path that no command takes for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def _next(done: str, *words: object) -> None:
    """What was made, and the command of ours that goes on from here."""
    _say_next(done, advice.command(*words))


def _say_next(done: str, command: str) -> None:
    print(f"{printable(done)}; next: {printable(command)}", file=sys.stderr)
