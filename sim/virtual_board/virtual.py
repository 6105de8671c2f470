"""Builds and runs the virtual board: a process whose pseudo-terminal stands for the serial port.

The same RTL as on the board, but for PLL and pins (hw/boards/serial/hearth_board.sv; with a camera
hearth_video_board.sv), with the UART at its fastest: four cycles a bit. Weights are read when it
starts: new ones need no build. They can be changed while it runs, as on a board whose bitstream was
made with --live.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hearth.sim import plain_paths, verilator
from hearth.sim.build import failure
from hearth.sim.run import workplace
from hearth.toolchain.ir import Array, Design
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.support import private, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.serial import border, camera
from hearth.toolchain.video.scaler import Scaler

DIVISOR = 4
CLOCK_KHZ = 75_000
SEED = 1  # of the state that the board starts in
_PAUSE_CYCLES = 100_000
_SECONDS = 60.0
_CYCLES_PER_SECOND = 10_000
"""Of a large network on a machine that does other work too: for patience, not for figures."""
_QUARTER = 2
"""Of a bit to a camera's registers: nobody waits for these."""
_MAIN = Path(__file__).with_name("main.cpp")
_CAMERA = Path(__file__).with_name("camera.h")


SOURCES = (*border.LINK, border.BOARD)
"""Files of hw around the network: link and board."""
VIDEO_SOURCES = (*border.LINK, *camera.SOURCES, camera.BOARD)
"""The same with a camera."""


@dataclass(frozen=True, eq=False)
class Filmed:
    """What came of a camera's picture: the words of its result, int64 [classes + best], or None
    where it was left out, or cut short."""

    number: int
    words: Array | None


def answer_seconds(design: Design) -> float:
    """How long an answer may take: two frames on the line, the one in front computed, and its own
    way through the network."""
    source = design.qgraph.input
    line = 2 * source.pixels * source.channels * 10 * DIVISOR
    return _SECONDS + (line + 3 * design.cycles) / _CYCLES_PER_SECOND


def numbers(build: Build, built: Scaler | None = None) -> str:
    """The text of hearth_board_pkg for the virtual board, with a camera's scaler."""
    hardware, image = hardware_id(build), weights_image.image_bytes(build.design)
    link = border.Link(CLOCK_KHZ, DIVISOR, _PAUSE_CYCLES, hardware, image)
    more = [] if built is None else camera.numbers(built, _QUARTER)
    return border.package(build.design, link, more)


def compile_board(
    build: Build, report: progress.Report = progress.silent, built: Scaler | None = None
) -> Path:
    """The simulator of a build's virtual board, with a camera's scaler; made once per RTL. Who
    wants the same one while it is built waits for it."""
    package = numbers(build, built)
    own = (_MAIN, _CAMERA)
    sources = (HARDWARE.joinpath(path) for path in _around(built))
    parts = [package, *(path.read_text() for path in (*own, *sources))]
    key = hashlib.sha256("".join(parts).encode()).hexdigest()[:16]
    place = plain_paths.writable(workplace(build.path) / "board") / key
    done = place / "made" / "board"
    program = done / "obj" / "virtual_board"
    done.parent.mkdir(parents=True, exist_ok=True)
    with private.held(place, math.inf):
        if program.is_file():
            return program
        report("virtual board: compile", 0, 0)
        with private.folder_beside(done) as folder:
            _verilate(folder, _sources(build, package, folder, built), _defines(build, built))
            folder.rename(done)
    return program


def _sources(build: Build, package: str, folder: Path, built: Scaler | None) -> list[str]:
    """Everything that Verilator reads; what belongs to the build is written into `folder`."""
    for inner in ("obj", "rtl"):
        (folder / inner).mkdir()
    own = {f"rtl/{border.PACKAGE}.sv": package, **build.rtl()}
    for path, text in own.items():
        (folder / path).write_text(text)
    hardware = plain_paths.readable(HARDWARE)
    around = (str(hardware / path) for path in _around(built))
    main = str(plain_paths.readable(_MAIN))
    return [*sorted((str(folder / path) for path in own), key=packages_first), *around, main]


def _around(built: Scaler | None) -> tuple[str, ...]:
    return SOURCES if built is None else VIDEO_SOURCES


