"""The clock that a routed 7-series design may be given: nextpnr's or a bound of our own, whichever
is lower, less a margin.

nextpnr leaves out every path that begins or ends at a DSP48E1, of which it knows no times, and has
stubs for LUTs and flip-flops. The bound takes the delays of all cells from delays.py and of every
wire from nextpnr's route, and adds up all paths from register to register as if there were one
clock. It does not cover: skew and jitter of the clock, pads, hold times, and errors of the database
in wires and switches. MARGIN stands for these. No silicon has confirmed either number.

nextpnr swaps the inputs of LUTs after it has routed them, and has lost their wires when it writes
the delays: then it writes its estimate by distance, which is a little low for short wires and twice
too high for those across the chip. Such a wire counts as that estimate times the ratio under which
QUANTILE of the same design's LUT inputs as far away stay whose routed delay it still knows.

Reads what nextpnr wrote: NETLIST (--write), WIRES (--sdf), REPORT (--report).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.netlist import Cell
from hearth.toolchain.targets.xc7 import delays, paths
from hearth.toolchain.targets.xc7.delays import Delays
from hearth.toolchain.targets.xc7.paths import Paths

NETLIST, WIRES, REPORT = "routed.json", "routed.sdf", "timing.json"
MARGIN = 0.1
"""Of the lower clock, which is not claimed: a choice, not a measurement. At 75 MHz it is 1.3 ns, of
which the clock's skew and jitter take half; the rest is for wires, whose delays are simple sums."""
_WIRE = re.compile(r"\(INTERCONNECT (\S+) (\S+) \([^)]*:([^:)]+)\) \([^)]*:([^:)]+)\)\)")
_PLACE = re.compile(r"X(\d+)Y(\d+)/")
_ESTIMATE = (500, 25, 50)
"""nextpnr 0.11's estimate of a wire, ps: of any, and for every column and row of tiles."""
QUANTILE, SAMPLES, STRETCH = 0.95, 100, 1.5
"""Wires are as far away as each other whose estimates lie within the same doubling. With fewer
samples the ratio is that of the next shorter wires, of the shortest STRETCH."""

Pin = tuple[str, str]
"""Cell and port."""
Wire = tuple[Pin, Pin, float]
"""Driver, reader, ps."""


@dataclass(frozen=True)
class Timing:
    """Megahertz; the claimed clock is the lower of the others, less the margin.

    worst    by kind of cell: the longest path that begins, ends or leads through one, in ns
    path     the longest path of all: cell, port, and the ns at which it is reached
    stretch  the ratio by which estimated wires were lengthened, the shortest wires' first
    """

    nextpnr_mhz: float
    bound_mhz: float
    margin: float
    worst: dict[str, float]
    path: tuple[tuple[str, str, float], ...]
    stretch: tuple[float, ...]

    @property
    def claimed_mhz(self) -> float:
        return min(self.nextpnr_mhz, self.bound_mhz) * (1 - self.margin)


def bound(folder: Path) -> Timing:
    """The timing of the design that nextpnr routed in `folder`. HearthError where a file of it is
    missing or it has no path."""
    for name in (NETLIST, WIRES, REPORT):
        if not (folder / name).is_file():
            raise HearthError(
                f"{folder / name}: is missing; the clock of a routed design is bounded by what"
                " nextpnr writes with --write, --sdf and --report"
            )
    cells = _cells(folder / NETLIST)
    known = {name: timed for name, cell in cells.items() if (timed := delays.of(cell))}
    wires, stretch = _stretched(list(_wires(folder / WIRES)), cells)
    found = _paths(known, wires)
    kinds = {name: str(cells[name]["type"]) for name in known}
    worst = _worst(known, kinds, found)
    if not worst:
        raise HearthError(f"{folder / NETLIST}: expected registers with paths between them")
    return Timing(
        _fmax(folder / REPORT),
        1e3 / max(worst.values()),
        MARGIN,
        worst,
        tuple((*pin, found.arrival[pin] / 1e3) for pin in found.longest()),
        stretch,
    )


def _cells(path: Path) -> dict[str, Cell]:
    """Every cell of the one module."""
    modules = json.loads(path.read_text())["modules"]
    top = max(modules.values(), key=lambda module: len(module["cells"]))
    cells: dict[str, Cell] = top["cells"]
    return cells


