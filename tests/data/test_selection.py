"""Lists of classes to keep: what a line means, and every refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hearth.toolchain.data import selection
from tests.cli.test_errors import refusal

NAMES = (
    "tench, Tinca tinca",
    "crane",
    "great white shark, white shark, man-eater",
    "maillot",
    "maillot, tank suit",
    "crane",
    "Egyptian cat",
    "water snake, moccasin",
    "water moccasin, moccasin",
)


def read(folder: Path, text: str, name: str = "wanted.txt") -> tuple[int, ...]:
    path = folder / name
    path.write_text(text)
    return selection.read(path, NAMES, len(NAMES)).numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Egyptian cat\ntench, Tinca tinca\n", (6, 0)),
        ("egyptian_cat\r\n\r\n  Tinca Tinca  \n", (6, 0)),
        ("5\n1\n", (5, 1)),
        ("white shark\n8\n", (2, 8)),
        ("maillot, tank suit\nmaillot\n", (4, 3)),  # whole names come before synonyms
        ("tank suit\ntench", (4, 0)),
    ],
)
def test_names_synonyms_and_numbers(text: str, wanted: tuple[int, ...], tmp_path: Path) -> None:
    assert read(tmp_path, text) == wanted


def test_a_json_list(tmp_path: Path) -> None:
    assert read(tmp_path, json.dumps(["Egyptian cat", 5, "tench"]), "wanted.json") == (6, 5, 0)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "wanted.txt: keeps no class; one name or number per line is expected"),
        (" \n\n", "wanted.txt: keeps no class; one name or number per line is expected"),
        ("tench\n", "wanted.txt: keeps one class alone; a network tells 2 or more apart"),
        ("tench\ncrane\n", "wanted.txt: line 2: 'crane' may be class 1 or 5; give the number"),
        ("0\nmoccasin", "wanted.txt: line 2: 'moccasin' may be class 7 or 8; give the number"),
        (
            "tench\n\n0\n",
            "wanted.txt: line 3: '0' is class 0 a second time, after line 1",
        ),
        (
            "tench\ntrench\n",
            "wanted.txt: line 2: no class 'trench': none is called so, or a number below 9",
        ),
        ("0\n9\n", "wanted.txt: line 2: class 9 does not exist, there are 9 classes"),
        ("0\n-1\n", "wanted.txt: line 2: no class '-1': none is called so, or a number below 9"),
        ("0\n٣\n", "wanted.txt: line 2: no class '٣': none is called so, or a number below 9"),
    ],
)
def test_refusals(text: str, wanted: str, tmp_path: Path) -> None:
    assert refusal(lambda: read(tmp_path, text)).replace(f"{tmp_path}/", "") == wanted


def test_more_refusals(tmp_path: Path) -> None:
    path = tmp_path / "wanted.txt"
    path.write_text("cat\n1")
    told = refusal(lambda: selection.read(path, (), 4)).replace(f"{tmp_path}/", "")
    assert told == (
        "wanted.txt: line 1: no class 'cat': the classes have no names, give --class-names, or a"
        " number below 4"
    )
    path.write_text("2\n1")
    told = refusal(lambda: selection.read(path, ("1", "2", "3"), 3)).replace(f"{tmp_path}/", "")
    assert told == (
        "wanted.txt: line 1: '2' may be class 1 or 2; give names that are no numbers with"
        " --class-names"
    )
    assert selection.read(path, ("0", "1", "2"), 3).numbers == (2, 1)
    listed = tmp_path / "wanted.json"
    listed.write_text('{"a": 1}')
    told = refusal(lambda: selection.read(listed, NAMES, 9))
    assert told == "wanted.json: a JSON list of class names or numbers is expected"
    listed.write_text("[true, 1]")
    assert "a JSON list of class names" in refusal(lambda: selection.read(listed, NAMES, 9))
