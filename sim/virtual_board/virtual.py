"""Builds and runs the virtual board: a process whose pseudo-terminal stands for the serial port.

The same RTL as on the board, but for PLL and pins (hw/boards/serial/hearth_board.sv), with the
UART at its fastest: four cycles a bit. Weights are read when it starts: new ones need no build.
They can be changed while it runs, as on a board whose bitstream was made with --live.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from hearth.sim import plain_paths, verilator
from hearth.sim.build import failure
from hearth.sim.run import workplace
from hearth.toolchain.ir import Design
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.support import private, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.serial import border

DIVISOR = 4
CLOCK_KHZ = 75_000
SEED = 1  # of the state that the board starts in
_PAUSE_CYCLES = 100_000
_SECONDS = 60.0
_CYCLES_PER_SECOND = 10_000
"""Of a large network on a machine that does other work too: for patience, not for figures."""
_MAIN = Path(__file__).with_name("main.cpp")


SOURCES = (*border.LINK, border.BOARD)
"""Files of hw around the network: link and board."""


def answer_seconds(design: Design) -> float:
    """How long an answer may take: two frames on the line, the one in front computed, and its own
    way through the network."""
    source = design.qgraph.input
    line = 2 * source.pixels * source.channels * 10 * DIVISOR
    return _SECONDS + (line + 3 * design.cycles) / _CYCLES_PER_SECOND


def numbers(build: Build) -> str:
    """The text of hearth_board_pkg for the virtual board."""
    hardware, image = hardware_id(build), weights_image.image_bytes(build.design)
    link = border.Link(CLOCK_KHZ, DIVISOR, _PAUSE_CYCLES, hardware, image)
    return border.package(build.design, link)


def compile_board(build: Build, report: progress.Report = progress.silent) -> Path:
    """The simulator of a build's virtual board; made once per RTL. Who wants the same one while it
    is built waits for it."""
    package = numbers(build)
    parts = [package, _MAIN.read_text(), *(HARDWARE.joinpath(p).read_text() for p in SOURCES)]
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
            _verilate(folder, _sources(build, package, folder))
            folder.rename(done)
    return program


def _sources(build: Build, package: str, folder: Path) -> list[str]:
    """Everything that Verilator reads; what belongs to the build is written into `folder`."""
    for inner in ("obj", "rtl"):
        (folder / inner).mkdir()
    own = {f"rtl/{border.PACKAGE}.sv": package, **build.rtl()}
    for path, text in own.items():
        (folder / path).write_text(text)
    hardware = plain_paths.readable(HARDWARE)
    around = (str(hardware / path) for path in SOURCES)
    main = str(plain_paths.readable(_MAIN))
    return [*sorted((str(folder / path) for path in own), key=packages_first), *around, main]


def _verilate(folder: Path, sources: list[str]) -> None:
    tool = verilator.find()
    flags = [flag for flag in verilator.FLAGS if flag not in ("-DHEARTH_SIM", "--no-timing")]
    with verilator.environment(tool):
        command = [
            *(str(tool.program), "--cc", "--exe", "--build", "--no-timing"),
            *(*flags, "-Wno-fatal", "-Wno-lint", "-DHEARTH_OBSERVED", "-DHEARTH_LIVE"),
            *("-CFLAGS", f"-DHEARTH_DIVISOR={DIVISOR}", "--Mdir", "obj"),
            *("--top-module", border.CORE, "-o", "virtual_board", *sources),
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
    _check_terminals()
    program = compile_board(build, report).resolve()
    with private.folder_beside(program.parents[3] / "run") as folder:
        (folder / "rom").mkdir()
        images = {path: text for path, text in build.content.items() if path.startswith("rom/")}
        images[f"rom/{weights_image.ID_ROM}.hex"] = weights_image.id_image(build_id(build))
        for path, text in images.items():
            (folder / path).write_text(text)
        with _process([str(program), *verilator.random_state(SEED)], folder) as port:
            yield port


@contextlib.contextmanager
def _process(command: list[str], folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise HearthError("virtual board: no pseudo-terminal could be opened")
        yield port
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
