"""FASM to frames, by Project X-Ray's database; what its fasm2frames does (ROIs aside).

- A feature's bits are set, or cleared where the database marks them with `!`. Two features that
  want one bit differently are an error; bits that nobody wants are 0.
- Pseudo pips have no bits. Any other feature without an entry is an error: a configuration that
  lacks what the router asked for would be wrong silently.
- All frames of a tile that has features come out, 0 or not.
- Features that the part always needs are added.
- STEPDOWN (a bank at 1.8 V or less) of one pin holds for its bank: unused pins of the bank get it
  too, and its HCLK_IOI3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.xc7 import fasm, frames
from hearth.toolchain.targets.xc7.database import BUSES, Database, Segbits, Tile
from hearth.toolchain.targets.xc7.fasm import Fasm, Value
from hearth.toolchain.targets.xc7.frames import Frames

_NAMED = 3
"""So many features are named in an error."""
_NONE = np.array([-1])


@dataclass
class _Kind:
    """Features that tiles of one kind have: tiles' numbers and features' numbers, side by side; and
    those of ranges, a tile and its features' numbers each."""

    segbits: Segbits
    tiles: list[int] = field(default_factory=list)
    features: list[int] = field(default_factory=list)
    ranges: list[tuple[int, Array]] = field(default_factory=list)

    def rows(self) -> tuple[Array, Array]:
        """All tiles' numbers and features' numbers."""
        counts = [len(features) for _, features in self.ranges]
        tiles = np.repeat(np.array([tile for tile, _ in self.ranges], np.int64), counts)
        features = [np.array(self.features, np.int64), *(found for _, found in self.ranges)]
        return np.concatenate([np.array(self.tiles, np.int64), tiles]), np.concatenate(features)


class _Tiles(dict[str, tuple[int, _Kind]]):
    """Tiles that were met, by name: number and kind. KeyError for one that the chip lacks."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.kinds: dict[int, _Kind] = {}
        self.tiles: list[Tile] = []

    def __missing__(self, name: str) -> tuple[int, _Kind]:
        tile = self.database.tile(name)
        segbits = self.database.segbits(tile)
        kind = self.kinds.setdefault(id(segbits), _Kind(segbits))
        self.tiles.append(tile)
        self[name] = len(self.tiles) - 1, kind
        return self[name]


def assemble(database: Database, text: str, name: str) -> Frames:
    """The frames of a FASM text; `name` is what errors call it. HearthError names features that
    the part does not have, and features that contradict each other."""
    parts = [fasm.parse(database.required, f"{database.part}: required features")]
    parts.append(fasm.parse(text, name))
    parts.append(Fasm(_stepdown(database, parts[-1]), []))
    tiles = _Tiles(database)
    unknown: list[str] = []
    for part in parts:
        _plain(tiles, part.features, unknown)
        _values(tiles, part.values, unknown)
    if unknown:
        rest = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        raise HearthError(
            f"{name}: {database.part} has no feature {', '.join(unknown[:_NAMED])}{rest};"
            " nextpnr's and Project X-Ray's databases do not match"
        )
    return _frames(tiles, name)


def _plain(tiles: _Tiles, features: Iterable[str], unknown: list[str]) -> None:
    for line in features:
        name, _, feature = line.partition(".")
        try:
            number, kind = tiles[name]
            found = kind.segbits.index[feature]
        except KeyError:
            unknown.append(line)
            continue
        kind.tiles.append(number)
        kind.features.append(found)


def _values(tiles: _Tiles, values: Iterable[Value], unknown: list[str]) -> None:
    for value in values:
        name, _, feature = value.feature.partition(".")
        on = np.flatnonzero(value.bits) + value.lowest
        try:
            number, kind = tiles[name]
        except KeyError:
            unknown.append(value.feature)
            continue
        if not on.size:
            continue
        table = kind.segbits.arrays.get(feature, _NONE)
        found = table[on.clip(max=table.size - 1)]
        if found.min() < 0:
            unknown.append(f"{value.feature}[{on[found.argmin()]}]")
            continue
        kind.ranges.append((number, found))


def _frames(tiles: _Tiles, name: str) -> Frames:
    """All kinds' features as frames: those of every window that has features."""
    bases = _bases(tiles.tiles)
    wanted = [_bits(kind, bases, tiles, name) for kind in tiles.kinds.values()]
    used = np.unique(np.concatenate([np.zeros(0, np.int64), *(bits.windows for bits in wanted)]))
    first, count, _ = bases.reshape(-1, 3)[used].T
    empty = frames.blank(_spans(first, count))
    planes = np.zeros((2, len(empty.addresses), frames.BITS), np.uint8)
    for bits in wanted:
        planes[bits.on.astype(np.intp), empty.rows(bits.addresses), bits.bits] = 1
    clash = np.argwhere(planes[0] & planes[1])
    if clash.size:
        row, bit = clash[0]
        raise HearthError(_contradiction(int(empty.addresses[row]), int(bit), tiles, wanted, name))
    return Frames(empty.addresses, frames.packed(planes[1]))


