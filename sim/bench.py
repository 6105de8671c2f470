"""Measures simulations: a table of cycles, utilisation and speed, without and with stalls.

python -m hearth.sim.bench build/default build/video
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from hearth.sim.run import simulate
from hearth.toolchain.data import images
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import script

COLUMNS = (
    "stalls",
    "equal",
    "lanes",
    "cycles/frame",
    "model",
    "utilisation",
    "latency",
    "kcycles/s",
    "s/frame",
)


def bench(folder: Path, photographs: Path, limit: int, stalls: list[int]) -> Table:
    """One row per stall rate, on the same frames."""
    loaded = build_folder.load(folder)
    edge = loaded.qgraph.input
    chosen = images.open_set(photographs).limited(limit)
    batches = chosen.batches(loaded.qgraph.preprocessing, (edge.height, edge.width))
    frames = np.concatenate(list(batches))
    table = Table(*COLUMNS, title=f"{loaded.qgraph.name}, {len(frames)} frames")
    for percent in stalls:
        result = simulate(loaded, frames, stall_percent=percent)
        table.add_row(
            f"{percent} %",
            "yes" if result.ok else "NO",
            str(result.mac_lanes),
            _figure(result.cycles_per_frame, ","),
            f"{result.model_cycles_per_frame:,}",
            _figure(result.mac_utilisation, ".1%"),
            f"{result.latency_cycles:,}",
            f"{result.total_cycles / result.seconds / 1000:.0f}" if result.seconds else "",
            f"{result.seconds / len(frames):.2f}",
        )
    return table


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
