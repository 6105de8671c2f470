"""What hearth bitstream made of a build, as hearth report shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hearth.toolchain.cli import made
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from tests.cli.test_cli import Folder, hearth
from tests.nets import tiny
from tests.page import pages

__all__ = ["hearth"]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return pages.made(tmp_path / "build", tiny.design())


def test_a_board_with_a_camera(build: Build, hearth: Folder, tmp_path: Path) -> None:
    """Its video, cells and every clock: in text, as JSON and on the page."""
    pages.placed(build)
    _, plain, _ = hearth("report", str(build.path))
    page = tmp_path / "page.html"
    assert hearth("report", str(build.path), "--html", str(page))[0] == 0
    for text in (" ".join(plain.split()), " ".join(page.read_text().split())):
        assert "made for ulx3s-85f by hearth bitstream" in text
        assert "beside the link a camera (ov5640), 640x480 to 8x8" in text
        assert "LUT4 7,000 of 83,640" in text
        assert "clock u_camera.clk: 71.5 MHz reached, 60 asked for" in text
        assert "clock cam_pclk_pin: 190.2 MHz reached, 50 asked for" in text
        assert "timing met" in text
    told = json.loads(hearth("report", str(build.path), "--json")[1])
    assert [one["video"] for one in told["made"]] == [pages.PLACED["video"]]


def test_nothing_made(build: Build, hearth: Folder) -> None:
    """Nor of another build in the same folder."""
    assert "made for" not in hearth("report", str(build.path))[1]
    pages.placed(build, build_id="0" * 16)
    assert "made for" not in hearth("report", str(build.path))[1]
    assert json.loads(hearth("report", str(build.path), "--json")[1])["made"] == []


@pytest.mark.parametrize("text", ["[]", "{", '{"build_id": "%s"}'])
def test_damaged_figures_are_told(build: Build, hearth: Folder, text: str) -> None:
    file = pages.placed(build)
    file.write_text(text.replace("%s", f"{build_id(build):016x}"))
    status, _, error = hearth("report", str(build.path))
    assert status == 2
    assert "board.json: damaged (it does not describe what was made for ulx3s-85f)" in error
    assert "Traceback" not in error


def test_a_name_does_not_reach_the_terminal(build: Build) -> None:
    """A build folder may come from anywhere."""
    pages.placed(build, video="x\x1b[31m")
    assert "\x1b" not in "".join(made.lines(made.of(build)))