def _defines(build: Build, built: Scaler | None) -> dict[str, int]:
    """What main.cpp and camera.h are built with. A camera's picture lasts a quarter longer than the
    network needs, so that none has to be left out for that."""
    numbers = {"DIVISOR": DIVISOR}
    if built is None:
        return numbers
    width, height = built.x.source, built.y.source
    period = max(4, math.ceil(1.25 * build.design.cycles / (2 * width * height)))
    return numbers | {
        "CAMERA_WIDTH": width,
        "CAMERA_HEIGHT": height,
        "CAMERA_PERIOD": period,
        "CAMERA_PATIENCE": 100 * build.design.cycles,
    }


def _verilate(folder: Path, sources: list[str], defines: Mapping[str, int]) -> None:
    tool = verilator.find()
    top = camera.CORE if "CAMERA_WIDTH" in defines else border.CORE
    flags = [flag for flag in verilator.FLAGS if flag not in ("-DHEARTH_SIM", "--no-timing")]
    with verilator.environment(tool):
        command = [
            *(str(tool.program), "--cc", "--exe", "--build", "--no-timing"),
            *(*flags, "-Wno-fatal", "-Wno-lint", "-DHEARTH_OBSERVED", "-DHEARTH_LIVE"),
            *("-CFLAGS", " ".join(f"-DHEARTH_{name}={n}" for name, n in defines.items())),
            *("--Mdir", "obj", "--prefix", f"V{border.CORE}", "--top-module", top),
            *("-o", "virtual_board", *sources),
        ]
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, env=os.environ, check=False
        )
    if result.returncode:
        log = folder.parent / "build.log"
        log.write_text(result.stdout + result.stderr)
        raise HearthError(failure("virtual board: it does not build", log))


def _check_terminals() -> None:
    """HearthError now, not after minutes of building, where no pseudo-terminal can be opened."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError as error:
        raise HearthError(
            "virtual board: no pseudo-terminal can be opened"
            f" ({error.strerror}); is /dev/pts mounted? (mount -t devpts devpts /dev/pts)"
        ) from None


@contextlib.contextmanager
def running(build: Build, report: progress.Report = progress.silent) -> Iterator[str]:
    """Run the virtual board; the value is the name of its serial port."""
    with _started(build, report, None, ()) as (port, _):
        yield port


@contextlib.contextmanager
def filming(
    build: Build,
    built: Scaler,
    sent: Iterable[Array],
    report: progress.Report = progress.silent,
) -> Iterator[tuple[str, Iterator[Filmed]]]:
    """Run a virtual board with a camera, which sends these pictures once, uint8 [lines, 2 width],
    from the start: the name of its serial port, and what came of the pictures, as it comes."""
    with _started(build, report, built, sent) as (port, lines):
        yield port, _filmed(lines)


def _filmed(lines: Iterable[str]) -> Iterator[Filmed]:
    """The lines of camera.h, up to its `end`. HearthError when the board ends before."""
    for line in lines:
        kind, *numbers = line.split()
        if kind == "end":
            return
        words = np.array(numbers[1:], np.int64) if kind == "result" else None
        yield Filmed(int(numbers[0]), words)
    raise HearthError("virtual board: it ended before its camera did")


@contextlib.contextmanager
def _started(
    build: Build, report: progress.Report, built: Scaler | None, sent: Iterable[Array]
) -> Iterator[tuple[str, Iterable[str]]]:
    _check_terminals()
    program = compile_board(build, report, built).resolve()
    with private.folder_beside(program.parents[3] / "run") as folder:
        (folder / "rom").mkdir()
        images = {path: text for path, text in build.content.items() if path.startswith("rom/")}
        images[f"rom/{weights_image.ID_ROM}.hex"] = weights_image.id_image(build_id(build))
        if built is not None:
            images[camera.ROM] = camera.table()
            with (folder / "camera.bin").open("wb") as file:
                file.writelines(np.ascontiguousarray(picture).tobytes() for picture in sent)
        for path, text in images.items():
            (folder / path).write_text(text)
        with _process([str(program), *verilator.random_state(SEED)], folder) as started:
            yield started


@contextlib.contextmanager
def _process(command: list[str], folder: Path) -> Iterator[tuple[str, Iterable[str]]]:
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise HearthError("virtual board: no pseudo-terminal could be opened")
        yield port, process.stdout
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
