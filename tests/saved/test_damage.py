"""Damaged build folders: one sentence that names the file, or no difference at all.

Damage is drawn with fixed seeds. A forged folder, whose checksums were made anew, must not end in
another exception either.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.toolchain.cli import tables as report
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.mapping.figures import design_figures
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import seal
from hearth.toolchain.support.errors import HearthError
from tests.cli.test_cli import Folder, hearth
from tests.nets.every_kind import every_kind

__all__ = ["hearth"]  # a fixture
DESIGN, FRAMES = every_kind()
ONE = FRAMES[:1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undamaged build, with what other commands leave in it."""
    path = tmp_path_factory.mktemp("damage") / "x"
    figures = design_figures(DESIGN, 10_000)
    facts = {"calibration_images": 3, "calibration_source": "photos", "activation_range": "max"}
    figures["notes"] = {**figures["notes"], **facts, "snr_db": {"conv1": 40.5}}
    build_folder.write(path, DESIGN, b"model", emit(DESIGN), figures)
    (path / "sim").mkdir()
    (path / "board").mkdir()
    (path / "board" / "hearth.bit").write_bytes(b"\0")
    (path / "resources.json").write_text("{")
    return path


def files_of(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file() and p.parent.name != "board")


def used(path: Path) -> Array:
    """Everything that commands do with a build, short of tools; the results of one frame."""
    build = build_folder.load(path)
    report.whole(build.figures, path)
    assert build.design.kernels
    return golden.outputs(build.qgraph, ONE)


def cut(path: Path, rng: np.random.Generator) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(rng.integers(0, len(data)))])


def flip(path: Path, rng: np.random.Generator) -> None:
    data = bytearray(path.read_bytes())
    data[int(rng.integers(0, len(data)))] ^= 1 << int(rng.integers(0, 8))
    path.write_bytes(data)


def delete(path: Path, rng: np.random.Generator) -> None:
    path.unlink()


def grow(path: Path, rng: np.random.Generator) -> None:
    with path.open("ab") as stream:
        stream.write(rng.bytes(int(rng.integers(1, 9))))


def swap(path: Path, rng: np.random.Generator) -> None:
    if path.name == "resources.json":
        return
    other = path.with_name("swapped")
    beside = sorted(p for p in path.parent.iterdir() if p.is_file() and p != path)
    beside = [p for p in beside if p.name != "resources.json"]
    chosen = beside[int(rng.integers(0, len(beside)))]
    path.rename(other)
    chosen.rename(path)
    other.rename(chosen)


def blank(path: Path, rng: np.random.Generator) -> None:
    path.write_bytes(b"")


def nest(path: Path, rng: np.random.Generator) -> None:
    path.write_bytes(b"[" * 100_000)


def infinite(path: Path, rng: np.random.Generator) -> None:
    path.write_text('{"version": 2, "figures": {"x": Infinity}, "files": NaN}')


def pipe(path: Path, rng: np.random.Generator) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path, rng: np.random.Generator) -> None:
    path.unlink()
    path.mkdir()


def endless(path: Path, rng: np.random.Generator) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def sparse(path: Path, rng: np.random.Generator) -> None:
    os.truncate(path, 1 << 42)


def loop(path: Path, rng: np.random.Generator) -> None:
    path.unlink()
    path.symlink_to(path)


DAMAGES = (
    cut,
    flip,
    delete,
    grow,
    swap,
    blank,
    nest,
    infinite,
    pipe,
    folder,
    endless,
    sparse,
    loop,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_damage_is_one_sentence(
    damage: Callable[[Path, np.random.Generator], None], whole: Path, tmp_path: Path
) -> None:
    """Every file of a build, damaged in one way."""
    rng = np.random.default_rng(11)
    for number, path in enumerate(files_of(whole)):
        copy = tmp_path / str(number)
        shutil.copytree(whole, copy)
        target = copy / path.relative_to(whole)
        damage(target, rng)
        if path.name == "resources.json":
            assert (used(copy) == used(whole)).all()
        else:
            with pytest.raises(HearthError) as told:
                used(copy)
            assert str(copy) in str(told.value)
            assert "compile" in str(told.value)
        shutil.rmtree(copy)


def test_the_damaged_file_is_named(whole: Path, tmp_path: Path) -> None:
    for name in ("network.qgraph", "design.json", "model.onnx", "rtl/hearth_fifo.sv"):
        copy = tmp_path / name.replace("/", " ")
        shutil.copytree(whole, copy)
        flip(copy / name, np.random.default_rng(5))
        with pytest.raises(HearthError, match=rf"{name}: damaged \(.*; compile the model again$"):
            build_folder.load(copy)
        (copy / name).unlink()
        with pytest.raises(HearthError, match=rf"{name}: missing from this build; compile"):
            build_folder.load(copy)


def test_a_file_too_many(whole: Path, tmp_path: Path) -> None:
    copy = tmp_path / "x"
    shutil.copytree(whole, copy)
    (copy / "notes.txt").write_text("mine")
    assert (used(copy) == used(whole)).all()
    for name in ("rtl/extra.sv", "rom/extra.hex", "rtl/.hidden"):
        (copy / name).write_text("")
        with pytest.raises(HearthError, match=rf"{name}: does not belong to .*remove it"):
            build_folder.load(copy)
        (copy / name).unlink()
    assert (used(copy) == used(whole)).all()


def test_an_older_build_is_not_called_damaged(whole: Path, tmp_path: Path) -> None:
    copy = tmp_path / "x"
    shutil.copytree(whole, copy)
    (copy / "hearth.json").write_text('{"version": 1, "figures": {}}')
    with pytest.raises(HearthError, match="x: written by another version of Hearth; compile"):
        build_folder.load(copy)


# ------------------------------------------------------------------------------------ forgery

VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 7, 1 << 20, 1 << 33, 1 << 70, 0.5, -1e300, "", "conv1", "\n\x1b[31m"),
    *([], {}, [1, 2, 3, 4], {"edge": {}}, {"array": "header.json"}, {"tuple": [-9, 0, 0, 1 << 40]}),
)
TYPES = ("<i8", "<f4", "<u2", "|b1", "<c8", "|S3", ">i4", "<f2")


