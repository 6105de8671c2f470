"""The contract of every layer kind: hardware equals the golden model, at the pace promised.

Geometries are drawn by each kind itself (Layer.examples): a new kind is tested without a word here.
All networks of a kind share one simulator, kept below build/ between runs of the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from hearth.hw.layers import kinds
from hearth.sim.execute import Options
from hearth.sim.nets import simulate_nets
from hearth.sim.results import SimResult
from tests.nets.single import Single, all_files, draw
from tests.places import CACHE

EXAMPLES = {"conv": 14, "addition": 5, "concat": 5, "gating": 5}
OTHER_EXAMPLES = 8
SEED = 20
UNLIMITED = 1 << 31
STALLS = ((0, 1), (10, 2), (25, 3), (45, 4))
"""Percent and seed of each run; the first is without stalls."""


@dataclass(frozen=True, eq=False)
class Runs:
    """The networks of one kind and their results, per entry of STALLS."""

    singles: list[Single]
    results: list[list[SimResult]]


def simulated(kind: str, folder: Path) -> Runs:
    """The first examples of a kind, simulated below `folder`."""
    singles = draw(kind, EXAMPLES.get(kind, OTHER_EXAMPLES), SEED)
    options = [Options(percent, seed, max_errors=UNLIMITED) for percent, seed in STALLS]
    nets = [single.net for single in singles]
    results = simulate_nets(nets, all_files(singles), folder, options, cache=CACHE)
    return Runs(singles, results)


@pytest.mark.parametrize("run", range(len(STALLS)), ids=[f"stall{p}" for p, _ in STALLS])
def every_beat_is_equal(runs: Runs, run: int) -> None:
    wrong = [
        f"{single.title}: {result.verdict}"
        for single, result in zip(runs.singles, runs.results[run], strict=True)
        if not result.ok
    ]
    assert not wrong, "\n".join(wrong)


def cycles_are_as_promised(runs: Runs) -> None:
    """The promise holds for a kernel that is never starved: not where the input stream alone takes
    nearly as long as the kernel, so that it cannot run ahead."""
    wrong = []
    for single, result in zip(runs.singles, runs.results[0], strict=True):
        edge = result.edges[0]
        promised = single.promised
        tight = 0.9 < edge.expected / result.frames / promised < 1.0
        took = result.ends[-1] - result.ends[-2]
        least = promised if single.exact else 0.98 * promised
        if not least <= took <= promised and not tight:
            promise = f"{took} cycles, promised {promised}"
            wrong.append(f"{single.title}: {promise}")
    assert not wrong, "\n".join(wrong)


def stalls_reach_every_edge(runs: Runs) -> None:
    for result in runs.results[-1]:
        for edge in result.edges:
            assert edge.withheld > 0 or edge.beats < 50, f"{edge.name}: never stalled"


@pytest.fixture(scope="class")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    kind: str = request.cls.kind
    return simulated(kind, tmp_path_factory.mktemp(kind))


class Contract:
    """What a kind is held to: a class of tests for each, which one process takes as a whole."""

    kind: ClassVar[str]
    test_every_beat_is_equal = staticmethod(every_beat_is_equal)
    test_cycles_are_as_promised = staticmethod(cycles_are_as_promised)
    test_stalls_reach_every_edge = staticmethod(stalls_reach_every_edge)


for _kind in sorted(kinds()):
    _name = f"Test{_kind.title()}"
    globals()[_name] = type(_name, (Contract,), {"kind": _kind})
