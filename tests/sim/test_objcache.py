"""The cache of compiled objects: never wrong, never in the way. The compiler is a script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hearth.sim import objcache

COMPILER = """\
#!/bin/sh
[ "$1" = --version ] && { echo "compiler 1"; exit 0; }
echo called >>calls
[ -f fail ] && exit 3
while [ "$1" != -o ]; do shift; done
printf 'object of %s' "$(cat "$3")" >"$2"
"""


class Cache:
    """A folder with a source and a compiler, and the cache's folder beside them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "g++").write_text(COMPILER)
        (path / "g++").chmod(0o755)
        (path / "verilated.cpp").write_text("source")

    def __call__(self) -> int:
        """Compile once; the compiler's status."""
        (self.path / "verilated.o").unlink(missing_ok=True)
        command = ["./g++", "-c", "-o", "verilated.o", "verilated.cpp"]
        return subprocess.run(
            [sys.executable, objcache.__file__, *command],
            cwd=self.path,
            env={"HEARTH_OBJECTS": "store", "PATH": "/usr/bin:/bin"},
            check=False,
        ).returncode

    @property
    def calls(self) -> int:
        calls = self.path / "calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    @property
    def right(self) -> bool:
        return (self.path / "verilated.o").read_text() == "object of source"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def test_an_object_is_compiled_once(cache: Cache) -> None:
    for _ in range(3):
        assert cache() == 0
        assert cache.right
    assert cache.calls == 1
    (cache.path / "verilated.cpp").write_text("other source")
    assert cache() == 0
    assert (cache.path / "verilated.o").read_text() == "object of other source"


@pytest.mark.parametrize("keep", [0, 1, 31, 32, 33, -1])
def test_a_damaged_object_is_healed(cache: Cache, keep: int) -> None:
    assert cache() == 0
    (kept,) = (cache.path / "store").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:keep])
    assert cache() == 0
    assert cache.right
    assert cache.calls == 2
    assert kept.read_bytes() == whole
    kept.write_bytes(whole[:-1] + b"?")
    assert cache() == 0
    assert cache.right
    assert kept.read_bytes() == whole


def test_a_cache_that_takes_nothing_costs_time_only(cache: Cache) -> None:
    (cache.path / "store").write_text("no folder")
    for _ in range(2):
        assert cache() == 0
        assert cache.right
    assert cache.calls == 2


def test_a_failed_compilation_is_not_kept(cache: Cache) -> None:
    (cache.path / "fail").write_text("")
    assert cache() == 3
    assert not (cache.path / "store").exists()
    (cache.path / "fail").unlink()
    assert cache() == 0
    assert cache.right


def test_many_at_once(cache: Cache) -> None:
    command = [sys.executable, objcache.__file__, "./g++", "-c", "-o"]
    environment = {"HEARTH_OBJECTS": "store", "PATH": "/usr/bin:/bin"}
    (cache.path / "store").mkdir()
    running = [
        subprocess.Popen([*command, f"{i}.o", "verilated.cpp"], cwd=cache.path, env=environment)
        for i in range(6)
    ]
    assert [process.wait() for process in running] == [0] * 6
    assert all((cache.path / f"{i}.o").read_text() == "object of source" for i in range(6))
    assert not list((cache.path / "store").glob("*.partial"))
