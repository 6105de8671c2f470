"""Project X-Ray's database of a part: which bits of the configuration a tile's features are.

    mapping/parts.yaml, devices.yaml   part -> device -> fabric
    FABRIC/tilegrid.json               tiles: type, and where their bits lie on each bus
    segbits_TYPE.db                    features of a type of tile on the bus CLB_IO_CLK
    segbits_TYPE.block_ram.db          and on BLOCK_RAM: contents of memories
    ppips_TYPE.db                      pseudo pips: features without bits
    PART/required_features.fasm        what every configuration of a part must have, if anything
    PART/part.json, package_pins.csv   I/O banks

Formats: Project X-Ray's documentation, "Database". A bit FRAME_BIT of a segbits file counts from
the tile's first frame and first word; one with `!` must be 0. Rules as in its fasm2frames: a
feature called F[0] is also F; a tile with an alias takes the features of another type of tile,
whose first words it lacks (`start_offset`), under the other's names of sites.

Everything is read from files of ours or of the distribution's, but with care: what is missing or
damaged is named.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

BUSES = ("CLB_IO_CLK", "BLOCK_RAM")
_SUFFIX = {"CLB_IO_CLK": "", "BLOCK_RAM": ".block_ram"}
_LARGEST = 1 << 28
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_INDEXED = re.compile(r"(.+)\[(\d{1,4})\]")
_BIT = re.compile(r"(!?)(\d{1,4})_(\d{1,4})")


@dataclass(frozen=True)
class Segbits:
    """Features of a type of tile. `index` gives a feature's number; number i has the bits
    starts[i] to starts[i + 1] of the arrays: frame and bit from the tile's first, and whether it
    is to be 1. `bus` is by feature, an index into BUSES. `arrays` has the numbers of F[0], F[1] and
    so on by F, int64; -1 where there is none, and at the end."""

    index: Mapping[str, int]
    arrays: Mapping[str, Array]
    bus: Array
    starts: Array
    frame: Array
    bit: Array
    on: Array


@dataclass(frozen=True)
class Window:
    """Where a tile's bits lie on a bus: first frame, how many, first bit and words in each."""

    frame: int
    frames: int
    bit: int
    words: int


@dataclass(frozen=True)
class Tile:
    """Type, windows by bus, and the type whose features it has, with its names of our sites."""

    kind: str
    windows: Mapping[str, Window]
    alias: str | None = None
    sites: tuple[tuple[str, str], ...] = ()


@dataclass
class Database:
    """An opened database; files of types of tiles are read when they are asked for."""

    folder: Path
    part: str
    fabric: str
    grid: Mapping[str, Any]
    _segbits: dict[tuple[Any, ...], Segbits] = field(default_factory=dict)

    @property
    def part_file(self) -> Path:
        """For xc7frames2bit and bitread."""
        return self.folder / self.part / "part.yaml"

    @property
    def required(self) -> str:
        """FASM that every configuration of the part needs."""
        path = self.folder / self.part / "required_features.fasm"
        return reading.text(path, _LARGEST) if path.exists() else ""

    def tile(self, name: str) -> Tile:
        """A tile by name; KeyError when there is none."""
        entry = self.grid[name]
        try:
            return _tile(entry)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise HearthError(f"{self._grid_file}: tile {name} is damaged") from None

    def kind(self, name: str) -> str:
        return str(self.grid[name]["type"])

    @property
    def _grid_file(self) -> Path:
        return self.folder / self.fabric / "tilegrid.json"

    def segbits(self, tile: Tile) -> Segbits:
        """Features of a tile."""
        key = (tile.kind, tile.alias, tile.sites)
        if key not in self._segbits:
            features = _features(self.folder, tile.alias or tile.kind)
            if tile.alias:
                features = _renamed(features, dict(tile.sites))
            self._segbits[key] = _packed(features, _pseudo(self.folder, tile.kind))
        return self._segbits[key]

    def sites(self, tile: str) -> list[str]:
        """Names of a tile's sites that end in a digit, as those of pins do: IOB_X0Y49."""
        return [site for site in self.grid[tile].get("sites", {}) if site[-1:].isdecimal()]

    def banks(self) -> dict[str, set[str]]:
        """Tiles of each I/O bank: those of its pins, and its HCLK_IOI3."""
        place = self.folder / self.part
        part = reading.json_value(place / "part.json", _LARGEST)
        pins = reading.text(place / "package_pins.csv", _LARGEST).splitlines()
        found: dict[str, set[str]] = {}
        try:
            for bank, where in part["iobanks"].items():
                found.setdefault(bank, set()).add(f"HCLK_IOI3_{where}")
            for row in csv.DictReader(pins):
                found.setdefault(row["bank"], set()).add(row["tile"])
        except (KeyError, TypeError, AttributeError):
            raise HearthError(f"{place}: part.json or package_pins.csv is damaged") from None
        return found


def open_part(root: Path, part: str) -> Database:
    """The database of `part` below `root`, which holds one folder a family. HearthError names what
    is missing."""
    families = sorted(path.parent.parent for path in root.glob("*/mapping/parts.yaml"))
    if not families:
        raise HearthError(f"{root}: no database of Project X-Ray (no FAMILY/mapping/parts.yaml)")
    for folder in families:
        device = _mapped(folder / "mapping/parts.yaml", part, "device")
        if device is not None and _NAME.fullmatch(part):
            fabric = _mapped(folder / "mapping/devices.yaml", device, "fabric")
            if fabric is None or not _NAME.fullmatch(fabric):
                raise HearthError(f"{folder}/mapping/devices.yaml: knows no fabric of {device}")
            return Database(folder, part, fabric, _grid(folder / fabric / "tilegrid.json"))
    raise HearthError(f"{root}: knows no part '{part}'; its lists are FAMILY/mapping/parts.yaml")


