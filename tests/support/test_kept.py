"""What is kept under a hash: found again, never wrong, bounded, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hearth.toolchain.support.kept import Kept


class Maker:
    """Makes a text and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return "a ☃ text" * 10


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what is kept under the name 'texts'."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("HEARTH_CACHE", raising=False)
    return tmp_path / "hearth" / "texts"


def test_made_once(cache: Path) -> None:
    make = Maker()
    assert {Kept("texts", 1 << 20).get(("a", "b"), make) for _ in range(3)} == {"a ☃ text" * 10}
    assert make.calls == 1
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("other", [("a", "c"), ("ab",), ("a", "b", ""), ("", "ab"), ("b", "a")])
def test_every_part_counts(other: tuple[str, ...], cache: Path) -> None:
    make = Maker()
    for parts in (("a", "b"), other):
        Kept("texts", 1 << 20).get(parts, make)
    assert make.calls == 2


@pytest.mark.parametrize("keep", [0, 1, 31, 32, 33, -1])
def test_a_damaged_entry_is_healed(keep: int, cache: Path) -> None:
    kept, make = Kept("texts", 1 << 20), Maker()
    text = kept.get(("a",), make)
    (entry,) = cache.iterdir()
    whole = entry.read_bytes()
    for damaged in (whole[:keep], whole[:-1] + b"?", b"?" + whole[1:]):
        entry.write_bytes(damaged)
        assert kept.get(("a",), make) == text
        assert entry.read_bytes() == whole
    assert make.calls == 4


def test_an_entry_under_another_name_is_not_used(cache: Path) -> None:
    kept = Kept("texts", 1 << 20)
    kept.get(("a",), lambda: "of a")
    (entry,) = cache.iterdir()
    kept.get(("b",), lambda: "of b")
    (other,) = set(cache.iterdir()) - {entry}
    other.write_bytes(entry.read_bytes())
    assert kept.get(("b",), lambda: "of b again") == "of b again"


def test_those_nobody_asks_for_go_first(cache: Path) -> None:
    """Room for three of 100 bytes and their seals: the first is asked for, so the second goes."""
    kept = Kept("texts", 400)
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name * 100

    def get(name: str) -> None:
        kept.get((name,), lambda: make(name))
        for age, path in enumerate(sorted(cache.iterdir(), key=lambda path: path.stat().st_mtime)):
            os.utime(path, (age, age))  # however coarse the file system's clock is

    for name in "abcada":
        get(name)
    assert made == list("abcd")
    get("b")
    assert made == list("abcdb")
    assert sum(path.stat().st_size for path in cache.iterdir()) <= 400


def test_off(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker()
    monkeypatch.setenv("HEARTH_CACHE", "off")
    for _ in range(2):
        Kept("texts", 1 << 20).get(("a",), make)
    assert make.calls == 2
    assert not cache.exists()


def test_a_disk_that_takes_nothing_costs_time_only(cache: Path) -> None:
    cache.parent.mkdir()
    cache.write_text("no folder")
    make = Maker()
    assert {Kept("texts", 1 << 20).get(("a",), make) for _ in range(2)} == {"a ☃ text" * 10}
    assert make.calls == 2


def test_many_at_once(cache: Path) -> None:
    """Processes that keep the same texts, in less room than these need."""
    program = (
        "from hearth.toolchain.support.kept import Kept\n"
        "for i in range(60):\n"
        "    name = str(i % 5)\n"
        "    assert Kept('texts', 300).get((name,), lambda: name * 100) == name * 100\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait() for process in running] == [0] * 3
    assert sum(path.stat().st_size for path in cache.iterdir()) <= 300
