"""Shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from tests.nets import every_kind

# No wall-clock limits inside tests: machines differ.
settings.register_profile("hearth", deadline=None, derandomize=True)
settings.load_profile("hearth")


@pytest.fixture(scope="session")
def virtual_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A small network with a layer of every kind, whose virtual board is compiled once for all."""
    return kinds_build(tmp_path_factory.mktemp("board") / "build", 3)


def kinds_build(folder: Path, seed: int) -> Build:
    """The same hardware for every seed, with other weights."""
    design, _ = every_kind.every_kind(seed)
    build_folder.write(folder, design, b"", emit(design), {})
    return build_folder.load(folder)
