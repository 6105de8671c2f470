"""The command line: figures as JSON, mistakes as one line, nothing left behind."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest
from PIL import Image

from hearth.toolchain.cli import main as cli
from hearth.toolchain.saved import build_folder
from tests.nets.onnx_nets import photographs, save, small

SMALL = {
    "file": "net.onnx",
    "preprocessing": {"mean": [120, 110, 100], "scale": [0.016, 0.016, 0.016]},
    "labels": [f"class {i}" for i in range(7)],
    "calibration": "calibration.npy",
}


class Folder:
    """A folder with a model, its manifest, photographs and labels; runs `hearth` in it."""

    def __init__(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.path = path
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        monkeypatch.chdir(path)
        save(small().model(), path)
        (path / "manifest.json").write_text(json.dumps(SMALL))
        frames = photographs(6)
        (path / "photos").mkdir()
        for index, frame in enumerate(frames):
            Image.fromarray(frame).save(path / "photos" / f"photo {index}.png")
        with (path / "labels.csv").open("w", newline="") as stream:
            rows = [[f"photos/photo {i}.png", str(i)] for i in range(6)]
            csv.writer(stream).writerows([["file", "label"], *rows])

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error of one command."""
        self.monkeypatch.setattr(sys, "argv", ["hearth", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        output, errors = self.capsys.readouterr()
        code = caught.value.code
        return (code if isinstance(code, int) else 0), output, errors

    def compiled(self, *arguments: str) -> dict[str, Any]:
        command = ("compile", "net.onnx", "--calibration", "photos", "-o", "x", *arguments)
        status, output, errors = self(*command, "--json")
        assert status == 0, errors
        figures: dict[str, Any] = json.loads(output)
        return figures

    def refused(self, *arguments: str) -> str:
        """The one line of a refused command; asserts that it left nothing behind."""
        before = sorted(self.path.rglob("*"))
        status, output, errors = self(*arguments)
        assert (status, output) == (2, "")
        lines = errors.strip().splitlines()
        told = [line for line in lines if line.startswith("hearth: ")]
        assert told == lines[-1:], errors
        assert sorted(self.path.rglob("*")) == before
        return told[0].removeprefix("hearth: ")


@pytest.fixture
def hearth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Folder:
    return Folder(tmp_path, monkeypatch, capsys)


def test_compile_run_eval_report(hearth: Folder) -> None:
    figures = hearth.compiled("--lanes", "64")
    assert figures["rom_budget_bytes"] == 10_000_000
    assert 0 < figures["rom_bytes"] < 10_000
    assert [row["kernel"] for row in figures["kernels"]][:2] == ["conv1", "pool1"]
    assert figures["mac_lanes"] <= 64
    assert set(figures["notes"]["snr_db"]) >= {"conv1", "fire2/expand", "pool10"}

    status, output, errors = hearth("eval", "x", "--labels", "labels.csv", "--json")
    assert status == 0, errors
    accuracy = json.loads(output)
    assert accuracy["images"] == 6
    assert set(accuracy) >= {"top1", "top5", "agreement", "float_top1", "float_top5"}
    assert 0 < accuracy["divergence"] < 0.1
    assert accuracy["agreement"] >= 80

    status, output, errors = hearth("run", "x", "photos", "--json")
    results = json.loads(output)["results"]
    assert len(results) == 6
    assert results[0]["file"] == "photos/photo 0.png"
    assert results[0]["top"][0]["label"].startswith("class ")

    assert json.loads(hearth("report", "x", "--json")[1])["rom_bytes"] == figures["rom_bytes"]
    for command in (
        ("run", "x", "photos"),
        ("report", "x"),
        ("eval", "x", "--labels", "labels.csv"),
    ):
        status, output, errors = hearth(*command)
        assert status == 0
        assert output
        assert "; next: hearth " in errors


def test_compile_for_a_board_says_what_binds(hearth: Folder) -> None:
    """As fast as fits: one resource is nearly used up, or no folding is faster."""
    command = ("compile", "net.onnx", "--calibration", "photos", "-o", "x")
    status, output, errors = hearth(*command, "--board", "ulx3s-85f", "--clock", "50")
    assert status == 0, errors
    lines = " ".join(output.split())
    cycles = build_folder.load(hearth.path / "x").design.cycles
    assert f"ulx3s-85f: {50e6 / cycles:,.1f} frames a second at 50 MHz" in lines
    assert re.search(r"ulx3s-85f, link included: [\d,]+ of 71,094 LUT4, .*; scarcest is ", lines)
    assert "bitstream x --board ulx3s-85f --clock 50" in " ".join(errors.split())
    figures = hearth.compiled("--board", "ulx3s-85f", "--fps", "1000")
    assert cycles < figures["model_cycles_per_frame"] <= 60_000
    assert {row["bits"] for row in figures["codings"]} == {8}


def test_compile_replaces_its_own_folder_only(hearth: Folder) -> None:
    hearth.compiled()
    (hearth.path / "x" / "sim").mkdir()
    (hearth.path / "x" / "stale").write_text("")
    figures = hearth.compiled("--cycles", "100000")
    assert figures["model_cycles_per_frame"] <= 100_000
    assert (hearth.path / "x" / "sim").is_dir()
    assert not (hearth.path / "x" / "stale").exists()
    message = hearth.refused("compile", "net.onnx", "--calibration", "photos", "-o", "photos")
    assert message.startswith("photos: holds files that Hearth did not write")


def test_names_that_try_to_escape(hearth: Folder) -> None:
    """Strange names stay text: in files, on the terminal and in JSON."""
    model = small().model()
    model.graph.node[0].name = "always; $(touch pwned) 'q' \"x\"\nendmodule [red]\x1b[31m"
    model.graph.node[2].name = "always"
    model.graph.node[3].name = "../../../etc/passwd"
    save(model, hearth.path)
    figures = hearth.compiled()
    assert figures["kernels"][0]["kernel"] == model.graph.node[0].name
    status, output, _ = hearth("report", "x")
    assert status == 0
    assert "\x1b" not in output
    assert "$(touch pwned)" in output
    assert "[red]" in output
    for path in (hearth.path / "x").rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9_.]+", path.name), path.name
    for path in (hearth.path / "x" / "rtl").iterdir():
        assert not re.search(r"^\s*module\s+always\b", path.read_text(), re.MULTILINE)
    assert not (hearth.path / "pwned").exists()


COMPILE = ("compile", "net.onnx", "-o", "x")
REFUSED = {
    "budget": (
        (*COMPILE, "--calibration", "photos", "--rom-budget", "100B"),
        "--rom-budget: the weights need ",
    ),
    "mixed budget": (
        (*COMPILE, "--calibration", "photos", "--mixed", "--rom-budget", "100"),
        "--rom-budget: 100 bytes are too few for this network; the smallest reachable is ",
    ),
    "weight bits": (
        (*COMPILE, "--calibration", "photos", "--weight-bits", "9"),
        "--weight-bits: 1 to 8 bits per weight are possible, not 9",
    ),
    "two choices": (
        (*COMPILE, "--calibration", "photos", "--weight-bits", "4", "--keep-codebooks"),
        "--keep-codebooks exclude each other",
    ),
    "budget's unit": ((*COMPILE, "--rom-budget", "5 apples"), "--rom-budget: expects a size such"),
    "no photographs": (COMPILE, "calibration.npy: no such file or folder of images"),
    "empty folder": ((*COMPILE, "--calibration", "empty"), "empty: the folder holds no image"),
    "not an image": ((*COMPILE, "--calibration", "net.onnx"), "net.onnx: not an image that can be"),
    "range": (
        (*COMPILE, "--calibration", "photos", "--range", "best"),
        "--range: one of max, percentile, mse is expected, found 'best'",
    ),
    "two budgets": ((*COMPILE, "--lanes", "9", "--cycles", "9"), "--lanes and --cycles: give only"),
    "fps alone": ((*COMPILE, "--fps", "9"), "--fps 9: give the clock in MHz as well"),
    "unknown board": ((*COMPILE, "--board", "moon"), "--board: no board is called 'moon'; known"),
    "board without a model": (
        (*COMPILE, "--board", "kv260"),
        "--board kv260: what a network takes of xck26-sfvc784-2LV-c is known only after synthesis,"
        " so nothing can be chosen by it; leave --board out, or take one of ulx3s-85f, ",
    ),
    "too fast for a board": (
        (*COMPILE, "--calibration", "photos", "--board", "ulx3s-85f", "--fps", "900000"),
        "--fps 900000: net cannot be folded to 66 cycles per frame, the fastest is 256; ask for",
    ),
    "few lanes": (
        (*COMPILE, "--calibration", "photos", "--lanes", "1"),
        "--lanes 1: net needs at least ",
    ),
    "no preprocessing": (
        ("compile", "copy.onnx", "-o", "x"),
        "copy.onnx: how its images are prepared is not known; give --preprocessing",
    ),
    "preprocessing": (
        (*COMPILE, "--preprocessing", "cafe"),
        "cafe: cannot be read: No such file or directory",
    ),
    "class names": (
        (*COMPILE, "--calibration", "photos", "--class-names", "names.txt"),
        "net: has 7 classes, but 2 class names were given",
    ),
    "truncated": (
        ("compile", "cut.onnx", "--preprocessing", "unit", "-o", "x"),
        "cut.onnx: not an ONNX file, or a truncated one (3000 bytes found);"
        " fetch or export it again",
    ),
    "unknown option": ((*COMPILE, "--fast"), "No such option: --fast"),
    "unknown command": (("fly",), "No such command 'fly'"),
    "missing output": (("compile", "net.onnx"), "Missing option '--output'"),
    "no build": (("run", "photos", "photos"), "photos: not a Hearth build folder"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, hearth: Folder) -> None:
    (hearth.path / "empty").mkdir()
    (hearth.path / "names.txt").write_text("one\ntwo\n")
    data = (hearth.path / "net.onnx").read_bytes()
    (hearth.path / "copy.onnx").write_bytes(data)
    (hearth.path / "cut.onnx").write_bytes(data[:3000])
    arguments, message = REFUSED[case]
    assert message in hearth.refused(*arguments)


def test_little_to_learn_from_is_told(hearth: Folder) -> None:
    """Few-bit weights from six photographs of one colour: built, with two warnings."""
    (hearth.path / "grey").mkdir()
    for index in range(6):
        Image.new("RGB", (16, 16), (90, 90, 90)).save(hearth.path / "grey" / f"{index}.png")
    options = ("--calibration", "grey", "-o", "x", "--weight-bits", "4", "--json")
    status, output, errors = hearth("compile", "net.onnx", *options)
    assert status == 0, errors
    told = [line for line in errors.splitlines() if line.startswith("warning: ")]
    assert len(told) == 2
    assert "calibrated on 6 photographs; with fewer than 50" in told[0]
    assert "every calibration photograph is of one colour" in told[1]
    assert json.loads(output)["rom_bytes"] > 0


def test_digest_of_the_manifest(hearth: Folder) -> None:
    (hearth.path / "manifest.json").write_text(json.dumps({**SMALL, "sha256": "0" * 64}))
    assert "the manifest beside it expects 000000000000" in hearth.refused(*COMPILE)


def test_labels_out_of_range(hearth: Folder) -> None:
    hearth.compiled()
    (hearth.path / "wrong.csv").write_text("file,label\nphotos/photo 0.png,7\n")
    message = hearth.refused("eval", "x", "--labels", "wrong.csv")
    assert message == "wrong.csv: label 7 does not exist, there are 7 classes"
    (hearth.path / "x" / "network.qgraph").write_bytes(b"PK")
    assert "compile the model again" in hearth.refused("run", "x", "photos")


def test_help_shows_examples(hearth: Folder) -> None:
    for command in ("compile", "run", "sim", "eval", "report"):
        status, output, _ = hearth(command, "--help")
        assert status == 0
        assert f"Example: hearth {command} " in output


def test_stored_model_is_the_one_that_was_compiled(hearth: Folder) -> None:
    hearth.compiled("--input-size", "20x24")
    stored = onnx.load(hearth.path / "x" / "model.onnx")
    dims = stored.graph.input[0].type.tensor_type.shape.dim
    assert [dim.dim_value for dim in dims][2:] == [20, 24]


def test_names_that_are_not_ordinary(hearth: Folder) -> None:
    """Escape sequences stay harmless, a leading dash is no option, a name too long is refused."""
    hearth.compiled()
    picture = (hearth.path / "photos" / "photo 0.png").read_bytes()
    (hearth.path / "-x.png").write_bytes(picture)
    (hearth.path / "a\x1b[31m\nb.png").write_bytes(picture)
    status, output, errors = hearth("run", "x", "--", "-x.png", "a\x1b[31m\nb.png")
    assert status == 0
    assert output.splitlines()[1].startswith(r"a\x1b[31m\nb.png: class ")
    assert "\x1b" not in output + errors
    assert "x ./-x.png" in errors
    assert "not a Hearth build folder" in hearth.refused("run", "b" * 300, "photos")
    assert "File name too long" in hearth.refused("run", "x", "b" * 300)


def test_eval_of_class_folders(hearth: Folder) -> None:
    hearth.compiled()
    for index in range(6):
        folder = hearth.path / "sorted" / f"Class_{index}"
        folder.mkdir(parents=True)
        (hearth.path / "photos" / f"photo {index}.png").rename(folder / "a.png")
    status, output, errors = hearth("eval", "x", "--labels", "sorted", "--json")
    assert status == 0, errors
    assert "sorted: 6 class folders, called like the build's classes\n" in errors
    assert json.loads(output)["images"] == 6
    (hearth.path / "sorted" / "Class_5").rename(hearth.path / "sorted" / "mouse")
    assert "folder 'mouse' is called like no class" in hearth.refused(
        "eval", "x", "--labels", "sorted"
    )
