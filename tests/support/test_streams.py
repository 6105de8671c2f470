"""Output that cannot be written, and terminals that lack letters: a sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hearth.toolchain.support import streams

MAIN = "from hearth.toolchain.cli.main import main; main()"


def hearth(output: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    with output.open("w") as stream:
        result = subprocess.run(
            [sys.executable, "-c", MAIN, *arguments],
            stdout=stream,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
            check=False,
        )
    return result.returncode, result.stderr.decode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_the_output() -> None:
    assert hearth(Path("/dev/full"), "--help") == (
        2,
        "hearth: the output: cannot be written: No space left on device\n",
    )


def test_letters_that_the_terminal_lacks(tmp_path: Path) -> None:
    status, told = hearth(tmp_path / "out", "run", "bäume", "猫.png", PYTHONIOENCODING="ascii")
    assert status == 2
    assert told.startswith(r"hearth: b\xe4ume: not a Hearth build folder")


def test_what_the_system_refuses_is_named(tmp_path: Path) -> None:
    """Paths that are not looked at first: a folder that may not be entered, a name too long."""
    name = "b" * 300
    for arguments in (
        ("compile", "m.onnx", "-o", name),
        ("compile", f"{name}/m.onnx", "-o", str(tmp_path / "x")),
    ):
        status, told = hearth(tmp_path / "out", *arguments)
        assert status == 2
        assert told.splitlines()[-1].startswith("hearth: bbb")
        assert told.endswith(": File name too long\n")


def test_other_errors_stay_errors() -> None:
    with pytest.raises(PermissionError):
        streams.refused(PermissionError(1, "no"))
