"""Placements with one seed after another: which is kept, and when the next one is tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hearth.toolchain.support import progress
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.ecp5 import boards, pins, placement, pll, project, report
from hearth.toolchain.targets.ecp5.memory_plan import MemoryPlan
from hearth.toolchain.targets.ecp5.multipliers import Multipliers
from hearth.toolchain.targets.target import Wish

pytest.importorskip("amaranth_boards")
BOARD = boards.BOARDS[0]
MHZ = {1: 70.0, 2: 75.5, 3: 0.0, 4: 81.0, 5: 90.0}
"""What is reached with each seed; with 0 the router fails."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seeds that nextpnr was called with."""
    seeds: list[int] = []

    def run(tool: str, arguments: list[str], folder: Path, log: str) -> tools.Run:
        seed = int(arguments[arguments.index("--seed") + 1])
        seeds.append(seed)
        (folder / log).write_text(f"log of {seed}")
        if MHZ[seed]:
            (folder / placement.ROUTED).write_text(f"routed with {seed}")
        wanted = float(arguments[arguments.index("--freq") + 1])
        rows = {
            "clk": {"achieved": MHZ[seed] or 99.0, "constraint": wanted},
            "pixel": {"achieved": 65.7, "constraint": 25.0},
        }
        (folder / "timing.json").write_text(json.dumps({"fmax": rows}))
        return tools.Run(tool, 1.0, 1.0, 1, f"log of {seed}", int(not MHZ[seed]))

    monkeypatch.setattr(tools, "run", run)
    return seeds


def _plan(mhz: float) -> project.Plan:
    wiring = pins.of(BOARD)
    clock = pll.design(wiring.clock_hz, mhz * 1e6)
    share = Multipliers((), 0, 0)
    return project.Plan(BOARD, wiring, clock, share, MemoryPlan(()), (), live=False)


@pytest.mark.parametrize(
    ("mhz", "seed", "seeds", "tried", "kept"),
    [
        (72, None, None, [1], 1),
        (72, 2, None, [2], 2),
        (72, None, 4, [1, 2], 2),
        (80, None, 4, [1, 2, 3, 4], 4),
        (100, None, 3, [1, 2, 3], 2),
        (100, 3, 2, [3, 4], 4),
        (100, 3, None, [3], 3),
    ],
)
def test_the_fastest_is_kept_and_the_first_that_meets_the_clock_is_the_last(
    asked: list[int],
    mhz: float,
    seed: int | None,
    seeds: int | None,
    tried: list[int],
    kept: int,
    tmp_path: Path,
) -> None:
    wish = Wish(mhz, seed=seed, seeds=seeds)
    found = placement.attempts(_plan(mhz), wish, tmp_path, progress.silent)
    assert asked == [attempt.seed for attempt in found] == tried
    assert [attempt.mhz for attempt in found] == [MHZ[seed] for seed in tried]
    assert placement.fastest(found).seed == kept
    assert (tmp_path / "route.log").read_text() == f"log of {kept}"
    if MHZ[kept]:
        assert (tmp_path / placement.ROUTED).read_text() == f"routed with {kept}"
    assert not [path.name for path in tmp_path.glob("*.fastest")]


def test_progress_names_the_seed_and_what_was_reached(asked: list[int], tmp_path: Path) -> None:
    told: list[str] = []
    plan, wish = _plan(100), Wish(100, seeds=3)
    placement.attempts(plan, wish, tmp_path, lambda text, done, of: told.append(text))
    assert told == [
        "nextpnr: place and route, seed 1",
        "nextpnr: place and route, seed 2 after 70.0 MHz",
        "nextpnr: place and route, seed 3 after 75.5 MHz",
    ]


def test_report_names_every_seed_that_was_tried() -> None:
    figures = {
        "network": "net",
        "board": "board",
        "device": "part",
        "build_id": "0",
        "lanes": 1,
        "lanes_in_luts": 0,
        "cycles_per_frame": 1,
        "resources": {},
        "tools": [],
        "error": "",
        "met": True,
        "fmax_mhz": 75.5,
        "clock_mhz": 72.0,
        "frames_per_second": 1,
        "seed": 2,
        "seeds_mhz": {"1": 70.0, "2": 75.5},
    }
    assert "  MHz by seed 1: 70.0, 2: 75.5; seed 2 is kept" in list(report.lines(figures))
    alone = figures | {"seeds_mhz": {"2": 75.5}}
    assert not [line for line in report.lines(alone) if "seed" in line]


def test_clocks_are_told_by_net() -> None:
    """As of a board with a camera and a screen, without what nextpnr adds to names."""
    rows = {
        "$glbnet$u_camera.clk": {"achieved": 71.5, "constraint": 60.0},
        "$glbnet$cam_pclk_pin$TRELLIS_IO_IN": {"achieved": 190.0, "constraint": 50.0},
    }
    run = tools.Run("nextpnr-ecp5", 1.0, 1.0, 1, "", 0)
    found = placement.Attempt(1, run, {"fmax": rows}, 60).clocks
    assert found == {"u_camera.clk": [71.5, 60.0], "cam_pclk_pin": [190.0, 50.0]}
    assert placement.Attempt(1, run, {}, 60).clocks == {}


@pytest.mark.parametrize(
    ("network", "shift", "mhz", "missed", "met"),
    [
        (71.7, 202.6, 71.7, ["u_board.clk"], False),
        (72.4, 202.6, 72.4, [], True),
        (72.4, 124.0, 72.4, ["fast_clk"], False),
    ],
)
def test_slower_clocks_than_the_network_s_count_where_they_are_missed(
    network: float, shift: float, mhz: float, missed: list[str], met: bool
) -> None:
    rows = {
        "$glbnet$clock_pin$TRELLIS_IO_IN": {"achieved": 65.7, "constraint": 25.0},
        "$glbnet$u_board.clk": {"achieved": network, "constraint": 71.8752},
        "$glbnet$fast_clk": {"achieved": shift, "constraint": 125.0},
    }
    run = tools.Run("nextpnr-ecp5", 1.0, 1.0, 1, "", 0)
    found = placement.Attempt(1, run, {"fmax": rows}, 71.875)
    assert (found.mhz, found.missed, found.met) == (mhz, missed, met)
    figures = {
        **{"resources": {}, "error": "", "frames_per_second": 1, "clock_mhz": 71.875},
        **{"fmax_mhz": found.mhz, "met": found.met, "clocks": found.clocks},
    }
    told = report.verdict(figures)
    assert told.startswith("timing met" if met else "timing FAILED")
    assert met or ("--clock 71" in told) == ("fast_clk" not in told)
