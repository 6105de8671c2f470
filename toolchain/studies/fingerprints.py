"""What measured tables depend on, as a few short words: when one changes, the tables are stale.

    python -m hearth.toolchain.studies.fingerprints

A table that takes minutes or a board cannot be made anew in every run of the tests. Its document
says instead which of these it was measured with, in a line such as
`<!-- holds while: quantizer = 3f2a9c017b5e -->`, and tests/studies/test_generated.py fails when
that is no longer so. Fingerprints are of results, not of sources: moving code keeps them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from hearth.toolchain import pipeline
from hearth.toolchain.data import manifest
from hearth.toolchain.few_bits import codebook, trellis
from hearth.toolchain.few_bits.gptq import Problem, Solution
from hearth.toolchain.ir import Array, FloatConv, FloatExpand, Graph, QGraph
from hearth.toolchain.quantize.calibration import Calibration, Histogram
from hearth.toolchain.quantize.int8 import Quantization, quantize
from hearth.toolchain.quantize.precision import GROUP, WINDOW
from hearth.toolchain.quantize.ranges import RULES
from hearth.toolchain.studies import chips, embedded, shapes
from hearth.toolchain.support import script

LINE = re.compile(r"^<!-- holds while: (.*) -->$", re.M)
_DIGITS = 12


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:_DIGITS]


def _statistics(graph: Graph) -> Calibration:
    """Drawn histograms, so that no sum of another machine's float32 takes part."""
    channels = {graph.input_tensor: graph.channels}
    for layer in graph.layers:
        parts = (layer.centre, layer.window) if isinstance(layer, FloatExpand) else (layer,)
        widths = [len(part.bias) for part in parts if isinstance(part, FloatConv)]
        channels[layer.tensor] = sum(widths) or next(reversed(channels.values()))
    found = {}
    for seed, (name, width) in enumerate(channels.items()):
        histogram = Histogram()
        values = np.random.default_rng(seed).gamma(0.6, 1 + seed % 5, (40, 4, 4, width))
        histogram.add(values.astype(np.float32))
        found[name] = histogram.statistics()
    return Calibration(40, "drawn", found)


@cache
def quantizer() -> str:
    """Digest of the embedded network's integers under every rule for ranges."""
    _, graph = pipeline.front_end(embedded.MODEL, None)
    preprocessing, drawn = manifest.find(embedded.MODEL, None).preprocessing, _statistics(graph)
    networks = [quantize(graph, drawn, preprocessing, Quantization(rule=rule)) for rule in RULES]
    return _digest(*(part for qgraph in networks for part in _integers(qgraph)))


def _integers(qgraph: QGraph) -> list[bytes]:
    parts: list[Array] = []
    for layer in qgraph.weighted:
        parts += [*layer.matrices, layer.bias, layer.multiplier, np.asarray(layer.shift)]
    return [np.ascontiguousarray(part.astype(np.int64)).tobytes() for part in parts]


def _drawn() -> tuple[Problem, Array]:
    """A layer to round, and the smallest scales that it may have."""
    rng = np.random.default_rng(5)
    columns = np.maximum(rng.normal(size=(600, 12)) @ rng.normal(size=(12, 90)), 0)
    columns += 0.1 * rng.random(columns.shape)
    problem = Problem.of(rng.normal(size=(90, 24)), np.cov(columns.T))
    return problem, np.full(24, 1e-30, np.float32)


def _noise(problem: Problem, found: Solution) -> str:
    noise = problem.errors(found.integers, found.scale).sum()
    signal = problem.errors(np.zeros((90, 24)), found.scale).sum()
    return f"{10 * np.log10(noise / signal):.1f} dB"


def rounding() -> str:
    """Noise that calibrated rounding to 3-bit codebooks leaves in the result of a drawn layer."""
    problem, floor = _drawn()
    return _noise(problem, codebook.shared([problem], 8, [floor])[1][0])


def trellis_rounding() -> str:
    """The same for trellis codes of 2 bits."""
    problem, floor = _drawn()
    return _noise(problem, trellis.own(problem, 2, WINDOW, GROUP, floor)[1])


FINGERPRINTS: Mapping[str, Callable[[], str]] = {
    "quantizer": quantizer,
    "few-bit rounding": rounding,
    "trellis rounding": trellis_rounding,
    "embedded folding": lambda: _digest(embedded.figures().encode(), embedded.folding().encode()),
    "embedded on boards": lambda: _digest(chips.uses().encode()),
    "v1.1 folding": lambda: _digest(shapes.folding().encode()),
}


def held(text: str) -> dict[str, str]:
    """The fingerprints that a document names, with what they were when it was measured."""
    lines = [pair for line in LINE.findall(text) for pair in line.split(", ")]
    return dict(pair.split(" = ") for pair in lines)


def main() -> None:
    for name, make in FINGERPRINTS.items():
        print(f"{name} = {make()}", flush=True)


if __name__ == "__main__":
    script.run(main)
