"""The front door: what it refuses before it installs anything, and its lists."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from toolchain.bitstream import boards

ROOT = Path(__file__).parent.parent


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A copy of the Makefile alone, in an empty folder: nothing there could be built."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).touch()
    call = ["make", *arguments]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bitstream", "BOARD=ulx4"], "BOARD=ulx4: no board is called that; known are ulx3s-85f "),
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


def test_a_colon_in_the_path_is_refused(tmp_path: Path) -> None:
    run = _make(tmp_path / "a:b", "setup")
    assert run.returncode == 2
    assert "the path holds a colon" in run.stdout
    assert not (tmp_path / "a:b" / ".venv").exists()


def test_the_makefile_knows_the_boards_of_nextpnr() -> None:
    named = re.search(r"^ECP5_BOARDS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert named is not None
    assert named[1].split() == list(boards.BOARDS)
