"""The shape of the house: arrows one way, small files, layer kinds that answer for themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from hearth.hw import layers
from tests.places import ROOT

FOLDERS = ("hw", "sim", "toolchain")
INTERFACE = sorted((ROOT / "hearth").glob("*.py"))
"""What users import; its other folders are links to those above."""
PYTHON = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")) + INTERFACE
HARDWARE = sorted(p for p in (ROOT / "hw").rglob("*") if p.suffix in (".sv", ".v", ".x"))
LOOSE = 4
"""Python files in the compiler's root."""
FUNCTION_LINES = 40
HARDWARE_LINES = 150
HARDWARE_COLUMNS = 100


def _name(path: Path) -> str:
    """hearth.toolchain.ir for toolchain/ir/__init__.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if path not in INTERFACE:
        parts = ("hearth", *parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {_name(path): path for path in PYTHON}


def _imports(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found = inner if inner in MODULES else node.module
                if found in MODULES:
                    yield found
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)


def _room(module: str) -> str:
    """The folder of a module. The list of passes stands above the folders beside it."""
    path = MODULES[module]
    if path == ROOT / "toolchain" / "pipeline.py":
        return str(path)
    return str(path.parent.relative_to(ROOT))


def test_no_folder_imports_one_that_imports_it() -> None:
    rooms: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        arrows = rooms.setdefault(_room(module), set())
        arrows.update(_room(found) for found in _imports(path))
        arrows.discard(_room(module))
    try:
        order = list(TopologicalSorter(rooms).static_order())
    except CycleError as error:
        pytest.fail(f"folders import one another in a circle: {' <- '.join(error.args[1])}")
    ground = next(room for room in order if rooms[room] == set() and room.startswith("toolchain"))
    assert ground == "toolchain/support"


def _rules() -> dict[str, set[str] | None]:
    """Rooms of docs/design/house.md in its order, with what each may import; None: all above."""
    text = (ROOT / "docs/design/house.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    return {
        room: None if words == "all above" else set(re.findall(r"`([^`]+)`", words))
        for room, words in rows
    }


def _row(room: str) -> str:
    """The row of a room; all layer kinds share one."""
    return "hw/layers/<kind>" if room.startswith("hw/layers/") else room.removeprefix(f"{ROOT}/")


def test_the_map_of_the_rooms() -> None:
    """docs/design/house.md names every room, and no import goes down in its table or past it."""
    rules = _rules()
    order = list(rules)
    assert all(above in order[: order.index(room)] for room in order for above in rules[room] or ())
    for module, path in MODULES.items():
        room = _row(_room(module))
        for found in {_row(_room(other)) for other in _imports(path)} - {room}:
            hint = f"{path.relative_to(ROOT)} imports {found}: see docs/design/house.md"
            assert {room, found} <= set(order), hint
            allowed = rules[room]
            above = set(order[: order.index(room)]) if allowed is None else allowed
            assert found in above, hint


def test_ground_floor_and_studies() -> None:
    """Support knows nothing of networks; nobody imports a study."""
    for module, path in MODULES.items():
        found = set(_imports(path))
        if "toolchain.support" in module:
            assert all("toolchain.support" in other for other in found), module
        if "toolchain.studies" not in module:
            assert not any("toolchain.studies" in other for other in found), module


def test_few_files_are_loose() -> None:
    loose = sorted(path.name for path in (ROOT / "toolchain").glob("*.py"))
    assert len(loose) <= LOOSE, loose


def _imported_kinds(tree: ast.AST) -> set[str]:
    """Names under which a file imports from hearth.hw.layers."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hearth.hw.layers")
        for alias in node.names
    }


def _names(*nodes: ast.AST) -> set[str]:
    """Every name, attribute and string in these expressions."""
    found: set[str] = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _questions(tree: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Lines that ask what something is, and all names in the question: isinstance, issubclass,
    `x.kind == ...`, `x.kind in ...`, `type(x) is ...` and match."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _names(node.func) & {"isinstance", "issubclass"}:
            yield node.lineno, _names(*node.args[1:])
        elif isinstance(node, ast.Compare):
            if {"kind", "type"} & _names(node):
                yield node.lineno, _names(node)
        elif isinstance(node, ast.MatchClass):
            yield node.cls.lineno, _names(node.cls)
        elif isinstance(node, ast.Match) and "kind" in _names(node.subject):
            yield node.lineno, _names(*(case.pattern for case in node.cases))


def test_questions_are_recognised() -> None:
    """The search below finds what it looks for."""
    for line in (
        "isinstance(x, Conv)",
        "issubclass(type(x), (int, Conv))",
        "layer.kind == 'conv'",
        "layer.kind not in ('conv', 'table')",
        "type(x) is Conv",
        "match x:\n  case Conv():\n    pass",
        "match x.kind:\n  case 'conv':\n    pass",
    ):
        asked = {name for _, names in _questions(ast.parse(line)) for name in names}
        assert asked & {"Conv", "conv"}, line


def test_nobody_asks_what_kind_a_layer_is() -> None:
    """Outside its folder, nothing tests for the class or the name of a layer kind."""
    for path in PYTHON:
        tree = ast.parse(path.read_text())
        imported, asked = _imported_kinds(tree), list(_questions(tree))
        for kind in layers.kinds().values():
            if kind.folder().resolve() == path.parent.resolve():
                continue
            known = {kind.kind} | ({kind.__name__} & imported)
            wrong = [line for line, names in asked if names & known]
            assert not wrong, f"{path}:{wrong} asks for a {kind.kind} layer"


def test_functions_fit_a_page() -> None:
    long = []
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} {lines}")
    assert long == []


def test_hardware_files_fit_a_page() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in HARDWARE}
    assert {path: n for path, n in lengths.items() if n > HARDWARE_LINES} == {}


def test_hardware_lines_fit_a_page() -> None:
    for path in HARDWARE:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= HARDWARE_COLUMNS, f"{path.relative_to(ROOT)}:{number}"
