"""DSLX sources: legal as they stand, joined by their imports, constants set by name."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import xls as compiler

from hearth.toolchain.ir import HlsJob, Schedule
from hearth.toolchain.rtl import xls
from hearth.toolchain.support import paths

SOURCES = sorted(paths.HARDWARE.rglob("*.x"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_is_legal_as_it_stands(path: Path) -> None:
    """XLS checks a file and what it imports, with the constants of the example."""
    found = compiler.convert_dslx_to_ir(
        path.read_text(), path.name, path.stem, additional_search_paths=[str(path.parent)]
    )
    assert found.startswith(f"package {path.stem}")


def test_imports_are_found() -> None:
    folder = paths.HARDWARE / "layers" / "conv"
    found = xls.sources(folder / "walk.x")
    beside = {"nest.x", "counting.x", "ends.x", "group.x", "place.x", "pixel.x"}
    assert set(found) == {"walk.x", *beside}
    assert found["nest.x"] == (folder / "nest.x").read_text()


def test_constants_are_set_where_they_are() -> None:
    texts = {"a.x": "import b;\nconst A = u32:1;\n", "b.x": "pub const B = u8:2;  // B = u8:2;\n"}
    found = xls.set_constants(texts, {"A": 7, "B": "[u8:1, ...]"})
    assert found["a.x"] == "import b;\nconst A = u32:7;\n"
    assert found["b.x"] == "pub const B = u8:[u8:1, ...];  // B = u8:2;\n"


@pytest.mark.parametrize(("name", "count"), [("C", 0), ("A", 2)])
def test_constant_of_no_or_two_files_is_refused(name: str, count: int) -> None:
    texts = {"a.x": "const A = u32:1;\n", "b.x": "pub const A = u32:2;\n"}
    with pytest.raises(ValueError, match=f"a.x: {count} constants are named {name}"):
        xls.set_constants(texts, {name: 3})


_NUMBERS = "pub const STEP = u8:1;\n"
_COUNTER = """import numbers;
pub proc counter {
  counts: chan<u8> out;
  config(counts: chan<u8> out) { (counts,) }
  init { u8:0 }
  next(count: u8) {
    send(join(), counts, count);
    count + numbers::STEP
  }
}
"""


@pytest.fixture
def counter(tmp_path: Path) -> HlsJob:
    folder = tmp_path / "counter"
    folder.mkdir()
    (folder / "numbers.x").write_text(_NUMBERS)
    (folder / "counter.x").write_text(_COUNTER)
    return HlsJob(folder / "counter.x", {"STEP": 0x5D}, "counter_by_93")


def test_constants_reach_imported_files(counter: HlsJob) -> None:
    text = xls.compile_job(counter)
    assert "8'h5d" in text
    assert "8'h01" not in text


def test_file_in_the_working_directory_is_not_imported(
    counter: HlsJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numbers.x").write_text("pub const STEP = u8:2;\n")
    monkeypatch.chdir(tmp_path)
    assert "8'h5d" in xls.compile_job(counter)


def test_a_process_is_compiled_once_until_its_sources_change(
    counter: HlsJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across processes, which `cache_clear` stands for, and in whatever folder the sources lie."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("HEARTH_CACHE", raising=False)
    calls: list[str] = []
    real = xls._compile

    def counted(name: str, texts: dict[str, str], module: str, schedule: Schedule) -> str:
        calls.append(name)
        return real(name, texts, module, schedule)

    monkeypatch.setattr(xls, "_compile", counted)

    def again(job: HlsJob) -> str:
        xls._known.cache_clear()
        return xls.compile_job(job)

    text = again(counter)
    assert again(counter) == text
    moved = tmp_path / "elsewhere"
    shutil.copytree(counter.source.parent, moved)
    assert again(replace(counter, source=moved / "counter.x")) == text
    assert len(calls) == 1
    others = [
        replace(counter, constants={"STEP": 0x5E}),
        replace(counter, module="counter_by_94"),
        replace(counter, schedule=Schedule("sky130", 30_000)),
        replace(counter, schedule=Schedule("asap7", 20_000)),
    ]
    assert len({text, *map(again, others[:2])}) == 3
    assert [again(job) for job in others[2:]]
    numbers = counter.source.with_name("numbers.x")
    numbers.write_text("pub const STEP = u8:1 + u8:0;\npub const OTHER = u8:2;\n")
    again(counter)
    assert len(calls) == 6
    monkeypatch.setattr("importlib.metadata.version", lambda _: "another")
    again(counter)
    assert len(calls) == 7