def _bases(tiles: Iterable[Tile]) -> Array:
    """First frame, frames, first bit of each tile on each bus, int64 [tiles, 2, 3]; no frames
    where a tile is not on a bus."""
    rows = []
    for tile in tiles:
        for bus in BUSES:
            window = tile.windows.get(bus)
            rows.append((window.frame, window.frames, window.bit) if window else (0, 0, 0))
    return np.array(rows, np.int64).reshape(-1, len(BUSES), 3)


def _spans(first: Array, count: Array) -> Array:
    """first, first + 1, ..., count numbers each."""
    steps = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    spans: Array = np.repeat(first, count) + steps
    return spans


@dataclass(frozen=True)
class _Bits:
    """Bits of features: each bit's frame and place, whether it is to be 1, the row of the kind that
    wants it; and the windows (tile * buses + bus) that have features."""

    addresses: Array
    bits: Array
    on: Array
    rows: Array
    windows: Array


def _bits(kind: _Kind, bases: Array, tiles: _Tiles, name: str) -> _Bits:
    segbits = kind.segbits
    numbers, features = kind.rows()
    count = segbits.starts[features + 1] - segbits.starts[features]
    rows = np.repeat(np.arange(len(features)), count)
    entries = _spans(segbits.starts[features], count)
    bus = segbits.bus[features]
    first, depth, bit = bases[numbers, bus].T
    places, step = bit[rows] + segbits.bit[entries], segbits.frame[entries]
    outside = (places < 0) | (places >= frames.BITS) | (depth[rows] <= step)
    if outside.any():
        line = _line(kind, int(rows[outside][0]), tiles)
        raise HearthError(f"{name}: {line} has bits outside its tile: the database is damaged")
    windows = np.unique((numbers * len(BUSES) + bus)[count > 0])
    return _Bits(first[rows] + step, places, segbits.on[entries], rows, windows)


def _line(kind: _Kind, row: int, tiles: _Tiles) -> str:
    """The feature of a row of a kind."""
    number, wanted = (int(values[row]) for values in kind.rows())
    tile = next(name for name, (found, _) in tiles.items() if found == number)
    feature = next(name for name, found in kind.segbits.index.items() if found == wanted)
    return f"{tile}.{feature}"


def _contradiction(
    address: int, bit: int, tiles: _Tiles, wanted: Iterable[_Bits], name: str
) -> str:
    lines: dict[bool, str] = {}
    for kind, bits in zip(tiles.kinds.values(), wanted, strict=True):
        for at in np.flatnonzero((bits.addresses == address) & (bits.bits == bit)):
            if bool(bits.on[at]) not in lines:
                lines[bool(bits.on[at])] = _line(kind, int(bits.rows[at]), tiles)
    return (
        f"{name}: {lines[True]} sets what {lines[False]} clears: bit {bit} of frame 0x{address:08X}"
    )


def _stepdown(database: Database, given: Fasm) -> list[str]:
    """STEPDOWN of the unused pins, and the HCLK_IOI3, of every bank that has a pin with it."""
    tags = [line.split(".", 2) for line in given.features if "STEPDOWN" in line]
    tags = [words for words in tags if len(words) == 3]
    if not tags:
        return []
    banks = database.banks()
    named = [*given.features, *(value.feature for value in given.values)]
    used = {tuple(line.split(".", 2)[:2]) for line in named if "IOB33" in line}
    found = []
    for members in banks.values():
        wanted = sorted({tag for tile, _, tag in tags if tile in members})
        if wanted:
            found += _bank_stepdown(database, members, wanted, used)
    return found


def _bank_stepdown(
    database: Database, members: set[str], tags: list[str], used: set[tuple[str, ...]]
) -> list[str]:
    found = []
    for tile in sorted(members & database.grid.keys()):
        if "HCLK_IOI3" in tile:
            found.append(f"{tile}.STEPDOWN")
        elif "IOB33" in tile:
            rows = {int(site[-1]) % 2 for site in database.sites(tile)}
            pins = {(tile, f"IOB_Y{row}") for row in rows} - used
            found += [f"{'.'.join(pin)}.{tag}" for pin in sorted(pins) for tag in tags]
    return found
