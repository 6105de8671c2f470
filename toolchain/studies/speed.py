"""Where a compilation spends its time, and how quick the golden model is, as Markdown.

    python -m hearth.toolchain.studies.speed MODEL CALIBRATION [--input-size 224] [--lanes 848]

Seconds are those of all processor cores that this process keeps busy, so that other work on the
machine matters little; `OPENBLAS_NUM_THREADS=1` leaves out the cores on which BLAS waits. With
`HEARTH_CACHE=off` every DSLX process is compiled, as at the first time. docs/results/folding.md
holds what this prints for SqueezeNet v1.1.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hearth.toolchain import pipeline
from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.stages import Emitted, Options, Order
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script

FRAMES = 8
TRIES = 5
_SHORT = 0.05


def passes(options: Options) -> tuple[Emitted, list[tuple[str, float]]]:
    """What the compiler makes, and the seconds of each pass that takes more than some."""
    seconds = [("start", time.process_time())]
    state: Any = Order(options)
    for step in pipeline.PASSES.steps:
        before = time.process_time()
        state = step.run(state)
        seconds.append((step.name, time.process_time() - before))
    rest = sum(taken for _, taken in seconds if taken < _SHORT)
    shown = [(name, taken) for name, taken in seconds if taken >= _SHORT]
    return state, [*shown, ("all others", rest), ("together", sum(taken for _, taken in seconds))]


def frames(qgraph: QGraph, batch: Array) -> Iterator[tuple[str, float]]:
    """Milliseconds a frame, one at a time and all together: the quickest of several tries."""
    one_by_one = [batch[i : i + 1] for i in range(len(batch))]
    yield "golden model, a frame at a time", _quickest(qgraph, one_by_one) / len(batch)
    yield f"golden model, {len(batch)} frames together", _quickest(qgraph, [batch]) / len(batch)


def _quickest(qgraph: QGraph, batches: list[Array]) -> float:
    return min(_taken(lambda: [golden.run(qgraph, b) for b in batches]) for _ in range(TRIES))


def _taken(work: Callable[[], object]) -> float:
    """Milliseconds."""
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="ONNX file")
    parser.add_argument("calibration", type=Path, help="photographs: a folder, CSV or .npz")
    parser.add_argument("--input-size", type=int, help="instead of the file's")
    parser.add_argument("--preprocessing", help="default: manifest.json beside the model")
    parser.add_argument("--lanes", type=int, default=848)
    asked = parser.parse_args()
    made, seconds = passes(
        Options(
            asked.model,
            input_size=(asked.input_size,) * 2 if asked.input_size else None,
            preprocessing=asked.preprocessing,
            calibration=asked.calibration,
            lanes=asked.lanes,
        )
    )
    print(lines(("pass", "CPU seconds"), "lr", [(name, f"{s:.1f}") for name, s in seconds]))
    qgraph = made.design.qgraph
    size = qgraph.input.height, qgraph.input.width
    batch = images.open_set(asked.calibration).limited(FRAMES).whole(qgraph.preprocessing, size)
    rows = [(name, f"{ms:.1f}") for name, ms in frames(qgraph, batch)]
    print(lines(("", "CPU milliseconds a frame"), "lr", rows))


if __name__ == "__main__":
    script.run(main)
