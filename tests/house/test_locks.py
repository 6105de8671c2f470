"""The locks: every package of pyproject.toml in them, pinned once, with hashes; and its notice."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.house import notices
from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
WITHOUT_LOCK = {"train"}  # torch: which build (processor, CUDA) is the user's choice
LOCKS = {"dev": ROOT / "requirements.lock"} | {
    group: ROOT / f"requirements/{group}.lock" for group in EXTRAS if group not in {"dev", "train"}
}


def test_every_group_has_its_lock() -> None:
    assert set(LOCKS) | WITHOUT_LOCK == set(EXTRAS)
    kept = {*(ROOT / "requirements").glob("*.lock"), ROOT / "requirements.lock"}
    assert set(LOCKS.values()) == kept


@pytest.mark.parametrize("group", LOCKS)
def test_lock_holds_what_pyproject_asks_for(group: str) -> None:
    locked = notices.locked(LOCKS[group])
    for requirement in [*PROJECT["dependencies"], *EXTRAS[group]]:
        name, version = re.split("==", requirement.partition(";")[0].strip())
        assert locked[notices.normal(name)] == version, f"{name}: run: sh requirements/lock.sh"


@pytest.mark.parametrize("group", LOCKS)
def test_every_pin_has_hashes_and_no_line_names_a_host(group: str) -> None:
    text = LOCKS[group].read_text()
    assert "://" not in text
    pins = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(pins) == len(notices.locked(LOCKS[group]))
    for pin in pins:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", pin), pin.splitlines()[0]


def test_locks_agree() -> None:
    """They are installed into one environment."""
    versions: dict[str, str] = {}
    for file in LOCKS.values():
        for name, version in notices.locked(file).items():
            assert versions.setdefault(name, version) == version, f"{file}: {name}"


def test_notices_are_complete() -> None:
    named = re.findall(
        r"^\| ([\w.-]+) \| (\d\S*) \|", (ROOT / notices.FILE).read_text(), re.MULTILINE
    )
    assert dict(named) == {p.name: p.version for p in notices.packages()}, (
        "run: python -m tests.house.notices THIRD_PARTY.md"
    )


def test_notices_of_what_is_installed() -> None:
    text = (ROOT / notices.FILE).read_text()
    for package in notices.packages():
        licence = notices.licence(package.name)
        row = f"| {package.name} | {package.version} | {licence} |"
        assert licence is None or row in text, "run: python -m tests.house.notices THIRD_PARTY.md"


def test_what_the_tests_alone_use_stays_there() -> None:
    """cocotbext-axi brings scapy, GPL-2.0-only: nothing that is delivered may import them."""
    imports = re.compile(r"^\s*(import|from) (scapy|cocotbext|cocotb_bus)", re.MULTILINE)
    for folder in ("toolchain", "hw", "sim"):
        for file in (ROOT / folder).rglob("*.py"):
            assert not imports.search(file.read_text()), file
