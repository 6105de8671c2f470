"""The notebook of docs/guide, cell by cell, and the examples of docs/guide/python_api.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import hearth
from hearth.sim import run
from tests.places import ROOT

GUIDE = ROOT / "docs" / "guide"
NOTEBOOK = GUIDE / "first_network.ipynb"
API = GUIDE / "python_api.md"


def cells() -> list[dict[str, Any]]:
    notebook = json.loads(NOTEBOOK.read_text())
    assert notebook["nbformat"] == 4
    found: list[dict[str, Any]] = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    return found


def test_no_results_are_stored() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells())


def test_the_notebook_runs(
    build: hearth.Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the small network of these tests, whose simulator is there already."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: make setup-plot")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.chdir(GUIDE)
    first, *rest = cells()
    assert first["metadata"]["tags"] == ["parameters"]
    space: dict[str, Any] = {}
    exec("".join(first["source"]), space)
    assert space["MODEL"].is_file()
    assert space["IMAGES"].is_file()
    folder = build.path.parent
    space |= {"MODEL": folder / "net.onnx", "IMAGES": folder / "photos", "OUTPUT": build.path}
    space["LANES"] = 24
    for cell in rest:
        exec("".join(cell["source"]), space)
    assert space["result"].equal
    assert capsys.readouterr().out.splitlines()[0].startswith("23 lanes, ")
    plots = space["plt"]
    try:
        figures = [plots.figure(number) for number in plots.get_fignums()]
        assert [len(figure.axes) for figure in figures] == [4, 8, 1, 2]
        assert all(axes.has_data() for figure in figures for axes in figure.axes)
    finally:
        plots.close("all")


def test_the_examples_of_the_guide_run(
    build: hearth.Build,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One after the other, in a folder with the files that they name; with the simulator of
    `build`, which is the same network from the same photographs."""
    monkeypatch.setattr(run, "workplace", lambda _: build.path / "sim")
    for name in ("net.onnx", "manifest.json", "photos"):
        (tmp_path / name).symlink_to(build.path.parent / name)
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^```python\n(.*?)^```$", API.read_text(), re.DOTALL | re.MULTILINE)
    assert len(examples) == 5
    space: dict[str, Any] = {}
    for example in examples:
        exec(example, space)
    assert space["build"].saved.rtl() == build.saved.rtl()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("class ")
    assert lines[-2].startswith("--lanes 1: net needs at least ")
    assert lines[-1] == "('manifest', 0, 14)"
