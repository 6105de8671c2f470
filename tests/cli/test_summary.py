"""`hearth summary`: recorded results in at most a dozen lines of 80 columns."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hearth.sim import record
from hearth.sim.results import SimResult
from hearth.toolchain.cli import main as cli
from hearth.toolchain.cli import summary
from hearth.toolchain.cli.output import COLUMNS
from hearth.toolchain.ir import golden
from hearth.toolchain.mapping.figures import design_figures
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support.errors import HearthError
from tests.nets import tiny

RESULT = SimResult(
    frames=3,
    mismatches=0,
    first_mismatch=None,
    broken=0,
    stuck="",
    cycles_per_frame=4321,
    model_cycles_per_frame=4300,
    latency_cycles=9999,
    ends=(),
    overlapped=2,
    total_cycles=20_000,
    mac_lanes=4,
    mac_utilisation=0.987,
    seconds=0.1,
    build_seconds=0.0,
    edges=(),
    kernels=(),
)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    design = tiny.design()
    figures = design_figures(design, 10_000)
    build_folder.write(tmp_path / "build", design, b"", emit(design), figures)
    return build_folder.load(tmp_path / "build")


def test_before_a_simulation(build: Build) -> None:
    figures = summary.collect(build)
    assert figures["simulation"] is None
    text = summary.lines(figures)
    assert "simulated  not yet" in text
    assert f"{build.design.cycles:,} cycles a frame by the model" in "\n".join(text)
    assert text[-2].startswith("next       hearth sim ")


def test_what_was_recorded_is_said(build: Build) -> None:
    record.keep(build, RESULT, "video", [1, 0, 1], [1, 1, 1], 20)
    figures = summary.collect(build)
    text = "\n".join(summary.lines(figures))
    assert "simulated  3 frames, every value equal to the golden model, 20 % stalls" in text
    assert "labels     2 class 1, 1 class 0; 2 of 3 right" in text
    assert f"4,321 cycles a frame (model {build.design.cycles:,}), set by conv" in text
    assert "; 98.7 % of the lanes at work" in text
    assert "video (the frames)" in text
    best = figures["board"]
    assert f"{best['clock_mhz'] * 1e6 / build.design.cycles:,.0f} frames/s at " in text
    assert text.splitlines()[-1].endswith(f"bitstream {build.path} --board {best['board']}")


def test_wrong_hardware_is_said(build: Build) -> None:
    record.keep(build, dataclasses.replace(RESULT, stuck="stuck at conv"), "video", [0], [], 0)
    text = summary.lines(summary.collect(build))
    assert "simulated  WRONG: stuck at conv" in text
    assert not any(line.startswith("labels") for line in text)


def test_results_of_another_build_do_not_count(build: Build, tmp_path: Path) -> None:
    record.keep(build, RESULT, "video", [0, 0, 0], [], 0)
    assert record.last(build) is not None
    other = dataclasses.replace(build, content={**build.content, "rom/new.hex": "0"})
    assert record.last(other) is None


DAMAGE: dict[str, dict[str, Any] | str] = {
    "not JSON": "{",
    "not an object": "[1]",
    "no build": {"build_id": None},
    "no classes": {"classes": None},
    "text for a number": {"classes": ["cat"]},
    "a number for text": {"images": 3},
    "labels of other frames": {"labels": [1]},
    "strange cycles": {"cycles_per_frame": "many"},
    "a field too many": {"else": 1},
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_records(case: str, build: Build) -> None:
    record.keep(build, RESULT, "video", [0, 0, 0], [], 0)
    path = build.path / "sim" / record.NAME
    change, found = DAMAGE[case], json.loads(path.read_text())
    path.write_text(change if isinstance(change, str) else json.dumps({**found, **change}))
    if case == "no build":
        assert record.last(build) is None
        return
    with pytest.raises(HearthError, match=r"last\.json: (damaged|is not JSON)"):
        record.last(build)


def test_a_dozen_lines_of_80_columns_at_worst() -> None:
    """Every list long, every name too long, every number of a chip that is not made yet."""
    simulation = {
        "frames": 50_000,
        "images": "photographs",
        "ok": True,
        "verdict": "",
        "stalls_percent": 45,
        "cycles_per_frame": 123_456_789,
        "mac_utilisation": 1.0132,
        "labels": {f"a very long name of a certain class {i}": 10_000 - i for i in range(40)},
        "right": 49_999,
    }
    figures = {
        "name": "\x1bnetwork" * 20,
        "kernels": 100,
        "mac_lanes": 12_345,
        "rom_bytes": 10_240_000,
        "model_cycles_per_frame": 123_456_789,
        "bottleneck": "layer" * 40,
        "simulation": simulation,
        "boards": "fits " + ", ".join(f"board{i}" for i in range(40)),
        "board": {"board": "a-board-name", "clock_mhz": 333.333, "frames_per_second": 1e5},
        "picture": "build/default/dataflow.svg",
        "next": ["hearth report build/default", "hearth bitstream build/default"],
    }
    wrong = {**simulation, "ok": False, "verdict": "frame 3, " + "a layer, " * 40}
    for ran in (None, simulation, wrong):
        text = summary.lines({**figures, "simulation": ran})
        assert len(text) <= summary.LINES
        assert max(map(len, text)) <= COLUMNS, max(text, key=len)
        assert "\x1b" not in "".join(text)


def test_after_a_real_simulation(
    build: Build,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The record is what `hearth sim` found; labels of a CSV are held against it."""
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, (3, 8, 8, 3), np.uint8)
    for index, picture in enumerate(pictures):
        Image.fromarray(picture).save(tmp_path / f"{index}.png")
    first = golden.top(build.qgraph, golden.outputs(build.qgraph, pictures))[:, 0]
    rows = [
        f"{index}.png,{label}" for index, label in enumerate([first[0], first[1], 1 - first[2]])
    ]
    (tmp_path / "list.csv").write_text("\n".join(["file,label", *rows]))
    figures = {}
    for name in ("sim", "summary"):
        words = [name, str(build.path), *([str(tmp_path / "list.csv")] if name == "sim" else [])]
        monkeypatch.setattr(sys, "argv", ["hearth", *words, "--json"])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        output, errors = capsys.readouterr()
        assert not caught.value.code, errors
        figures[name] = json.loads(output)
    found = figures["summary"]["simulation"]
    assert found["ok"] is True
    assert found["right"] == 2
    assert sum(found["labels"].values()) == found["frames"] == 3
    for key in ("cycles_per_frame", "mac_utilisation"):
        assert found[key] == figures["sim"][key]
