"""The picture of a design: whole, harmless whatever names it holds, and what the design says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from hearth.toolchain.cli import tables
from hearth.toolchain.drawing import dataflow
from hearth.toolchain.ir import Design, Fold, Layer
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import seal
from tests.nets.every_kind import every_kind

DESIGN, _ = every_kind()
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</text><script>alert(1)</script>",
    '"><image href="http://example.org/x"/>',
    "&amp;&lt;]]><!--",
    "a\0b\x1b[31m\ud800\ufffe\u202e",
    "n" * 100_000,
]


def _kernels(picture: str) -> list[ET.Element]:
    groups = ET.fromstring(picture).iter(f"{SVG}g")
    return [group for group in groups if "kernel" in group.get("class", "").split()]


def _texts(element: ET.Element) -> str:
    return " ".join(text.text or "" for text in element.iter(f"{SVG}text"))


def _named(name: str) -> Design:
    """The design with every name replaced."""
    layer: Layer
    stages = []
    for stage in DESIGN.stages:
        layer = replace(stage.layer, name=name)  # type: ignore[type-var]
        stages.append(replace(stage, layer=layer))
    qgraph = replace(DESIGN.qgraph, name=name, layers=tuple(stage.layer for stage in stages))
    return Design(qgraph, tuple(stages))


def test_every_kernel_and_edge_is_told() -> None:
    picture = dataflow.svg(DESIGN)
    kernels = _kernels(picture)
    assert len(kernels) == len(DESIGN.stages)
    for element, stage in zip(kernels, DESIGN.stages, strict=True):
        text = _texts(element)
        assert stage.layer.name in text
        assert stage.layer.kind in text
        assert f"{stage.cycles:,} cycles" in text
        if stage.lanes:
            assert f"PE {stage.fold.pe} x SIMD {stage.fold.simd} = {stage.lanes} lanes" in text
        rom = sum(rom.bits for rom in stage.roms)
        assert (f"ROM {rom / 8192:,.1f} KiB" if rom else "no ROM") in text
    for edge in DESIGN.qgraph.edges:
        assert f"{edge.height} x {edge.width} x {edge.channels}, " in picture
    assert dataflow.svg(DESIGN) == picture


def test_bars_are_shares_of_the_bottleneck() -> None:
    slowest = max(stage.cycles for stage in DESIGN.stages)
    full = 0
    for element, stage in zip(_kernels(dataflow.svg(DESIGN)), DESIGN.stages, strict=True):
        bars = {r.get("class"): int(r.get("width", "")) for r in element.iter(f"{SVG}rect")}
        assert abs(bars["bar"] - bars["room"] * stage.cycles / slowest) <= 1
        marked = stage.cycles == slowest
        assert ("slow" in element.get("class", "").split()) == marked
        assert ("bottleneck" in _texts(element)) == marked
        full += bars["bar"] == bars["room"]
    assert full


def test_a_stream_can_be_the_bottleneck() -> None:
    """A map that takes more beats than the kernel behind it takes cycles."""
    wide = Fold(14, 3, 1)
    stage = replace(DESIGN.stages[1], in_beat=1, fold=wide)
    design = Design(replace(DESIGN.qgraph, layers=(stage.layer,)), (stage,))
    assert stage.cycles < design.cycles
    groups = ET.fromstring(dataflow.svg(design)).iter(f"{SVG}g")
    marked = [g for g in groups if "slow" in g.get("class", "").split()]
    source = stage.layer.source
    shape = f"{source.height} x {source.width} x {source.channels}, "
    assert [shape in _texts(group) for group in marked] == [True]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_data(name: str) -> None:
    picture = dataflow.svg(_named(name))
    plain = ET.fromstring(dataflow.svg(DESIGN))
    root = ET.fromstring(picture.encode("utf-8"))
    assert [e.tag for e in root.iter()] == [e.tag for e in plain.iter()]
    longest = max(len(text.text or "") for text in root.iter(f"{SVG}text"))
    assert longest < 200
    assert "\x1b" not in picture
    assert "\u202e" not in picture


def test_a_build_folder_holds_it_and_the_report_says_where(tmp_path: Path) -> None:
    path = tmp_path / "x"
    build_folder.write(path, DESIGN, b"model", {}, {})
    picture = path / build_folder.PICTURE
    assert picture.read_text() == dataflow.svg(DESIGN)
    assert str(picture) in " ".join(tables.picture(path))
    assert build_folder.load(path).content == {}  # nothing that hardware is made of, or told by
    picture.unlink()
    assert tables.picture(path) == []


def test_a_build_of_an_earlier_version_is_accepted(tmp_path: Path) -> None:
    """One whose record names no picture."""
    path = tmp_path / "x"
    build_folder.write(path, DESIGN, b"model", {}, {})
    record = seal.read(path / build_folder.MARKER)
    old = {name: (path / name).read_bytes() for name in record["files"]}
    (path / build_folder.PICTURE).unlink()
    del old[build_folder.PICTURE]
    facts = {key: value for key, value in record.items() if key != "files"}
    (path / build_folder.MARKER).write_text(seal.sealed(old, facts))
    assert build_folder.load(path).design.cycles == DESIGN.cycles