def _mapped(path: Path, name: str, wanted: str) -> str | None:
    """The value `wanted` of the entry `name` in one of the two generated YAML files."""
    inside = False
    for line in reading.text(path, _LARGEST).splitlines():
        if line[:1].strip():
            inside = line.split("#")[0].strip().rstrip(":").strip("\"'") == name
        elif inside and line.strip().startswith(f"{wanted}:"):
            return line.split(":", 1)[1].strip().strip("\"'")
    return None


def _grid(path: Path) -> Mapping[str, Any]:
    grid = reading.json_value(path, _LARGEST)
    if type(grid) is not dict or not all(type(e) is dict and "type" in e for e in grid.values()):
        raise HearthError(f"{path}: is not a tile grid: tiles with a type each are expected")
    return grid


def _tile(entry: Mapping[str, Any]) -> Tile:
    windows, alias = {}, None
    sites: dict[str, str] = {}
    for bus, bits in entry["bits"].items():
        other = bits.get("alias") or {"start_offset": 0}
        first = 32 * (int(bits["offset"]) - int(other["start_offset"]))
        start, count, words = int(bits["baseaddr"], 0), int(bits["frames"]), int(bits["words"])
        windows[bus] = Window(start, count, first, words)
        if "type" in other:
            alias, sites = str(other["type"]), {**sites, **other["sites"]}
    return Tile(str(entry["type"]), windows, alias, tuple(sorted(sites.items())))


_Bits = list[tuple[bool, int, int]]
_Features = dict[str, tuple[int, _Bits]]
"""Bus and bits of a feature, each 0 or 1, with its frame and place."""


def _lines(path: Path, kind: str) -> Iterator[tuple[str, list[str]]]:
    """Feature and the rest of every line of a file of a type of tile; none when it is absent."""
    if not path.exists():
        return
    prefix = f"{kind}."
    for line in reading.text(path, _LARGEST).splitlines():
        name, *rest = line.split() or [""]
        if not name:
            continue
        if not name.startswith(prefix) or not rest:
            raise HearthError(f"{path}: not an entry of {kind}: '{line[:100]}'")
        yield name[len(prefix) :], rest


def _features(folder: Path, kind: str) -> _Features:
    found: _Features = {}
    for number, bus in enumerate(BUSES):
        path = folder / f"segbits_{kind.lower()}{_SUFFIX[bus]}.db"
        for name, bits in _lines(path, kind):
            indexed = _INDEXED.fullmatch(name)
            key = f"{indexed[1]}[{int(indexed[2])}]" if indexed else name
            found[key] = (number, _bits_of(bits, path, name))
    return found


def _bits_of(words: Iterable[str], path: Path, name: str) -> _Bits:
    bits = []
    for word in words:
        found = _BIT.fullmatch(word)
        if found is None:
            raise HearthError(f"{path}: {name}: expected bits such as 07_32 or !12_33: '{word}'")
        bits.append((not found[1], int(found[2]), int(found[3])))
    return bits


def _pseudo(folder: Path, kind: str) -> list[str]:
    return [name for name, _ in _lines(folder / f"ppips_{kind.lower()}.db", kind)]


def _renamed(features: _Features, sites: Mapping[str, str]) -> _Features:
    """Features under the alias' own names of sites. A name that is not among them stays."""
    found = {name: bits for name, bits in features.items() if _site(name) not in sites}
    for ours, theirs in sites.items():
        named = {name: bits for name, bits in features.items() if _site(name) == theirs}
        found |= {ours + name[len(theirs) :]: bits for name, bits in named.items()}
    return found


def _site(feature: str) -> str:
    return feature.partition(".")[0]


def _packed(features: _Features, pseudo: Iterable[str]) -> Segbits:
    rows = list(features.values())
    index = {name: number for number, name in enumerate(features)}
    for name in features:
        if name.endswith("[0]"):
            index.setdefault(name[:-3], index[name])
        elif not name.endswith("]"):
            index[f"{name}[0]"] = index[name]
    rows.append((0, []))
    index |= dict.fromkeys(pseudo, len(rows) - 1)
    bits = [bit for _, row in rows for bit in row]
    on, frame, bit = np.array(bits, np.int64).reshape(-1, 3).T
    starts = np.cumsum([0, *(len(row) for _, row in rows)])
    return Segbits(
        index,
        _arrays(index),
        np.array([bus for bus, _ in rows]),
        starts,
        frame,
        bit,
        on.astype(bool),
    )


def _arrays(index: Mapping[str, int]) -> dict[str, Array]:
    found: dict[str, dict[int, int]] = {}
    for name, number in index.items():
        if name.endswith("]"):
            feature, _, place = name[:-1].rpartition("[")
            found.setdefault(feature, {})[int(place)] = number
    arrays = {}
    for feature, numbers in found.items():
        arrays[feature] = np.full(max(numbers) + 2, -1)
        arrays[feature][list(numbers)] = list(numbers.values())
    return arrays
