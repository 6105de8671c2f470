"""Block RAM contents in the frames of a 7-series configuration: read, and set to others.

UG473, "Initialization Attributes": a RAMB18 has 16,384 bits INIT_00 to INIT_3F and 2,048 parity
bits INITP_00 to INITP_07; entry k (serial/places.py) is bits 8k to 8k + 7 of the one and bit k of
the other. A tile has two of them. As one RAMB36 their bits alternate, RAMB18_Y0's first: so do
those of the parity. A tile's name is that of its RAMB36, and TILE.RAMB18_Y0 and _Y1 are its halves.

The contents are on a bus of frames of their own, so weights are changed in the frames that were
made once from the routed design: FASM, place and route have no part in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial import places as rom_places
from hearth.toolchain.targets.serial.places import ENTRY, Place, PlaceMap
from hearth.toolchain.targets.xc7 import frames as frame_texts
from hearth.toolchain.targets.xc7.database import Database, Segbits, Tile, Window
from hearth.toolchain.targets.xc7.frames import Frames

BUS = "BLOCK_RAM"
HALVES = ("RAMB18_Y0", "RAMB18_Y1")
ENTRIES = 2048
"""Of a RAMB18."""
_INIT, _INITP, _ROW = 64, 8, 256
"""Attributes of contents, those of parity, and bits of each."""


def locate(
    database: Database, frames: Frames, images: Mapping[str, str], widths: Mapping[str, int]
) -> dict[str, Place]:
    """Find every ROM; as serial/places.py."""
    return rom_places.locate(blocks(database, frames), images, widths)


def contents(database: Database, frames: Frames, places: PlaceMap) -> dict[str, Array]:
    """What a configuration holds in every ROM: bits, uint8 [words, bits], lowest first."""
    tiles = {_tile_of(block) for place in places.values() for block in place.blocks}
    return rom_places.contents(_read(database, frames, tiles), places)


def patch(
    database: Database, frames: Frames, places: PlaceMap, images: Mapping[str, str]
) -> Frames:
    """The frames with the contents of `images` in the ROMs of these places."""
    halves: dict[str, Array] = {}
    for name, entries in rom_places.blocks(places, images).items():
        halves |= {name: entries} if "." in name else _halves(name, entries)
    windows = {tile: _window(database, tile) for tile in sorted(map(_tile_of, halves))}
    layouts = _layouts(database, windows)
    every = _covering(frames, windows.values())
    words = every.words.copy()
    for name, entries in halves.items():
        tile, _, half = name.partition(".")
        bits = _bits(every, words, windows[tile])
        frame, bit = layouts[tile][HALVES.index(half)].T
        bits[frame, bit] = entries.reshape(-1)
        _set_bits(every, words, windows[tile], bits)
    return Frames(every.addresses, words)


def blocks(database: Database, frames: Frames) -> dict[str, Array]:
    """Entries of every block RAM that holds anything: uint8 [2048, 9] of each half of a tile, by
    TILE.HALF, and uint8 [4096, 9] of both as one, by TILE."""
    tiles = [name for name in database.grid if database.kind(name).startswith("BRAM_")]
    windows = {name: database.tile(name).windows.get(BUS) for name in tiles}
    on = [
        name
        for name, window in windows.items()
        if window and (frames.rows(_addresses(window)) >= 0).any()
    ]
    return {name: held for name, held in _read(database, frames, on).items() if held.any()}


def _read(database: Database, frames: Frames, tiles: Iterable[str]) -> dict[str, Array]:
    """Entries of these tiles and their halves."""
    found: dict[str, Array] = {}
    windows = {tile: _window(database, tile) for tile in tiles}
    for tile, layout in _layouts(database, windows).items():
        bits = _bits(frames, frames.words, windows[tile])
        halves = bits[layout[:, :, 0], layout[:, :, 1]].reshape(2, ENTRIES, ENTRY)
        found |= {f"{tile}.{name}": half for name, half in zip(HALVES, halves, strict=True)}
        found[tile] = _joined(halves)
    return found


def _joined(halves: Array) -> Array:
    """Two RAMB18, uint8 [2, 2048, 9], as a RAMB36, uint8 [4096, 9]."""
    data = np.moveaxis(halves[:, :, :-1], 0, -1).reshape(-1, ENTRY - 1)
    parity = halves[:, :, -1].T.reshape(-1, 1)
    return np.concatenate([data, parity], axis=1)


def _halves(tile: str, entries: Array) -> dict[str, Array]:
    """The inverse of `_joined`, by name."""
    data = np.moveaxis(entries[:, :-1].reshape(ENTRIES, ENTRY - 1, 2), -1, 0)
    parity = entries[:, -1].reshape(ENTRIES, 2).T
    both = np.concatenate([data, parity[:, :, None]], axis=2)
    return {f"{tile}.{name}": half for name, half in zip(HALVES, both, strict=True)}


def _tile_of(block: str) -> str:
    return block.partition(".")[0]


def _window(database: Database, tile: str) -> Window:
    try:
        return database.tile(tile).windows[BUS]
    except KeyError:
        raise HearthError(
            f"{database.part} has no block RAM '{tile}'; make the bitstream anew, without --placed"
        ) from None


def _addresses(window: Window) -> Array:
    return np.arange(window.frame, window.frame + window.frames)


def _covering(frames: Frames, windows: Iterable[Window]) -> Frames:
    """The frames, and blank ones where they lack some of these windows."""
    needed = np.concatenate([np.zeros(0, np.int64), *map(_addresses, windows)])
    every = frame_texts.blank(np.concatenate([frames.addresses, needed]))
    every.words[every.rows(frames.addresses)] = frames.words
    return every


def _columns(window: Window) -> slice:
    return slice(window.bit // 32, window.bit // 32 + window.words)


def _bits(frames: Frames, words: Array, window: Window) -> Array:
    """Bits of a window: uint8 [frames, 32 * words]; 0 in frames that are not there."""
    rows = frames.rows(_addresses(window))
    found = np.where(rows[:, None] < 0, 0, words[rows, _columns(window)]).astype("<u4")
    return np.unpackbits(found.view(np.uint8), axis=1, bitorder="little")


def _set_bits(frames: Frames, words: Array, window: Window, bits: Array) -> None:
    """Put such bits into `words`, which has every frame of the window."""
    words[frames.rows(_addresses(window)), _columns(window)] = frame_texts.packed(bits)


def _layouts(database: Database, tiles: Iterable[str]) -> dict[str, Array]:
    """Frame and bit, from its window's first, of every bit of each tile's contents: int64
    [2, 18432, 2], of both halves in the order of entries."""
    kinds: dict[str, Array] = {}
    found = {}
    for name in tiles:
        tile = database.tile(name)
        if tile.kind not in kinds:
            segbits = database.segbits(tile)
            kinds[tile.kind] = np.stack([_half(tile, segbits, half) for half in HALVES])
        found[name] = kinds[tile.kind]
    return found


def _half(tile: Tile, segbits: Segbits, half: str) -> Array:
    rows = [f"{half}.INIT_{i:02X}" for i in range(_INIT)]
    rows += [f"{half}.INITP_{i:02X}" for i in range(_INITP)]
    names = [f"{row}[{bit}]" for row in rows for bit in range(_ROW)]
    missing = next((name for name in names if name not in segbits.index), None)
    if missing:
        raise HearthError(f"segbits_{tile.kind.lower()}.block_ram.db: has no {missing}")
    numbers = np.array([segbits.index[name] for name in names])
    first = segbits.starts[numbers]
    if (segbits.starts[numbers + 1] != first + 1).any() or not segbits.on[first].all():
        raise HearthError(f"segbits_{tile.kind.lower()}.block_ram.db: expected one bit a content")
    places = np.stack([segbits.frame[first], segbits.bit[first]], axis=1)
    data = places[: _INIT * _ROW].reshape(ENTRIES, ENTRY - 1, 2)
    return np.concatenate([data, places[_INIT * _ROW :, None]], axis=1).reshape(-1, 2)
