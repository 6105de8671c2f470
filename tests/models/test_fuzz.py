"""A hundred damaged model files: each equals ONNX Runtime or is refused in one sentence.

`python -m tests.fuzz` tries more of them, from more seeds.
"""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import numpy as np

from tests.fuzz.__main__ import fuzz
from tests.fuzz.judge import RIGHT, compare
from tests.fuzz.sandbox import finish, start
from tests.fuzz.seeds import seeds


def test_a_hundred_mutants(tmp_path: Path) -> None:
    outcomes = fuzz(seeds(), 100, 1, tmp_path)
    wrong = "\n".join(path.read_text() for path in sorted(tmp_path.glob("*.txt")))
    assert set(outcomes) == RIGHT, wrong
    assert outcomes["equal"] >= 10  # neither are all of them refused


def test_the_judge_sees_wrong_scores() -> None:
    theirs = np.random.default_rng(0).normal(size=(6, 11))
    assert compare(theirs + 0.01, theirs, theirs, 30, "float").kind == "equal"
    assert compare(theirs * 1.1, theirs, theirs, 30, "float").kind == "wrong"
    assert compare(theirs[:, :5], theirs, theirs, 30, "float").kind == "wrong"
    assert compare(theirs, theirs, -theirs, 30, "float").kind == "wrong"
    assert compare(theirs, theirs, theirs.argmax(axis=1)[:, None], 30, "float").kind == "equal"
    assert compare(theirs, theirs, theirs.argmin(axis=1)[:, None], 30, "float").kind == "wrong"


def test_the_sandbox_survives() -> None:
    def dies() -> None:
        raise AssertionError("one line")

    def works_on() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
        while True:
            pass

    def crashes() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    found = []
    for action in (dies, works_on, crashes):
        _, verdict = finish([start(action)])  # type: ignore[arg-type]
        found.append(verdict)
    assert [verdict.kind for verdict in found] == ["traceback", "hang", "crash"]
    assert found[0].detail.strip().endswith("AssertionError: one line")
