"""Two commands at once, killed commands, full disks: real processes and real folders."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import files, private
from hearth.toolchain.support.errors import HearthError
from tests.nets.every_kind import every_kind
from tests.places import ROOT

HEARTH = [sys.executable, "-c", "from hearth.toolchain.cli.entry import main; main()"]


@contextlib.contextmanager
def started(
    command: list[str], folder: Path, tools: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process in `folder`, the leader of its group; the group is gone in the end. Programs in
    `tools` are found first."""
    path = os.pathsep.join([*([str(tools)] if tools else []), os.environ["PATH"]])
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, errors = process.communicate()
    return process.returncode, output, errors


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition() and process.poll() is None:
        time.sleep(0.01)


# ------------------------------------------------------------------------------- writing folders

WRITER = """
    import sys
    from pathlib import Path
    from hearth.toolchain.support import files
    letter, count = sys.argv[1], int(sys.argv[2])
    for _ in range(count):
        content = {f"rtl/{i}": letter * 200 for i in range(30)}
        files.write_folder(Path("x"), {"marker": letter, **content}, "marker", ["sim"])
"""


def writer(letter: str, count: int) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(WRITER), letter, str(count)]


def letters(folder: Path) -> set[str]:
    """What the files of a whole folder hold: one letter."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == sorted(["marker", *(f"rtl/{i}" for i in range(30))])
    return {(folder / name).read_text()[0] for name in names}


def test_writers_at_once(tmp_path: Path) -> None:
    """The folder is one writer's, never a mixture, and nothing hidden is left."""
    with contextlib.ExitStack() as stack:
        writers = [stack.enter_context(started(writer(c, 20), tmp_path)) for c in "abc"]
        for process in writers:
            status, _, errors = ended(process)
            assert status == 0, errors
    assert letters(tmp_path / "x") < {"a", "b", "c"}
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_killed_writers(tmp_path: Path) -> None:
    """At whatever moment one dies: the folder is whole, and the next one clears up."""
    rng = random.Random(5)
    files.write_folder(tmp_path / "x", {"marker": "0", **{f"rtl/{i}": "0" for i in range(30)}}, "x")
    left = 0
    for _ in range(12):
        with started(writer("k", 10_000), tmp_path) as process:
            until(lambda: len(list(tmp_path.iterdir())) > 1, process)
            time.sleep(rng.random() * 0.05)
        assert len(letters(tmp_path / "x")) == 1
        left += len(list(tmp_path.iterdir())) - 1
    assert left > 0
    files.write_folder(tmp_path / "x", {"marker": "z"}, "marker")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_other_peoples_folders_stay(tmp_path: Path) -> None:
    """Hidden folders beside a build that are not ours, and those that are being worked on."""
    for name in (".x.cache", ".x.old", ".xy.hearth-1", "x.hearth-1"):
        (tmp_path / name).mkdir()
    with private.folder_beside(tmp_path / "x") as working:
        files.write_folder(tmp_path / "x", {"marker": "1"}, "marker")
        assert working.is_dir()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {".x.cache", ".x.old", ".xy.hearth-1", "x.hearth-1", "x"}


def test_where_names_cannot_be_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two renames instead; who dies between them leaves the old folder, which comes back."""
    monkeypatch.setattr(private, "_exchanged", lambda one, other: False)
    for letter in "ab":
        files.write_folder(tmp_path / "x", {"marker": letter}, "marker")
    assert (tmp_path / "x" / "marker").read_text() == "b"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    (tmp_path / "x").rename(tmp_path / ".x.hearth-q-old")
    with private.folder_beside(tmp_path / "x"):
        assert (tmp_path / "x" / "marker").read_text() == "b"


# ---------------------------------------------------------------------------------- build folders


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small build, and frames.npy beside it."""
    folder = tmp_path_factory.mktemp("twice")
    design, frames = every_kind()
    build_folder.write(folder / "x", design, b"model", emit(design), {})
    np.save(folder / "frames.npy", frames)
    return folder / "x"


def test_reading_while_it_is_replaced(build: Path, tmp_path: Path) -> None:
    """`hearth compile` into a folder that another command reads: one or the other build."""
    shutil.copytree(build, tmp_path / "x")
    script = """
        from pathlib import Path
        from hearth.toolchain.saved import build_folder
        build = build_folder.load(Path("x"))
        for number in range(60):
            build_folder.write(Path("x"), build.design, b"", build.content, {"number": number})
    """
    seen = set()
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with started(command, tmp_path) as process:
        while process.poll() is None:
            seen.add(build_folder.load(tmp_path / "x").figures.get("number"))
        status, _, errors = ended(process)
    assert status == 0, errors
    assert len(seen) > 3


def test_nothing_is_compiled_under_a_bitstream(build: Path, tmp_path: Path) -> None:
    """While one is made, another is refused, and so is `hearth compile`; both name the folder."""
    shutil.copytree(build, tmp_path / "x")
    script = """
        import time
        from pathlib import Path
        from hearth.toolchain.support import private
        with private.alone(Path("x/board"), "hearth bitstream"):
            Path("x/board/started").touch()
            time.sleep(600)
    """
    loaded = build_folder.load(tmp_path / "x")
    with started([sys.executable, "-c", textwrap.dedent(script)], tmp_path) as process:
        until((tmp_path / "x/board/started").exists, process)
        with pytest.raises(HearthError, match="x: hearth bitstream is at work in it; wait"):
            build_folder.write(tmp_path / "x", loaded.design, b"", loaded.content, {})
        with (
            pytest.raises(HearthError, match="x/board: another hearth bitstream is at work there"),
            private.alone(tmp_path / "x/board", "hearth bitstream"),
        ):
            pass
    (tmp_path / "x/board/started").unlink()
    with private.alone(tmp_path / "x/board", "hearth bitstream"):
        pass
    assert not (tmp_path / "x/board").exists()
    build_folder.write(tmp_path / "x", loaded.design, b"", loaded.content, {})


