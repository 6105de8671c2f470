"""How simulators are compiled."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hearth.sim import verilator


@pytest.mark.parametrize(("files", "parts"), [(1, "0"), (8, "0"), (9, "1"), (30, "1")])
def test_a_small_circuit_is_compiled_at_once(files: int, parts: str, tmp_path: Path) -> None:
    """As Verilator's makefile sees it: how many files there are is known there alone."""
    names = " ".join(f"part{number}" for number in range(files))
    (tmp_path / "Makefile").write_text(
        f"VM_FAST += {names}\nVM_PARALLEL_BUILDS = x\n$(info $(VM_PARALLEL_BUILDS))\nall: ;\n"
    )
    with verilator.environment(verilator.find()):
        made = subprocess.run(
            ["make", "-s"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
    assert made.stdout.split() == [parts]
