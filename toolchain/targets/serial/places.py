"""Where the ROMs of a network lie in the block RAMs of a finished configuration.

A network is placed and routed with random ROM contents (contents.py). These are unlike one another,
so every block RAM of the finished configuration can be recognised by what it holds (`locate`),
whatever the tools did on the way, and its bits can be set to the true weights (`blocks`) or read
back (`contents`). The same idea is behind Project Trellis' ecpbram; here it covers every memory of
a network at once and keeps a map, so that later weights of the same shape need no place and route.

A block RAM is an array of entries of 9 bits, uint8 [entries, 9] with the lowest bit first: 2,048 of
them in 18 Kbit, 4,096 in 36 Kbit. The ninth bit is parity's, and unused where a word is narrower
than that. What a block is called, and how a configuration spells it, is its family's business.

A memory of W words x B bits is cut into chunks of `depth` words; the columns of all chunks lie side
by side, `width` to a block. Column b of chunk c is number c * stride + b, where stride is B, or B
rounded up so that every chunk starts with a new block.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial.contents import read_image

ENTRY = 9
WIDTHS = (72, 36, 18, 9, 4, 2, 1)
"""Bits of a word of a block; 72 where there are 36 Kbit."""
_NARROW = 2048


@dataclass(frozen=True)
class Place:
    """Where one ROM of `words` x `bits` lies: shape of its blocks, columns from one chunk to the
    next, and the names of the blocks in the order of their columns."""

    words: int
    bits: int
    depth: int
    width: int
    stride: int
    blocks: tuple[str, ...]

    @property
    def chunks(self) -> int:
        return -(-self.words // self.depth)


PlaceMap = Mapping[str, Place]
Blocks = Mapping[str, Array]
"""Entries of block RAMs by name."""


def rows(entries: Array, width: int) -> Array:
    """Entries of a block as a memory, uint8 [depth, width]."""
    return (entries if width >= ENTRY else entries[:, : ENTRY - 1]).reshape(-1, width)


def entries(memory: Array) -> Array:
    """The inverse of `rows`."""
    wide = memory.shape[1] >= ENTRY
    bits = memory.reshape(-1, ENTRY if wide else ENTRY - 1)
    return bits if wide else np.pad(bits, ((0, 0), (0, 1)))


def locate(held: Blocks, images: Mapping[str, str], widths: Mapping[str, int]) -> dict[str, Place]:
    """Find every ROM among the blocks of a configuration. `images` are the contents that it was
    built with, by ROM name, `widths` their bits a word. HearthError names a ROM that is nowhere."""
    known: dict[bytes, list[str]] = {}
    for name, block in held.items():
        for width in (1, ENTRY):
            known.setdefault(_key(rows(block, width), width), []).append(name)
    sizes = sorted({len(block) for block in held.values()})
    return {
        name: _find(name, read_image(text, widths[name]), known, sizes)
        for name, text in images.items()
    }


def _key(memory: Array, width: int) -> bytes:
    """Memories of one block are alike in all widths that have, or lack, the ninth bit."""
    return bytes([width >= ENTRY]) + np.packbits(memory).tobytes()


def _shapes(sizes: list[int]) -> Iterator[tuple[int, int]]:
    """Words and bits of blocks of so many entries."""
    for size in sizes:
        for width in WIDTHS:
            if width <= 36 or size > _NARROW:
                yield size * (ENTRY if width >= ENTRY else ENTRY - 1) // width, width


def _find(name: str, bits: Array, known: Mapping[bytes, list[str]], sizes: list[int]) -> Place:
    words, width_in_bits = bits.shape
    for depth, width in _shapes(sizes):
        for stride in dict.fromkeys((width_in_bits, -(-width_in_bits // width) * width)):
            place = Place(words, width_in_bits, depth, width, stride, ())
            found = [known.get(_key(m, width), []) for m in _memories(place, bits)]
            if all(len(names) == 1 for names in found):
                return dataclasses.replace(place, blocks=tuple(n[0] for n in found))
    raise HearthError(
        f"bitstream: {name} is in no block RAM, or not in one alone; its weights cannot be changed"
    )


def _memories(place: Place, bits: Array) -> list[Array]:
    """What the blocks of a place hold, uint8 [depth, width] each; zeros where nothing is used."""
    count = -(-((place.chunks - 1) * place.stride + place.bits) // place.width)
    whole = np.zeros((place.depth, count * place.width), np.uint8)
    for chunk in range(place.chunks):
        part = bits[chunk * place.depth : (chunk + 1) * place.depth]
        first = chunk * place.stride
        whole[: len(part), first : first + place.bits] = part
    return [
        np.ascontiguousarray(whole[:, i * place.width : (i + 1) * place.width])
        for i in range(count)
    ]


def contents(held: Blocks, places: PlaceMap) -> dict[str, Array]:
    """What a configuration holds in every ROM: bits, uint8 [words, bits], lowest first."""
    result = {}
    for name, place in places.items():
        whole = np.concatenate([rows(held[n], place.width) for n in place.blocks], axis=1)
        starts = [chunk * place.stride for chunk in range(place.chunks)]
        chunks = [whole[:, start : start + place.bits] for start in starts]
        result[name] = np.concatenate(chunks)[: place.words]
    return result


def blocks(places: PlaceMap, images: Mapping[str, str]) -> dict[str, Array]:
    """What the blocks of these ROMs hold when the ROMs hold `images`. HearthError for an image of
    another shape than its place."""
    changed: dict[str, Array] = {}
    for name, image in images.items():
        place = places[name]
        bits = read_image(image, place.bits)
        if bits.shape != (place.words, place.bits):
            raise HearthError(
                f"bitstream: {name}: {bits.shape[0]} words of {bits.shape[1]} bits, but there is"
                f" room for {place.words} of {place.bits}"
            )
        memories = map(entries, _memories(place, bits))
        changed |= dict(zip(place.blocks, memories, strict=True))
    return changed


def dumps(places: PlaceMap) -> str:
    """The map as JSON."""
    return json.dumps({name: dataclasses.astuple(place) for name, place in places.items()}) + "\n"


def loads(text: str) -> dict[str, Place]:
    """The inverse of `dumps`."""
    return {
        name: Place(words, bits, depth, width, stride, tuple(map(str, blocks)))
        for name, (words, bits, depth, width, stride, blocks) in json.loads(text).items()
    }
