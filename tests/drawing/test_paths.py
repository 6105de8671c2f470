"""The picture of a design whose paths part and meet: a line for each edge that goes past."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import pytest

from hearth.toolchain.drawing import dataflow
from hearth.toolchain.ir import Design
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from tests.nets import graphs

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(seed: int) -> tuple[Design, ET.Element]:
    design = schedule(fold(graphs.network(seed), lanes=40))
    return design, ET.fromstring(dataflow.svg(design))


@pytest.mark.parametrize("seed", range(4))
def test_every_way_is_drawn_once(seed: int) -> None:
    design, root = _drawn(seed)
    numbers = {layer.target.name: i for i, layer in enumerate(design.qgraph.layers)}
    ways = {
        (numbers.get(edge.name, -1), index)
        for index, layer in enumerate(design.qgraph.layers)
        for edge in layer.sources
    }
    past = [p for p in root.iter(f"{SVG}path") if "past" in p.get("class", "").split()]
    arrows = list(root.iter(f"{SVG}line"))
    assert len(past) == sum(end > start + 1 for start, end in ways) > 0
    assert len(arrows) == 1 + sum(end == start + 1 for start, end in ways)  # and the result


def test_lines_of_one_track_do_not_overlap() -> None:
    _, root = _drawn(3)
    tracks: dict[str, list[tuple[float, float]]] = {}
    for path in root.iter(f"{SVG}path"):
        if "past" in path.get("class", "").split():
            _, first, out, last, _ = path.get("d", "").split()
            tracks.setdefault(out, []).append((float(first), float(last.removeprefix("V"))))
    for spans in tracks.values():
        spans.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert all(float(out.removeprefix("H")) < float(root.get("width", "")) for out in tracks)
