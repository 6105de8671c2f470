"""Measures simulations: a table of cycles, utilisation and speed, without and with stalls.

python -m hearth.sim.bench build/default build/video
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hearth.sim.results import SimResult
from hearth.sim.run import simulate
from hearth.toolchain.data import images
from hearth.toolchain.ir import golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import script
from hearth.toolchain.support.text import printable

COLUMNS = ("stalls", "equal", "lanes", "cycles", "model", "at work", "latency", "kHz", "s/frame")
"""Cycles per frame as measured and by the model; thousands of cycles simulated in a second."""


def bench(folder: Path, photographs: Path, limit: int, stalls: list[int]) -> Table:
    """One row per stall rate, on the same frames."""
    loaded = build_folder.load(folder)
    edge = loaded.qgraph.input
    chosen = images.open_set(photographs).limited(limit)
    batches = chosen.batches(loaded.qgraph.preprocessing, (edge.height, edge.width))
    frames = np.concatenate(list(batches))
    edges = golden.run(loaded.qgraph, frames)
    rows = [(p, simulate(loaded, frames, edges=edges, stall_percent=p)) for p in stalls]
    return table(f"{loaded.qgraph.name}, {len(frames)} frames", rows)


def table(title: str, rows: Sequence[tuple[int, SimResult]]) -> Table:
    """A row for each percentage of stalls and what was seen with it."""
    found = Table(title=escape(printable(title)), title_justify="left", box=None, pad_edge=False)
    for column in COLUMNS:
        found.add_column(column, justify="right", overflow="fold")
    for percent, result in rows:
        found.add_row(
            f"{percent} %",
            "yes" if result.ok else "NO",
            f"{result.mac_lanes:,}",
            _figure(result.cycles_per_frame, ","),
            f"{result.model_cycles_per_frame:,}",
            _figure(result.mac_utilisation, ".1%"),
            f"{result.latency_cycles:,}",
            f"{result.total_cycles / result.seconds / 1000:,.0f}" if result.seconds else "",
            f"{result.seconds / max(1, result.frames):.2f}",
        )
    return found


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="build folder")
    parser.add_argument("images", type=Path, help="folder of photographs")
    parser.add_argument("--limit", type=int, default=12, help="frames at most")
    parser.add_argument(
        "--stall", type=int, nargs="*", default=[0, 20], help="percent, one row each"
    )
    options = parser.parse_args()
    Console().print(bench(options.build, options.images, options.limit, options.stall))


if __name__ == "__main__":
    script.run(main)
