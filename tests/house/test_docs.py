"""What documents and messages name is there: files, commands, options, modules, make's targets."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from hearth.toolchain.cli import main as cli
from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FOLDERS = ("hw", "sim", "toolchain", "tests", "weights", "docs", "requirements", ".ci")
SOURCES = sorted(
    path
    for folder in ("hw", "sim", "toolchain")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".sv", ".v", ".x", ".cpp", ".h", ".tcl")
)
DOCUMENTS = sorted(
    {*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("weights/**/*.md")}
)
DOCUMENTS.append(ROOT / "README.md")
MADE = ("weights/imagenet", "hw/layers/clamp", "docs/qonnx", "docs/Contrib")
"""What a reader puts there, and files of other projects."""
_PATH = re.compile(rf"(?<![\w/.:-])((?:{'|'.join(FOLDERS)})/[\w*./-]*[\w*])")
_SPAN = re.compile(r"`([^`\n]+)`|^    (\S.*)$", re.M)
"""A piece of code in a document: between backticks, or an indented line."""


def _missing(text: str) -> list[str]:
    """Paths in a text, from the checkout's root, that are not there."""
    named = (found.rstrip(".") for found in _PATH.findall(text))
    return [path for path in named if not any(ROOT.glob(path)) and not _made(path)]


def _made(path: str) -> bool:
    return path.startswith(MADE)


def _code(path: Path) -> Iterator[str]:
    """What a reader may paste, comments at the end of a line left out."""
    for quoted, indented in _SPAN.findall(path.read_text().replace("\\\n", " ")):
        yield re.split(r"\s{2,}|\s#", quoted or indented)[0]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_a_document_names(path: Path) -> None:
    text = path.read_text()
    assert _missing(text) == []
    links = re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_files_that_sources_name() -> None:
    wrong = {str(path.relative_to(ROOT)): _missing(path.read_text()) for path in SOURCES}
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_a_document_names(path: Path) -> None:
    group: Any = typer.main.get_command(cli.app)
    for code in _code(path):
        found = re.match(r"(?:\.venv/bin/)?hearth +([a-z][a-z-]+)(.*)", code)
        if found:
            assert found[1] in group.commands, code
            known = {name for p in group.commands[found[1]].params for name in p.opts}
            known |= {name for p in group.commands[found[1]].params for name in p.secondary_opts}
            assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", found[2])) <= {*known, "--help"}, code


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_targets_that_a_document_names(path: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
    targets |= {f"setup-{group}" for group in PROJECT["optional-dependencies"]}
    for code in _code(path):
        for module in re.findall(r"python -m ([\w.]+\w)", code):
            spec = module if module in {"pip", "pytest"} else importlib.util.find_spec(module)
            assert spec is not None, code
        found = re.match(r"make ((?:[a-z][a-z0-9-]* ?)+)", code)
        assert found is None or set(found[1].split()) <= targets, code


def _advised(text: str) -> Iterator[str]:
    """The commands that a source has messages name, by advice.command or tell_next."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            words = node.args[1:] if called == "tell_next" else node.args
            if called in ("tell_next", "advice.command") and isinstance(words[0], ast.Constant):
                yield str(words[0].value)


def test_commands_that_sources_name() -> None:
    """In docstrings, examples of --help and messages: what is advised can be typed."""
    group: Any = typer.main.get_command(cli.app)
    examples = re.compile(r"(?:`|Example: )hearth ([a-z][a-z-]+)")
    module = re.compile(r"python -m (hearth\.[\w.]+\w)")
    named = 0
    for path in (path for path in SOURCES if path.suffix == ".py"):
        text = path.read_text()
        for word in (*examples.findall(text), *_advised(text)):
            assert word in (*group.commands, "--help"), f"{path}: hearth {word}"
            named += 1
        for name in module.findall(text):
            assert importlib.util.find_spec(name) is not None, f"{path}: {name}"
            named += 1
    assert named > 20


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    linked = {(ROOT / "docs" / link).resolve() for link in re.findall(r"\]\(([^)]+)\)", index)}
    documents = set((ROOT / "docs").rglob("*.md")) - {ROOT / "docs/README.md"}
    assert {str(path.relative_to(ROOT)) for path in documents - linked} == set()


def test_groups_that_messages_name() -> None:
    """`advice.install` of a group that pyproject.toml does not have would advise nonsense."""
    named = {
        (group, path.name)
        for path in SOURCES
        for group in re.findall(r"advice\.install\([\"'](\w+)[\"']\)", path.read_text())
    }
    assert len({group for group, _ in named}) >= 2
    assert {group for group, _ in named} <= set(PROJECT["optional-dependencies"]), named


def test_the_tour_has_twelve_stops_at_most() -> None:
    """Each names files; that they are there is tested for all documents."""
    text = (ROOT / "docs/design/tour.md").read_text()
    stops = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]
    assert 6 <= len(stops) <= 12
    for stop in stops:
        named = [path for path in _PATH.findall(stop) if (ROOT / path).is_file()]
        assert named, stop
