"""Builds and runs the virtual board: a process whose pseudo-terminal stands for the serial port.

The same RTL as on the board, but for PLL and pins (toolchain/bitstream/top.py, hearth_board), with
the UART at its fastest: four cycles a bit. Weights are read when it starts: new ones need no build.
They can be changed while it runs, as on a board whose bitstream was made with --live.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sim import plain_paths, verilator
from toolchain import progress
from toolchain.bitstream import flow, top, update
from toolchain.bitstream.identity import build_id, hardware_id
from toolchain.build_folder import Build
from toolchain.errors import HearthError
from toolchain.hls import HARDWARE

DIVISOR = 4
CLOCK_KHZ = 75_000
SEED = 1  # of the state that the board starts in
_PAUSE_CYCLES = 100_000
_MAIN = Path(__file__).with_name("main.cpp")


def board_top(build: Build) -> str:
    """The text of hearth_board for the virtual board."""
    hardware, image = hardware_id(build), update.image_bytes(build.design)
    return top.core(build.design, top.Link(CLOCK_KHZ, DIVISOR, _PAUSE_CYCLES, hardware, image))


def compile_board(build: Build, report: progress.Report = progress.silent) -> Path:
    """The simulator of a build's virtual board; made once per RTL."""
    core = board_top(build)
    parts = [core, _MAIN.read_text(), *(HARDWARE.joinpath(p).read_text() for p in flow.LINK)]
    key = hashlib.sha256("".join(parts).encode()).hexdigest()[:16]
    folder = plain_paths.writable(build.path / "sim" / "board") / key
    program = folder / "obj" / "virtual_board"
    if program.is_file():
        return program
    report("virtual board: compile", 0, 0)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "obj").mkdir(parents=True)
    (folder / "hearth_board.sv").write_text(core)
    hardware = plain_paths.readable(HARDWARE)
    rtl = plain_paths.readable(build.path.resolve() / "rtl")
    link = (str(hardware / path) for path in flow.LINK)  # the package first
    network = sorted(str(path) for path in rtl.iterdir())
    main = str(plain_paths.readable(_MAIN))
    sources = [*link, *network, str(folder / "hearth_board.sv"), main]
    _verilate(folder, sources)
    return program


def _verilate(folder: Path, sources: list[str]) -> None:
    tool = verilator.find()
    flags = [flag for flag in verilator.FLAGS if flag not in ("-DHEARTH_SIM", "--no-timing")]
    with verilator.environment(tool):
        command = [
            *(str(tool.program), "--cc", "--exe", "--build", "--no-timing"),
            *(*flags, "-Wno-fatal", "-Wno-lint", "-DHEARTH_OBSERVED", "-DHEARTH_LIVE"),
            *("-CFLAGS", f"-DHEARTH_DIVISOR={DIVISOR}", "--Mdir", "obj"),
            *("--top-module", "hearth_board", "-o", "virtual_board", *sources),
        ]
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, env=os.environ, check=False
        )
    if result.returncode:
        (folder / "build.log").write_text(result.stdout + result.stderr)
        raise HearthError(f"virtual board: Verilator refused it, see {folder / 'build.log'}")


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
    folder = program.parent.parent
    shutil.copytree(build.path / "rom", folder / "rom", dirs_exist_ok=True)
    (folder / "rom" / f"{top.ID_ROM}.hex").write_text(top.id_image(build_id(build)))
    process = subprocess.Popen(
        [program, *verilator.random_state(SEED)],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
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