def simulation(*options: str) -> list[str]:
    return [*HEARTH, "sim", "x", "frames.npy", *options]


def test_simulations_at_once(build: Path) -> None:
    """One is killed while it builds the simulator; two others then share one, each equal."""
    made = build / "sim"
    with started(simulation(), build.parent) as process:
        until(lambda: bool(list(made.glob("*/made/.simulator.hearth-*/*.mk"))), process)
    assert list(made.glob("*/made/.simulator.hearth-*"))
    seeds = (("--seed", "2", "--stall", "20"), ())
    with contextlib.ExitStack() as stack:
        both = [stack.enter_context(started(simulation(*s), build.parent)) for s in seeds]
        for process in both:
            status, output, errors = ended(process)
            assert status == 0, errors
            assert "3 frames, every beat of 10 edges equal" in output
    assert [path.name for path in made.glob("*/made/*")] == ["simulator"]
    assert not list(made.glob("*/made/.simulator*"))


def test_killed_simulations(build: Path) -> None:
    """Killed at random moments, they leave nothing that harms the next one."""
    rng = random.Random(8)
    for _ in range(4):
        with started(simulation(), build.parent) as process:
            until(lambda: bool(list((build / "sim").glob(".run.hearth-*"))), process)
            time.sleep(rng.random() * 0.3)
    with started(simulation(), build.parent) as process:
        status, _, errors = ended(process)
    assert status == 0, errors
    assert not list((build / "sim").glob(".run*"))


def limited(size: int) -> list[str]:
    """A simulation in which no file may grow beyond `size` bytes: a full disk, for one process."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
    return [sys.executable, "-c", f"{limit} {HEARTH[-1]}", "sim", "x", "frames.npy"]


@pytest.mark.parametrize("size", [0, 100, 700, 2_000])
def test_no_room(build: Path, size: int) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    with started(limited(size), build.parent) as process:
        status, _, errors = ended(process)
    assert status == 2, errors
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith("hearth: ")


def test_no_room_for_the_simulator(build: Path, tmp_path: Path) -> None:
    """And afterwards nothing half-built is taken for a simulator."""
    shutil.copytree(build, tmp_path / "x", ignore=shutil.ignore_patterns("sim"))
    shutil.copy(build.parent / "frames.npy", tmp_path)
    with started(limited(50_000), tmp_path) as process:
        status, _, errors = ended(process)
    assert status == 2, errors
    assert errors.splitlines()[-1].startswith("hearth: the simulator does not build: ")
    assert not list((tmp_path / "x").glob("sim/*/made/simulator"))
    assert list((tmp_path / "x").glob("sim/*/made/build.log"))


def test_a_folder_that_cannot_be_written(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Simulators go to the cache; without that, one sentence."""
    run = pytest.importorskip("hearth.sim.run")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    other = tmp_path / "y"
    other.mkdir()
    (other / "sim").write_text("in the way")
    assert run.workplace(other).is_relative_to(tmp_path / "cache")
    (tmp_path / "full").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "full"))
    with pytest.raises(HearthError, match="cannot be written, and neither can"):
        run.workplace(other)


# ---------------------------------------------------------------------------------------- Ctrl-C


def test_interrupted_while_it_loads(build: Path) -> None:
    rng = random.Random(3)
    for _ in range(6):
        with started([*HEARTH, "run", "x", "frames.npy"], build.parent) as process:
            maps = Path(f"/proc/{process.pid}/maps")
            until(lambda maps=maps: "numpy" in maps.read_text(), process)  # type: ignore[misc]
            time.sleep(rng.random() * 0.6)
            process.send_signal(signal.SIGINT)
            status, _, errors = ended(process)
        assert "Traceback" not in errors
        assert status in (0, 130), errors
        assert status == 0 or errors.splitlines()[-1] == "hearth: interrupted"


def test_interrupted_at_work(build: Path, tmp_path: Path) -> None:
    """While a tool runs, here a `make` that does not end: one line, and nothing half-built."""
    shutil.copytree(build, tmp_path / "x", ignore=shutil.ignore_patterns("sim"))
    shutil.copy(build.parent / "frames.npy", tmp_path)
    made, at_work, tools = tmp_path / "x" / "sim", tmp_path / "at_work", tmp_path / "tools"
    tools.mkdir()
    (tools / "make").write_text(f"#!/bin/sh\n: >'{at_work}'\nexec sleep 1000\n")
    (tools / "make").chmod(0o755)
    with started(simulation(), tmp_path, tools) as process:
        until(at_work.exists, process)
        process.send_signal(signal.SIGINT)
        status, _, errors = ended(process)
    assert status == 130
    assert errors.splitlines()[-1] == "hearth: interrupted"
    assert errors.count("interrupted") == 1
    assert not list(made.glob("*/made/*simulator*"))
