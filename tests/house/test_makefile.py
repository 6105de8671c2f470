"""The front door: what it refuses before it installs anything, and its lists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hearth.toolchain.targets import registry
from tests.places import ROOT


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A copy of the front door alone, in an empty folder: nothing there could be built."""
    folder.mkdir(parents=True, exist_ok=True)
    _copy(folder)
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).write_text("")
    return _run(folder, *arguments)


def _copy(folder: Path) -> None:
    """The Makefile and what it reads."""
    (folder / "requirements").mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "requirements/set_up.sh"):
        shutil.copy(ROOT / name, folder / name)


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = ["make", *arguments]
    return subprocess.run(
        call, cwd=folder, env=_outside_make(), capture_output=True, text=True, check=False
    )


def _outside_make() -> dict[str, str]:
    """The environment without what a make around these tests, as in `make test`, has put there."""
    inherited = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")
    return {name: value for name, value in os.environ.items() if name not in inherited}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "BUILD=a b"], "BUILD='a b': expected one word without spaces"),
        (["setup", "VENV="], "VENV='': expected one word without spaces"),
        (["setup", "PYTHON=python3.99"], "PYTHON=python3.99: there is no such program"),
        (["bitstream", "MODEL=none.onnx"], "MODEL=none.onnx: there is no such file"),
        (["imagenet", "LABELS=x"], "imagenet needs CALIBRATION=FOLDER, photographs like yours"),
    ],
)
def test_refused_before_anything_is_installed(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    run = _make(tmp_path, *arguments)
    assert run.returncode == 2
    assert said in run.stdout + run.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("sign", [*':$`"\\\t\n'])
def test_paths_that_break_a_python_environment_are_refused(tmp_path: Path, sign: str) -> None:
    """pip writes the path into scripts as it is, or between double quotes when it has a space."""
    run = _make(tmp_path / f"a{sign}b c", "setup")
    assert run.returncode == 2
    assert "the path holds one of" in run.stdout
    assert not (tmp_path / f"a{sign}b c" / ".venv").exists()


@pytest.mark.parametrize("name", ["a b", "it's 100% #1", "más & more; (new) [x] {y} *?!~=@,+|<>"])
def test_other_paths_are_fine(tmp_path: Path, name: str) -> None:
    run = _make(tmp_path / name, "tools")
    assert (run.returncode, run.stdout) == (0, "")


PIP = """#!/bin/sh
echo "pip $*" >>calls
"""
PYTHON = f"""#!/bin/sh
[ "$1" = -c ] && exec '{sys.executable}' "$@"
echo "python $*" >>calls
for place; do :; done
mkdir -p "$place/bin" && cp pip "$place/bin/pip"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A checkout with a Python and a pip that only write down how they are called."""
    folder = (tmp_path / "it's here").resolve()
    folder.mkdir()
    _copy(folder)
    for name in ("xilinx", "plot"):
        (folder / f"requirements/{name}.lock").write_text("")
    for name, text in (("pip", PIP), ("python", PYTHON)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def _calls(place: Path, *arguments: str) -> list[str]:
    """What `make` called, in short."""
    (place / "calls").write_text("")
    run = _run(place, *arguments, "PYTHON=./python")
    assert run.returncode == 0, run.stdout + run.stderr
    lines = (place / "calls").read_text().splitlines()
    return [line.split("--no-build-isolation ")[-1] for line in lines]


BASE = ["--require-hashes -r requirements.lock", "--no-deps -e ."]


def _later(path: Path) -> None:
    """As if it had been changed an hour from now."""
    later = path.stat().st_mtime + 3600
    os.utime(path, (later, later))


def test_an_environment_is_made_once(place: Path) -> None:
    assert _calls(place, "setup") == ["python -m venv .venv", *BASE]
    assert _calls(place, "setup") == []
    _later(place / "pyproject.toml")
    assert _calls(place, "setup") == ["python -m venv .venv", *BASE]


def test_groups_are_added_to_an_environment(place: Path) -> None:
    first = ["python -m venv .venv", *BASE, "--require-hashes -r requirements/xilinx.lock"]
    assert _calls(place, "setup-xilinx") == first
    assert _calls(place, "setup-plot", "setup-xilinx") == [
        "--require-hashes -r requirements/plot.lock"
    ]
    _later(place / "requirements/plot.lock")
    assert _calls(place, "setup-plot") == ["--require-hashes -r requirements/plot.lock"]
    run = _run(place, "setup-none", "PYTHON=./python")
    assert (run.returncode, run.stdout) == (
        2,
        "setup-none: there is no requirements/none.lock\n",
    )


def test_what_fails_is_not_called_ready(place: Path) -> None:
    (place / "pip").write_text("#!/bin/sh\nexit 1\n")
    assert _run(place, "setup", "PYTHON=./python").returncode == 2
    assert not (place / ".venv/ready").exists()
    (place / "pip").write_text(PIP)
    assert _calls(place, "setup")[1:] == BASE


def test_an_environment_that_was_moved_is_made_anew(place: Path) -> None:
    _calls(place, "setup-plot")
    (place / ".venv/ready").write_text("/elsewhere\n")
    again = ["python -m venv --clear .venv", *BASE]
    assert _calls(place, "setup") == again
    assert _calls(place, "setup-plot") == ["--require-hashes -r requirements/plot.lock"]
    assert (place / ".venv/ready").read_text() == f"{place}\n"


def test_the_environment_of_another_checkout_is_not_cleared(place: Path) -> None:
    _calls(place, "setup")
    (place / ".venv").rename(place / "other")
    (place / "other/ready").write_text("/elsewhere\n")
    (place / ".venv").symlink_to("other")
    (place / "calls").write_text("")
    found = _run(place, "setup", "PYTHON=./python")
    assert found.returncode == 2
    assert (
        ".venv is a link to the environment of /elsewhere, which would be cleared" in found.stdout
    )
    assert not (place / "calls").read_text()


def test_two_at_a_time_make_it_once(place: Path) -> None:
    slow = PIP.replace("echo", "sleep 0.2; echo")
    (place / "pip").write_text(slow)
    (place / "calls").write_text("")
    call = ["make", "setup", "PYTHON=./python"]
    both = [
        subprocess.Popen(call, cwd=place, env=_outside_make(), stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [process.wait() for process in both] == [0, 0]
    assert len((place / "calls").read_text().splitlines()) == 3


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A checkout that is set up: its `hearth` is ours, its optional groups are there."""
    folder = tmp_path / "checkout"
    (folder / ".venv/bin").mkdir(parents=True)
    _copy(folder)
    program = folder / ".venv/bin/hearth"
    start = "from hearth.toolchain.cli.entry import main; main()"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{start}' \"$@\"\n")
    program.chmod(0o755)
    locks = list((ROOT / "requirements").glob("*.lock"))
    for lock in locks:
        shutil.copy(lock, folder / "requirements")
    (folder / ".venv/ready").write_text(f"{folder.resolve()}\n")
    for lock in locks:
        (folder / f".venv/{lock.stem}-ready").touch()
    return folder


@pytest.mark.parametrize("board", registry.boards())
def test_a_board_is_asked_for_its_packages(ready: Path, board: str) -> None:
    """Those that are missing would be installed; here pip is missing, so that it is seen."""
    target, _ = registry.find(board)
    assert _run(ready, "board-tools", f"BOARD={board}").returncode == 0
    (ready / f".venv/{target.group}-ready").unlink()
    run = _run(ready, "board-tools", f"BOARD={board}")
    assert run.returncode == 2
    assert f"-r requirements/{target.group}.lock" in run.stderr


def test_a_wrong_board_is_one_sentence(ready: Path) -> None:
    run = _run(ready, "board-tools", "BOARD=ulx4")
    assert run.returncode == 2
    said = [line for line in run.stderr.splitlines() if not line.startswith(("make", "find"))]
    known = ", ".join(registry.boards())
    assert said == [f"hearth: --board: no board is called 'ulx4'; known are {known}"]


def test_lanes_that_fit_are_the_boards(ready: Path) -> None:
    """A build folder of the board's own, and no number of lanes."""
    model = ready / "net.onnx"
    model.touch()
    wish = ("LANES=fit", f"MODEL={model}", "BOARD=arty-a7-100t", "CLOCK=70", "-n")
    run = _run(ready, "bitstream", *wish)
    compiled = next(line for line in run.stdout.splitlines() if "hearth compile" in line)
    assert "--board 'arty-a7-100t' --clock '70'" in compiled
    assert "--lanes" not in compiled
    assert compiled.endswith("-o build/net_arty-a7-100t")


def test_the_makefile_has_no_list_of_boards() -> None:
    text = (ROOT / "Makefile").read_text()
    assert [name for name in registry.boards() if name in text] == [registry.DEFAULT]


WANTED = (
    "setup demo sim bench weights imagenet bitstream program compare video pace update test lint"
    " clean"
)


def test_help_lists_the_targets_in_80_columns(tmp_path: Path) -> None:
    run = _make(tmp_path / "x", "help")
    lines = run.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[1:-2]] == ["help", *WANTED.split()]
    assert all(line[14] != " " == line[13] for line in lines[1:-2])
    variables = lines[-2].removeprefix("variables: ").split()
    text = (ROOT / "Makefile").read_text()
    assert variables == re.findall(r"^([A-Z]+) *\?=", text, re.MULTILINE)
    assert all(f"$({name})" in text for name in lines[-1].removeprefix("of MODEL: ").split())


def test_the_main_job_ends_with_the_summary_and_the_page(tmp_path: Path) -> None:
    (tmp_path / "x/toolchain/data").mkdir(parents=True)
    (tmp_path / "x/toolchain/data/default_video.py").touch()
    run = _make(tmp_path / "x", "--dry-run", "VENV=v", "BUILD=b")
    assert run.stdout.splitlines()[-2:] == [
        "v/bin/hearth summary b/default",
        "v/bin/hearth report b/default --html b/default/report.html",
    ]


def test_continuous_integration_names_targets_that_are_there() -> None:
    (words,) = re.findall(r"^make ([\w -]+) >", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    for word in words.split():
        group = word.removeprefix("setup-")
        assert word == "test" or (ROOT / "requirements" / f"{group}.lock").is_file()


@pytest.mark.parametrize(
    ("given", "compiled", "made"),
    [
        ([], "own.onnx --lanes '256'", "build/default --board ulx3s-85f --clock 85 --seed 2"),
        (["LANES=90"], "own.onnx --lanes '90'", "build/default_90 --board ulx3s-85f --clock 85"),
        (["BOARD=icepi"], "own.onnx --lanes '256'", "build/default --board icepi"),
        (
            ["MODEL=a/mine.onnx", "WEIGHTS=4", "CALIBRATION=my photos", "PREPROCESSING=caffe"],
            "a/mine.onnx --lanes '256' --calibration 'my photos' --preprocessing 'caffe'"
            " --weight-bits '4'",
            "build/mine_4 --board ulx3s-85f",
        ),
        (
            ["MODEL=a/mine.onnx", "WEIGHTS=380KB", "CLASSES=a/some.txt", "INPUT_SIZE=96"],
            "a/mine.onnx --lanes '256' --classes 'a/some.txt' --input-size '96' --mixed"
            " --rom-budget '380KB'",
            "build/mine_380KB_some_96 --board ulx3s-85f",
        ),
    ],
)
def test_every_network_has_a_folder_of_its_own(
    tmp_path: Path, given: list[str], compiled: str, made: str
) -> None:
    """What would be run, as `make -n` tells it."""
    _copy(tmp_path)
    for name in ("weights/default/own.onnx", "a/mine.onnx"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    for name in ("hw", "toolchain", ".venv/bin"):
        (tmp_path / name).mkdir(parents=True)
    hearth = tmp_path / ".venv/bin/hearth"  # make asks it for the board's group even with -n
    hearth.write_text("#!/bin/sh\necho ecp5\n")
    hearth.chmod(0o755)
    run = _run(tmp_path, "-n", "bitstream", *given)
    assert run.returncode == 0, run.stderr
    said = " ".join(run.stdout.replace("\\\n", " ").split())
    folder = made.split()[0]
    assert f"hearth compile {'weights/default/' if 'own' in compiled else ''}{compiled}" in said
    assert f"-o {folder} " in said
    assert f"hearth bitstream {made}" in said
    tuned = "own" in compiled and "icepi" not in made
    assert ("--clock 85" in said) == ("--seed 2" in said) == tuned
