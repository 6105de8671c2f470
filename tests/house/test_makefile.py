"""The front door: what it refuses before it installs anything, and its lists."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hearth.toolchain.targets import registry
from tests.places import ROOT


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A copy of the Makefile alone, in an empty folder: nothing there could be built."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).touch()
    call = ["make", *arguments]
    return subprocess.run(
        call, cwd=folder, env=_outside_make(), capture_output=True, text=True, check=False
    )


def _outside_make() -> dict[str, str]:
    """The environment without what a make around these tests, as in `make test`, has put there."""
    inherited = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")
    return {name: value for name, value in os.environ.items() if name not in inherited}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "BUILD=a b"], "BUILD='a b': expected one word without spaces"),
        (["setup", "VENV="], "VENV='': expected one word without spaces"),
        (["setup", "PYTHON=python3.99"], "PYTHON=python3.99: there is no such program"),
    ],
)
def test_refused_before_anything_is_installed(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    run = _make(tmp_path, *arguments)
    assert run.returncode == 2
    assert said in run.stdout + run.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("sign", [*':$`"\\\t\n'])
def test_paths_that_break_a_python_environment_are_refused(tmp_path: Path, sign: str) -> None:
    """pip writes the path into scripts as it is, or between double quotes when it has a space."""
    run = _make(tmp_path / f"a{sign}b c", "setup")
    assert run.returncode == 2
    assert "the path holds one of" in run.stdout
    assert not (tmp_path / f"a{sign}b c" / ".venv").exists()


@pytest.mark.parametrize("name", ["a b", "it's 100% #1", "más & more; (new) [x] {y} *?!~=@,+|<>"])
def test_other_paths_are_fine(tmp_path: Path, name: str) -> None:
    run = _make(tmp_path / name, "tools")
    assert (run.returncode, run.stdout) == (0, "")


def test_an_environment_that_was_moved_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "it's here").mkdir()
    place = (tmp_path / "it's here").resolve()
    for name in ("requirements.lock", "pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, place)
    (place / ".venv").mkdir()
    for text, anew in ((f"{place}\n", False), (f"{tmp_path}/elsewhere\n", True)):
        (place / ".venv" / "ready").write_text(text)
        call = ["make", "--dry-run", "setup"]
        run = subprocess.run(
            call, cwd=place, env=_outside_make(), capture_output=True, text=True, check=True
        )
        assert ("-m venv --clear .venv" in run.stdout) is anew


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A checkout that is set up: its `hearth` is ours, its optional groups are there."""
    folder = tmp_path / "checkout"
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / "requirements").mkdir()
    program = folder / ".venv/bin/hearth"
    start = "from hearth.toolchain.cli.entry import main; main()"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{start}' \"$@\"\n")
    program.chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    locks = list((ROOT / "requirements").glob("*.lock"))
    for lock in locks:
        shutil.copy(lock, folder / "requirements")
    (folder / ".venv/ready").write_text(f"{folder.resolve()}\n")
    for lock in locks:
        (folder / f".venv/{lock.stem}-ready").touch()
    return folder


def _board_tools(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = ["make", "board-tools", *arguments]
    return subprocess.run(
        call, cwd=folder, env=_outside_make(), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("board", registry.boards())
def test_a_board_is_asked_for_its_packages(ready: Path, board: str) -> None:
    """Those that are missing would be installed; here pip is missing, so that it is seen."""
    target, _ = registry.find(board)
    assert _board_tools(ready, f"BOARD={board}").returncode == 0
    (ready / f".venv/{target.group}-ready").unlink()
    run = _board_tools(ready, f"BOARD={board}")
    assert run.returncode == 2
    assert f"-r requirements/{target.group}.lock" in run.stderr


def test_a_wrong_board_is_one_sentence(ready: Path) -> None:
    run = _board_tools(ready, "BOARD=ulx4")
    assert run.returncode == 2
    said = [line for line in run.stderr.splitlines() if not line.startswith(("make", "find"))]
    known = ", ".join(registry.boards())
    assert said == [f"hearth: --board: no board is called 'ulx4'; known are {known}"]


def test_the_makefile_has_no_list_of_boards() -> None:
    text = (ROOT / "Makefile").read_text()
    assert [name for name in registry.boards() if name in text] == [registry.DEFAULT]