def forge(value: Any, rng: np.random.Generator) -> Any:
    """The value with one random part of it replaced, removed or doubled."""
    if isinstance(value, dict) and value and rng.random() < 0.95:
        key = sorted(value)[int(rng.integers(0, len(value)))]
        if rng.random() < 0.1:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: forge(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.95:
        index = int(rng.integers(0, len(value)))
        if rng.random() < 0.1:
            return value[:index] + value[index + int(rng.integers(0, 2)) * 2 - 1 :]
        return [*value[:index], forge(value[index], rng), *value[index + 1 :]]
    return VALUES[int(rng.integers(0, len(VALUES)))]


def forged_array(data: bytes, rng: np.random.Generator) -> bytes:
    """The array with another type or shape, or wrong values; or no array."""
    array = np.load(io.BytesIO(data))
    way = int(rng.integers(0, 5))
    if way == 0:
        array = array.astype(TYPES[int(rng.integers(0, len(TYPES)))])
    elif way == 1:
        array = array.reshape(-1)[: int(rng.integers(0, array.size + 1))]
    elif way == 2:
        array = array[None]
    elif way == 3 and array.size:
        info = np.iinfo(array.dtype)
        array = rng.integers(info.min, info.max, array.shape, dtype=array.dtype)
    stream = io.BytesIO()
    np.save(stream, array)
    content = stream.getvalue()
    return content.replace(b"(", b"(999999999999,", 1) if way == 4 else content


def forged_network(data: bytes, rng: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        names = old.namelist()
        chosen = names[int(rng.integers(0, len(names)))] if rng.random() < 0.5 else "header.json"
        for name in names:
            content = old.read(name)
            if name == chosen and name == "header.json":
                content = json.dumps(forge(json.loads(content), rng)).encode()
            elif name == chosen:
                content = forged_array(content, rng)
            new.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("part", ["network.qgraph", "design.json", "figures"])
def test_a_forged_build_is_one_sentence_or_a_build(part: str, whole: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(23)
    copy = tmp_path / "x"
    shutil.copytree(whole, copy)
    record = seal.read(whole / "hearth.json")
    data = b"" if part == "figures" else (whole / part).read_bytes()
    refused = 0
    for _ in range(120):
        facts = {"version": record["version"], "figures": record["figures"]}
        content = {name: (whole / name).read_bytes() for name in record["files"]}
        if part == "network.qgraph":
            content[part] = forged_network(data, rng)
        elif part == "design.json":
            content[part] = json.dumps(forge(json.loads(data), rng)).encode()
        else:
            facts["figures"] = forge(facts["figures"], rng)
        if part != "figures":
            (copy / part).write_bytes(content[part])
        (copy / "hearth.json").write_text(seal.sealed(content, facts))
        try:
            used(copy)
        except HearthError:
            refused += 1
    assert refused > 30


def test_the_record_names_every_file(whole: Path) -> None:
    record = seal.read(whole / "hearth.json")["files"]
    inside = {str(path.relative_to(whole)) for path in files_of(whole)}
    assert inside - {"hearth.json", "resources.json"} == set(record)
    digest = hashlib.sha256((whole / "rtl/hearth_fifo.sv").read_bytes()).hexdigest()
    assert record["rtl/hearth_fifo.sv"]["sha256"] == digest


def test_every_command_tells_the_same(hearth: Folder) -> None:
    hearth.compiled()
    flip(hearth.path / "x" / "rtl" / "hearth_net.sv", np.random.default_rng(2))
    for command in (
        ("run", "x", "photos"),
        ("sim", "x", "photos"),
        ("eval", "x", "--labels", "labels.csv"),
        ("report", "x"),
        ("export-hls", "x", "-o", "hls"),
        ("bitstream", "x"),
        ("program", "x"),
        ("compare", "x", "photos", "--port", "virtual"),
        ("update", "x", "--port", "virtual"),
        ("compile", "net.onnx", "--calibration", "photos", "-o", "y", "--like", "x"),
    ):
        assert hearth.refused(*command).startswith("x/rtl/hearth_net.sv: damaged ("), command
