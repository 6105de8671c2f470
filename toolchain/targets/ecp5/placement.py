"""Places and routes: one seed after another until one meets the clock; the fastest is kept.

One netlist reaches clocks that differ by several MHz with the seed of its placement, which nobody
can foretell. A faster placement than the clock needs would gain nothing, so the first that meets it
is the last that is tried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth.toolchain.support import progress
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.ecp5 import project
from hearth.toolchain.targets.ecp5.project import Plan
from hearth.toolchain.targets.target import Wish

DEFAULT_SEED = 1
ROUTED = "routed.config"
_LOG, _TIMING = "route.log", "timing.json"


@dataclass(frozen=True)
class Attempt:
    """One run of nextpnr.

    wanted    MHz of the network's clock
    measured  nextpnr's own report, empty where it failed
    """

    seed: int
    run: tools.Run
    measured: dict[str, Any]
    wanted: float

    @property
    def mhz(self) -> float:
        """The network's clock as reached; 0 where nothing was placed and routed. It is the one with
        the constraint that was wanted (of several the slowest), and nets' names do not tell."""
        rows = [] if self.run.status else list(self.measured.get("fmax", {}).values())
        off = [abs(row["constraint"] - self.wanted) for row in rows]
        nearest = (row["achieved"] for row, by in zip(rows, off, strict=True) if by == min(off))
        return min(nearest, default=0.0)

    @property
    def missed(self) -> list[str]:
        """Clocks that did not reach what they were asked for."""
        return [net for net, (reached, asked) in self.clocks.items() if reached < asked]

    @property
    def met(self) -> bool:
        """Every clock reached what was asked for, the network's what was wanted too: a constraint
        is rounded to a picosecond of its period."""
        return not self.missed and self.mhz >= self.wanted

    @property
    def clocks(self) -> dict[str, list[float]]:
        """MHz reached of each clock and asked for, by its net without what nextpnr adds."""
        return {
            re.sub(r"\$glbnet\$|\$TRELLIS_IO_IN", "", name): [row["achieved"], row["constraint"]]
            for name, row in self.measured.get("fmax", {}).items()
        }


def attempts(plan: Plan, wish: Wish, folder: Path, report: progress.Report) -> list[Attempt]:
    """Every placement that was tried; the files in `folder` are those of the fastest."""
    first = DEFAULT_SEED if wish.seed is None else wish.seed
    tried: list[Attempt] = []
    for seed in range(first, first + (wish.seeds or 1)):
        report(_told(seed, tried), 1, 3)
        tried.append(_attempt(plan, seed, folder))
        if tried[-1] is fastest(tried):
            _rename(folder, "", ".fastest")
        if tried[-1].met:
            break
    _rename(folder, ".fastest", "")
    return tried


def fastest(tried: Sequence[Attempt]) -> Attempt:
    """By the network's clock, those first that meet every clock; of equal ones the first."""
    return max(tried, key=lambda attempt: (attempt.met, attempt.mhz))


def _told(seed: int, tried: Sequence[Attempt]) -> str:
    before = f" after {fastest(tried).mhz:.1f} MHz" if tried else ""
    return f"nextpnr: place and route, seed {seed}{before}"


def _attempt(plan: Plan, seed: int, folder: Path) -> Attempt:
    timing = folder / _TIMING
    timing.unlink(missing_ok=True)
    run = tools.run("nextpnr-ecp5", route(plan, seed), folder, _LOG)
    measured = json.loads(timing.read_text()) if timing.is_file() else {}
    return Attempt(seed, run, measured, plan.clock.hz / 1e6)


def _rename(folder: Path, old: str, new: str) -> None:
    for name in (ROUTED, _LOG, _TIMING):
        if (folder / (name + old)).is_file():
            (folder / (name + old)).replace(folder / (name + new))


def route(plan: Plan, seed: int) -> list[str]:
    """Arguments of nextpnr."""
    return [
        plan.board.options["nextpnr"],
        *("--package", plan.wiring.package, "--speed", plan.wiring.speed),
        *("--json", project.NETLIST, "--lpf", project.CONSTRAINTS),
        *("--textcfg", ROUTED, "--report", _TIMING),
        *("--router", "router2"),
        *("--freq", f"{plan.clock.hz / 1e6:.3f}"),
        *("--seed", str(seed), "--timing-allow-fail"),
    ]
