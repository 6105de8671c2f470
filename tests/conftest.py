"""Shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from hearth.toolchain.mapping.like import fold_like
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from tests.nets import every_kind

# No wall-clock limits inside tests: machines differ.
settings.register_profile("hearth", deadline=None, derandomize=True)
settings.load_profile("hearth")

FIRST = ("hw", "sim", "video", "exports", "targets", "api", "studies")
"""Folders whose tests build simulators or run synthesis."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes comes first: where several processes share the tests, none is left alone
    with it in the end."""
    items.sort(key=lambda item: item.path.parent.name not in FIRST)


@pytest.fixture(scope="session")
def virtual_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A small network with a layer of every kind, whose virtual board is compiled once for all."""
    return kinds_build(tmp_path_factory.mktemp("board") / "build", 3)


def kinds_build(folder: Path, seed: int) -> Build:
    """The same hardware for every seed, with other weights."""
    design, _ = every_kind.every_kind(seed)
    if seed != 3:
        design = fold_like(design.qgraph, every_kind.every_kind()[0])
    build_folder.write(folder, design, b"", emit(design), {})
    return build_folder.load(folder)
