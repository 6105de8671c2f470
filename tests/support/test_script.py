"""Programs run by `python -m`: a mistake is one line and exit status 2, as of the command."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from hearth.toolchain.support import script

needs_pins = pytest.mark.skipif(
    importlib.util.find_spec("amaranth_boards") is None,
    reason="amaranth-boards is not installed: make setup-ecp5",
)


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("hearth.sim.bench", ["/nowhere", "/nowhere"]),
        ("hearth.sim.lint", ["/nowhere"]),
        ("hearth.toolchain.studies.resources", ["/nowhere"]),
        pytest.param("hearth.toolchain.studies.boards", ["/nowhere"], marks=needs_pins),
    ],
)
def test_a_build_that_is_none(module: str, arguments: list[str]) -> None:
    command = [sys.executable, "-m", module, *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 2, found.stderr
    (line,) = found.stderr.splitlines()
    assert line.startswith("/nowhere: not a Hearth build folder")


def test_the_status_is_what_the_program_returns() -> None:
    with pytest.raises(SystemExit) as caught:
        script.run(lambda: 7)
    assert caught.value.code == 7


def test_an_interrupted_program() -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        script.run(interrupted)
    assert caught.value.code == script.INTERRUPTED
