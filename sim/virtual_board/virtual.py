"""Builds and runs the virtual board: a process whose pseudo-terminal stands for the serial port.

The same RTL as on the board, but for PLL and pins (hw/boards/serial/hearth_board.sv; with a camera
hearth_video_board.sv, with a screen, too, hearth_screen_board.sv), with the UART at its fastest:
four cycles a bit. Weights are read when it starts: new ones need no build. They can be changed
while it runs, as on a board whose bitstream was made with --live.
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
from typing import NamedTuple

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
from hearth.toolchain.targets.serial.camera import Video
from hearth.toolchain.video import screen, small
from hearth.toolchain.video.geometry import Camera
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
_PARTS = tuple(Path(__file__).with_name(f"{name}.h") for name in ("camera", "screen"))
_PIXEL_PERIOD = 3
"""Of the screen's clock, as on a board: 25 MHz of 75."""
_PICTURES_PER_SECOND = 30
_PICTURES_AFTER = 4
"""Of the screen's, behind the camera's last result: it takes two until it is shown."""

SOURCES = (*border.LINK, border.BOARD)
"""Files of hw around the network: link and board."""
VIDEO_SOURCES = (*border.LINK, *camera.SOURCES, camera.BOARD)
"""The same with a camera."""
SCREEN_SOURCES = (*VIDEO_SOURCES, *screen.SOURCES, camera.SCREEN_BOARD)
"""The same with a screen."""


@dataclass(frozen=True, eq=False)
class Filmed:
    """What came of a camera's picture: the words of its result, int64 [classes + best], or None
    where it was left out, or cut short; and the cycles in which the first and the last came."""

    number: int
    words: Array | None
    cycles: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Pace:
    """How fast a camera and a screen are, in cycles of the board's clock.

    camera, pixel  periods of their clocks
    picture        of a picture of the camera's, with the pause in front
    """

    camera: int
    pixel: int
    picture: int


class Film(NamedTuple):
    """A virtual board that runs, with a camera: the name of its serial port, what came of the
    pictures, as it comes, and the folder in which screen.h keeps its record."""

    port: str
    seen: Iterator[Filmed]
    folder: Path


def answer_seconds(design: Design) -> float:
    """How long an answer may take: two frames on the line, the one in front computed, and its own
    way through the network."""
    source = design.qgraph.input
    line = 2 * source.pixels * source.channels * 10 * DIVISOR
    return _SECONDS + (line + 3 * design.cycles) / _CYCLES_PER_SECOND


def video(design: Design, size: Camera, with_screen: bool) -> Video:
    """A camera of this size, and a small screen, which counts frames for seconds of 30 of the
    camera's pictures. HearthError where there can be none."""
    seen = Video(camera.scaler(design, size))
    if not with_screen:
        return seen
    second = _PICTURES_PER_SECOND * usual_pace(design, seen).picture
    return Video(seen.scaler, screen=small.screen(design.qgraph, size, second))


def usual_pace(design: Design, video: Video) -> Pace:
    """A picture lasts a quarter longer than the network needs, so that none has to be left out for
    that; the pixel clock is as much slower than the board's as on a board, or less so where the
    screen would not show every picture then."""
    width, height = video.scaler.x.source, video.scaler.y.source
    return pace(video, max(4, math.ceil(1.25 * design.cycles / (2 * width * height))))


def pace(video: Video, period: int) -> Pace:
    """Of a camera whose clock has `period` cycles, 4 or more."""
    line, before = _lines(video.scaler)
    picture = period * line * (before + video.scaler.y.source)
    if video.screen is None:
        return Pace(period, _PIXEL_PERIOD, picture)
    fast = picture // video.screen.cycles
    return Pace(period, min(_PIXEL_PERIOD, max(1, fast)), picture)


def _lines(built: Scaler) -> tuple[int, int]:
    """Periods of the camera's clock of a line, with the pause behind it; lines of pause in front of
    a picture."""
    return 2 * built.x.source + 16, 2 + built.y.source // 4


def numbers(build: Build, video: Video | None = None) -> str:
    """The text of hearth_board_pkg for the virtual board, with what stands beside the link."""
    hardware, image = hardware_id(build), weights_image.image_bytes(build.design)
    link = border.Link(CLOCK_KHZ, DIVISOR, _PAUSE_CYCLES, hardware, image)
    more = [] if video is None else camera.numbers(video.scaler, _QUARTER, video.module)
    if video is not None and video.screen is not None:
        more += camera.screen_numbers(video.screen)
    return border.package(build.design, link, more)


