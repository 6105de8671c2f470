"""The report page: all that is known of a build, in one file, harmless whatever names it holds."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from hearth.toolchain.evaluate import record as evaluations
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.page import report
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.serial import places
from hearth.toolchain.targets.serial.placed import MAP
from hearth.toolchain.targets.target import folder_of
from tests.cli.test_cli import Folder, hearth
from tests.nets import graphs, tiny
from tests.page import pages

__all__ = ["hearth"]
HOSTILE = [
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</style></title></svg><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "a\0b\x1b[31m\u202e&amp;",
    "javascript:alert(1)",
    "n" * 5_000,
]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return pages.made(tmp_path / "build", pages.named(tiny.design(), "layer"))


def test_one_file_that_fetches_nothing(build: Build, tmp_path: Path) -> None:
    pages.simulated(build)
    pages.evaluated(build)
    page = pages.read(pages.written(build, tmp_path / "x.html"))
    assert not page.all("link")
    assert [attributes.get("src") for attributes in page.all("script")] == [None]
    images = page.all("img")
    assert len(images) == 3
    assert all(image["src"].startswith("data:image/jpeg;base64,") for image in images)
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none';")
    assert "url(" not in (tmp_path / "x.html").read_text()


def test_its_shape_is_what_readers_need(build: Build, tmp_path: Path) -> None:
    page = pages.read(pages.written(build, tmp_path / "x.html"))
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert set(inner) <= set(ids)
    kernels = [f"kernel-{index}" for index in range(len(build.design.stages))]
    assert [name for name in inner if name.startswith("kernel-")] == kernels * 2  # wide and narrow
    assert {name for name in ids if name.startswith("kernel-")} == set(kernels)


def test_links_lead_to_the_build(build: Build, tmp_path: Path) -> None:
    """From wherever the page lies, whatever characters the path holds."""
    folder = tmp_path / "a #b?&<c>"
    folder.mkdir()
    page = pages.read(pages.written(build, folder / "x.html"))
    files = [a["href"] for a in page.all("a") if not a["href"].startswith("#")]
    found = {(folder / unquote(href)).resolve() for href in files}
    assert all(path.is_file() for path in found)
    modules = {build.path / "rtl" / f"{stage.module}.sv" for stage in build.design.stages}
    assert {path.resolve() for path in modules} <= found


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_data(name: str, tmp_path: Path) -> None:
    """The same elements, attributes and policy as with plain names; nothing of a name is markup."""
    shapes = []
    for number, word in enumerate(("layer", name)):
        build = pages.made(tmp_path / f"build{number}", pages.named(tiny.design(), word))
        pages.simulated(build, word)
        pages.evaluated(build, word)
        text = pages.written(build, tmp_path / f"{number}.html")
        page = pages.read(text)
        shapes.append([(tag, sorted(attributes)) for tag, attributes in page.elements])
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\0" not in text
    assert shapes[0] == shapes[1]
    assert len(text) < 200_000


def test_what_is_measured_and_what_is_not(build: Build, tmp_path: Path) -> None:
    file = tmp_path / "x.html"
    before = pages.read(pages.written(build, file)).text
    assert "has not been simulated" in before
    assert f"{build.design.cycles:,} (model)" in before
    assert "Not evaluated" in before
    assert "hearth sim" in before
    assert "hearth eval" in before
    pages.simulated(build)
    pages.evaluated(build)
    after = pages.read(pages.written(build, file)).text
    assert "4,321 (simulated)" in after
    assert "62.5 % busy, 25.0 % starved (no input), 12.5 % blocked (no room)" in after
    assert "3 frames, every beat of 0 edges equal, 20 % of cycles withheld" in after
    assert re.search(r"layer2 wrong : shows layer3 2\.png", after)
    assert after.count(" right ") == 2
    assert "70.00 %, 100.00 %" in after
    assert "shown layer0 layer1 layer2 layer0 4 3 layer1 layer2 3" in after
    assert "31.5 dB" in after
    assert "Not evaluated" not in after


def test_classes_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """As ImageNet's two cranes: one taken for the other is a mistake."""
    design = tiny.design()
    cranes = ("crane, bird", "crane", "cat", "dog")
    labelled = replace(design, qgraph=replace(design.qgraph, labels=cranes))
    build = pages.made(tmp_path / "build", labelled)
    pages.simulated(build)
    pages.evaluated(build)
    text = pages.read(pages.written(build, tmp_path / "x.html")).text
    rows = "cat crane (class 0) crane (class 1) cat 3 crane (class 0) 4 3 crane (class 1)"
    assert f"shown {rows}" in text
    assert "crane (class 1) right 1.png" in text
    assert "cat wrong : shows dog 2.png" in text