def _stretched(
    wires: Sequence[Wire], cells: Mapping[str, Cell]
) -> tuple[list[Wire], tuple[float, ...]]:
    """The wires, those of LUT inputs that are estimates lengthened, and by how much."""
    ratios: defaultdict[int, list[float]] = defaultdict(list)
    estimated: dict[int, int] = {}
    for i, (driver, reader, delay) in enumerate(wires):
        if cells[reader[0]]["type"] != "SLICE_LUTX" or not reader[1].startswith("A"):
            continue
        estimate = _estimate(cells[driver[0]], cells[reader[0]])
        if estimate == delay:
            estimated[i] = _distance(estimate)
        elif estimate:
            ratios[_distance(estimate)].append(delay / estimate)
    stretch = _stretches(ratios, max(estimated.values(), default=0))
    return [
        (driver, reader, delay * stretch[estimated[i]] if i in estimated else delay)
        for i, (driver, reader, delay) in enumerate(wires)
    ], stretch


def _distance(estimate: float) -> int:
    """The class of wires as long as this one: doublings of the shortest estimate."""
    return int(estimate / _ESTIMATE[0]).bit_length() - 1


def _stretches(ratios: Mapping[int, list[float]], last: int) -> tuple[float, ...]:
    """The ratio of every class up to the last."""
    stretch: list[float] = []
    for distance in range(last + 1):
        known = sorted(ratios.get(distance, []))
        if len(known) >= SAMPLES:
            stretch.append(known[int(QUANTILE * len(known))])
        else:
            stretch.append(stretch[-1] if stretch else STRETCH)
    return tuple(stretch)


def _estimate(driver: Cell, reader: Cell) -> float | None:
    """By the distance of the two cells' tiles; None for cells without a place."""
    places = [
        _PLACE.match(str(cell["attributes"].get("NEXTPNR_BEL", ""))) for cell in (driver, reader)
    ]
    if places[0] is None or places[1] is None:
        return None
    columns, rows = (abs(int(places[0][axis]) - int(places[1][axis])) for axis in (1, 2))
    any_wire, column, row = _ESTIMATE
    return any_wire + column * columns + row * rows


def _wires(path: Path) -> Iterator[Wire]:
    """Every wire that nextpnr names; the slower of rising and falling."""
    with path.open() as lines:
        for line in lines:
            if found := _WIRE.search(line):
                rise, fall = float(found[3]), float(found[4])
                yield _pin(found[1]), _pin(found[2]), max(rise, fall)


def _pin(text: str) -> Pin:
    """`cell/port`, in which SDF marks some characters; a cell's name may hold a stroke, too."""
    cell, _, port = re.sub(r"\\(.)", r"\1", text).rpartition("/")
    return cell, port


def _paths(known: Mapping[str, Delays], wires: Sequence[Wire]) -> Paths[Pin]:
    starts: dict[Pin, float] = {}
    ends: dict[Pin, float] = {}
    edges: defaultdict[Pin, list[tuple[Pin, float]]] = defaultdict(list)
    for name, cell in known.items():
        starts |= {(name, port): float(time) for port, time in cell.clock_to_out.items()}
        ends |= {(name, port): float(time) for port, time in cell.setup.items()}
        for source, target, time in cell.through:
            edges[name, source].append(((name, target), float(time)))
    for driver, reader, delay in wires:
        edges[driver].append((reader, delay))
    return paths.find(starts, edges, ends)


def _worst(
    known: Mapping[str, Delays], kinds: Mapping[str, str], found: Paths[Pin]
) -> dict[str, float]:
    """By kind of cell, ns, the paths inside a cell among them."""
    worst: defaultdict[str, float] = defaultdict(float)
    for name, cell in known.items():
        worst[kinds[name]] = max(worst[kinds[name]], cell.period)
    for pin in found.arrival:
        worst[kinds[pin[0]]] = max(worst[kinds[pin[0]]], found.through(pin))
    return {kind: time / 1e3 for kind, time in worst.items() if time}


def _fmax(path: Path) -> float:
    """nextpnr's, of its slowest clock. HearthError where it names none."""
    clocks = json.loads(path.read_text()).get("fmax", {})
    if not clocks:
        raise HearthError(f"{path}: nextpnr reports no clock; the design may have none")
    return min(float(clock["achieved"]) for clock in clocks.values())