def compile_board(
    build: Build, report: progress.Report = progress.silent, video: Video | None = None
) -> Path:
    """The simulator of a build's virtual board, with what stands beside the link; made once per
    RTL. Who wants the same one while it is built waits for it."""
    package = numbers(build, video)
    own = (_MAIN, *_PARTS)
    sources = (HARDWARE.joinpath(path) for path in _around(video))
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
            _verilate(folder, _sources(build, package, folder, video), _defines(build, video))
            folder.rename(done)
    return program


def _sources(build: Build, package: str, folder: Path, video: Video | None) -> list[str]:
    """Everything that Verilator reads; what belongs to the build is written into `folder`."""
    for inner in ("obj", "rtl"):
        (folder / inner).mkdir()
    own = {f"rtl/{border.PACKAGE}.sv": package, **build.rtl()}
    for path, text in own.items():
        (folder / path).write_text(text)
    hardware = plain_paths.readable(HARDWARE)
    around = (str(hardware / path) for path in _around(video))
    main = str(plain_paths.readable(_MAIN))
    return [*sorted((str(folder / path) for path in own), key=packages_first), *around, main]


def _around(video: Video | None) -> tuple[str, ...]:
    if video is None:
        return SOURCES
    return VIDEO_SOURCES if video.screen is None else SCREEN_SOURCES


def _defines(build: Build, video: Video | None) -> dict[str, int]:
    """What main.cpp, camera.h and screen.h are built with."""
    numbers = {"DIVISOR": DIVISOR}
    if video is None:
        return numbers
    line, before = _lines(video.scaler)
    return numbers | {
        "CAMERA_WIDTH": video.scaler.x.source,
        "CAMERA_HEIGHT": video.scaler.y.source,
        "CAMERA_LINE": line,
        "CAMERA_BEFORE": before,
        "CAMERA_PATIENCE": 100 * build.design.cycles,
        **({} if video.screen is None else {"SCREEN": 1}),
    }


def _verilate(folder: Path, sources: list[str], defines: Mapping[str, int]) -> None:
    tool = verilator.find()
    top = camera.CORE if "CAMERA_WIDTH" in defines else border.CORE
    top = camera.SCREEN_CORE if "SCREEN" in defines else top
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
    with _started(build, report) as film:
        yield film.port


@contextlib.contextmanager
def filming(
    build: Build,
    video: Video,
    sent: Iterable[Array],
    pace: Pace,
    report: progress.Report = progress.silent,
) -> Iterator[Film]:
    """Run a virtual board with a camera, which sends these pictures once, uint8 [lines, 2 width],
    from the start. The record is whole when `seen` has ended."""
    with _started(build, report, video, sent, pace) as film:
        yield film


def _filmed(lines: Iterable[str]) -> Iterator[Filmed]:
    """The lines of camera.h, up to its `end`. HearthError when the board ends before."""
    for line in lines:
        kind, *numbers = line.split()
        if kind == "end":
            return
        if kind == "out":
            yield Filmed(int(numbers[0]), None)
        else:
            number, first, last, *words = map(int, numbers)
            yield Filmed(number, np.array(words, np.int64), (first, last))
    raise HearthError("virtual board: it ended before its camera did")


@contextlib.contextmanager
def _started(
    build: Build,
    report: progress.Report,
    video: Video | None = None,
    sent: Iterable[Array] = (),
    pace: Pace | None = None,
) -> Iterator[Film]:
    _check_terminals()
    program = compile_board(build, report, video).resolve()
    with private.folder_beside(program.parents[3] / "run") as folder:
        (folder / "rom").mkdir()
        images = {path: text for path, text in build.content.items() if path.startswith("rom/")}
        images[f"rom/{weights_image.ID_ROM}.hex"] = weights_image.id_image(build_id(build))
        command = [str(program), *verilator.random_state(SEED)]
        if video is not None and pace is not None:
            images |= {camera.ROM: video.module.table()}
            shown = video.screen
            images |= {} if shown is None else shown.roms()
            after = 0 if shown is None else _PICTURES_AFTER * shown.cycles * pace.pixel
            command[1:1] = [str(number) for number in (pace.camera, pace.pixel, after)]
            with (folder / "camera.bin").open("wb") as file:
                file.writelines(np.ascontiguousarray(picture).tobytes() for picture in sent)
        for path, text in images.items():
            (folder / path).write_text(text)
        with _process(command, folder) as (port, lines):
            yield Film(port, _filmed(lines), folder)


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
