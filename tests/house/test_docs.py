"""What documents and messages name is there: files, commands, modules, make's targets, groups."""

from __future__ import annotations

import re
import tomllib

from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCES = sorted(p for f in ("hw", "sim", "toolchain") for p in (ROOT / f).rglob("*.py"))


def test_groups_that_messages_name() -> None:
    """`advice.install` of a group that pyproject.toml does not have would advise nonsense."""
    named = {
        (group, path.name)
        for path in SOURCES
        for group in re.findall(r"advice\.install\([\"'](\w+)[\"']\)", path.read_text())
    }
    assert len({group for group, _ in named}) >= 2
    assert {group for group, _ in named} <= set(PROJECT["optional-dependencies"]), named
