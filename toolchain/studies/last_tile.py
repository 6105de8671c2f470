"""What it would be worth to share the last tile between neighbouring pixels, as Markdown.

    python -m hearth.toolchain.studies.last_tile BUILD

Where the channels of a tile do not divide a layer's, the last tile of each pixel leaves lanes idle.
If neighbouring pixels shared it, they would not be: the parts of a layer that fit so are counted
with one tile for each group of neighbours in a row. Bounds, not foldings: how beats line up and how
tiles leave is left out on both sides, so what a folding reaches is a little more. No hardware does
this; docs/design/architecture.md says why not.
"""

from __future__ import annotations

import argparse
import bisect
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from hearth.hw.layers.conv import Conv, cost, gathering, skipping
from hearth.toolchain.ir import Array, QGraph
from hearth.toolchain.saved import build_folder
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script

MOST = 4
LANES = (128, 255, 450, 600, 850, 1_200, 1_700, 2_400, 3_400, 6_000)
Menu = tuple[list[int], list[int]]
"""Cycles, fewest first, and the fewest lanes for each."""


def _tiles(channels: int, pe: int, together: int) -> tuple[int, bool]:
    """Tiles of every pixel, and whether another one is shared by `together` of them."""
    full, rest = divmod(channels, pe)
    shared = together > 1 and 0 < rest * together <= pe
    return full + (rest > 0 and not shared), shared


def _of_groups(taps: Array, together: int) -> int:
    """Taps along a row where as many windows side by side are walked at once."""
    return sum(int(taps[i : i + together].max()) for i in range(0, len(taps), together))


def _walks(layer: Conv, together: int) -> tuple[tuple[int, int, int], ...]:
    """Of either part: channels, words of all pixels' taps for a tile of each, and for one of each
    group."""
    rows, columns = cost.axes(layer)
    if cost.is_pointwise(layer):
        pixels = layer.target.pixels
        return ((len(layer.window), pixels, cost.ceil_div(pixels, together)),)
    window = rows.taps * columns.taps, rows.taps * _of_groups(columns.valid, together)
    centre = layer.target.pixels, rows.count * cost.ceil_div(columns.count, together)
    return (len(layer.centre), *centre), (len(layer.window), *window)


def choices(layer: Conv, most: int) -> Iterator[tuple[int, int]]:
    """Cycles and lanes of every shape with at most `most` pixels in a shared tile."""
    inputs = layer.window.shape[3]
    parts = [(together, _walks(layer, together)) for together in range(1, most + 1)]
    for simd in {*cost.parts(inputs), *(n for n in (2, 4, 8, 16) if n < inputs)}:
        words = cost.ceil_div(inputs, simd)
        for pe in range(1, max(len(layer.centre), len(layer.window)) + 1):
            for together, walks in parts:
                steps = layer.source.pixels  # which have to come in
                tiles = [_tiles(channels, pe, together) for channels, _, _ in walks]
                walked = sum(
                    full * every + shared * group
                    for (full, shared), (_, every, group) in zip(tiles, walks, strict=True)
                )
                yield max(walked, steps) * words, pe * simd


def _menu(layer: Conv, most: int) -> Menu:
    if layer.groups > 1:
        found = [(layer.cycles(fold), fold.lanes) for fold in cost.folds(layer, 1)]
    else:
        found = list(choices(layer, most))
    if gathering.able(layer):
        gathered = choices(layer.gathered, most)
        found += [(max(count, layer.source.pixels), width) for count, width in gathered]
    found += [(layer.cycles(fold), fold.lanes) for fold in skipping.folds(layer)]
    cycles: list[int] = []
    lanes: list[int] = []
    for count, width in sorted(found):
        if not lanes or width < lanes[-1]:
            cycles.append(count)
            lanes.append(width)
    return cycles, lanes


def _needed(menus: Sequence[Menu], cycles: int) -> float:
    """Lanes for so many cycles a frame."""
    places = [bisect.bisect_right(counts, cycles) - 1 for counts, _ in menus]
    if min(places) < 0:
        return float("inf")
    return sum(lanes[place] for (_, lanes), place in zip(menus, places, strict=True))


def fewest(menus: Sequence[Menu], lanes: int) -> int:
    """Cycles a frame with so many lanes. Raises ValueError where they are too few for any."""
    at_most = max(counts[-1] for counts, _ in menus)
    if _needed(menus, at_most) > lanes:
        raise ValueError(f"{lanes} lanes are too few")
    return bisect.bisect_left(
        range(at_most), True, key=lambda cycles: _needed(menus, cycles) <= lanes
    )


def table(qgraph: QGraph, budgets: Sequence[int] = LANES) -> str:
    """A row for each number of lanes."""
    layers = [cast(Conv, layer) for layer in qgraph.weighted]
    alone, shared = ([_menu(layer, most) for layer in layers] for most in (1, MOST))
    head = [
        "lanes at most",
        "cycles, a last tile for each pixel",
        f"shared by up to {MOST} pixels",
        "saved",
    ]
    rows = []
    for lanes in budgets:
        before, after = fewest(alone, lanes), fewest(shared, lanes)
        saved = f"{100 * (1 - after / before):.1f} %"
        rows.append([f"{lanes:,}", f"{before:,}", f"{after:,}", saved])
    return lines(head, "rrrr", rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m hearth.toolchain.studies.last_tile")
    parser.add_argument("build", type=Path)
    print(table(build_folder.load(parser.parse_args().build).design.qgraph), end="")
    return 0


if __name__ == "__main__":
    script.run(main)
