"""Tools that are called for the first time, by two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hearth.toolchain.targets import tools

_COMPILES_FIRST = """#!/bin/sh
# As YoWASP: the first call compiles into a cache, which must not be read meanwhile.
if [ ! -e {cache} ]; then
  echo half >{cache}
  sleep 0.3
  echo whole >{cache}
fi
[ "$(cat {cache})" = whole ] || kill -BUS $$
"""


def test_first_calls_come_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "yowasp-mill"
    program.write_text(_COMPILES_FIRST.format(cache=tmp_path / "compiled"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def called(log: str) -> int:
        return tools.run("mill", [], tmp_path, log).status

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(called, ("first", "second"))) == [0, 0]