def test_classes_too_many_for_a_table() -> None:
    pairs = {(f"a{i}", f"a{i}"): 1 for i in range(report.CLASSES + 1)}
    assert report.matrix(pairs) is None
    assert report.matrix({}) is None
    small = report.matrix({("a", "b"): 3, ("b", "b"): 1})
    assert small is not None
    assert small.names == ("a", "b")
    assert small.rows == (("a", (0, 3)), ("b", (0, 1)))
    assert small.most == 3


@pytest.mark.parametrize("board", registry.boards())
def test_every_memory_is_somewhere_on_every_board(board: str, build: Build, tmp_path: Path) -> None:
    text = pages.read(pages.written(build, tmp_path / "x.html", board)).text
    for rom in build.design.roms:
        assert rom.name.removeprefix("hearth_layer_") in text
    assert "edge_0 (FIFO behind the input)" in text


def test_blocks_of_a_routed_design_are_named(build: Build, tmp_path: Path) -> None:
    _, board = registry.find("ulx3s-85f")
    folder = folder_of(build, board)
    folder.mkdir(parents=True)
    rom = build.design.roms[0]
    found = {rom.name: places.Place(rom.words, rom.width, 512, 36, 36, ("R4C7_EBR", "R4C9_EBR"))}
    (folder / MAP).write_text(places.dumps(found))
    for name, told in ((f"{build_id(build):016x}", True), ("another build", False)):
        pages.placed(build, build_id=name)
        text = pages.written(build, tmp_path / "x.html", board.name)
        assert ("R4C7_EBR, R4C9_EBR" in text) == told
    (folder / MAP).write_text("[]")
    with pytest.raises(HearthError, match=r"damaged .* make the bitstream again"):
        pages.written(build, tmp_path / "x.html", board.name)


@pytest.mark.parametrize("seed", range(2))
def test_networks_of_many_paths(seed: int, tmp_path: Path) -> None:
    build = pages.made(tmp_path / "build", schedule(fold(graphs.network(seed), lanes=40)))
    page = pages.read(pages.written(build, tmp_path / "x.html"))
    past = [p for p in page.all("path") if "past" in p.get("class", "").split()]
    assert len(past) >= 2


DAMAGE = {
    "not JSON": "{",
    "a list": "[]",
    "no photographs": '{"build_id": 1}',
    "figures missing": '{"build_id": "%s", "photographs": "x"}',
    "a class below 0": None,
    "a number for text": None,
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_evaluation(case: str, build: Build) -> None:
    pages.evaluated(build)
    path = build.path / evaluations.NAME
    found = json.loads(path.read_text())
    changes: dict[str, dict[str, Any]] = {
        "a class below 0": {"confusion": [[0, -1, 2]]},
        "a number for text": {"top1": "x"},
    }
    text = DAMAGE[case]
    if text is None:
        text = json.dumps({**found, **changes[case]})
    path.write_text(text.replace("%s", found["build_id"]))
    with pytest.raises(HearthError, match=r"accuracy\.json: (damaged|is not JSON)"):
        evaluations.last(build)


def test_an_evaluation_of_another_build_does_not_count(build: Build) -> None:
    pages.evaluated(build)
    kept = evaluations.last(build)
    assert kept is not None
    assert kept[1].confusion == ((0, 0, 4), (0, 1, 3), (2, 2, 3))
    path = build.path / evaluations.NAME
    path.write_text(path.read_text().replace(f"{build_id(build):016x}", "0" * 16))
    assert evaluations.last(build) is None


def test_the_command(hearth: Folder, tmp_path: Path) -> None:
    build = pages.made(tmp_path / "build", tiny.design())
    file = tmp_path / "x.html"
    status, out, error = hearth("report", str(build.path), "--html", str(file))
    assert (status, out) == (0, "")
    assert f"made {file}; next: " in error
    assert pages.read(file.read_text()).all("h1")
    for wrong, said in (
        (["--html", "x.txt"], "--html x.txt: a name that ends in .html is expected"),
        (["--html", str(tmp_path / "none" / "x.html")], "x.html: cannot be written"),
        (["--html", str(file), "--json"], "--html and --json: give one of them"),
        (["--html", str(file), "--board", "x"], "--board: no board is called 'x'"),
    ):
        status, _, error = hearth("report", str(build.path), *wrong)
        assert status == 2
        assert said in error
