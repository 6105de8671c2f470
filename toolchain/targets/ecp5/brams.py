"""New weights for a finished configuration: finding and setting its ROM bits.

A network is placed and routed with random ROM contents (serial/contents.py). These are unlike one
another, so every block RAM of the finished configuration can be recognised by what it holds
(`locate`), whatever the tools did on the way, and its bits can be set to the true weights (`patch`)
or read back (`contents`). The same idea is behind Project Trellis' ecpbram; here it covers every
memory of a network at once and keeps a map, so that later weights of the same shape need no tool
but ecppack.

In nextpnr's textual configuration a block RAM is a section of 2,048 hexadecimal entries of 9 bits:

    .bram_init 7
    1ff 000 ...

A memory of W words x B bits is cut into chunks of `depth` words; the columns of all chunks lie side
by side, `width` to a block, depth x width being one of SHAPES (rtl/memories.py). Column b of
chunk c is number c * stride + b, where stride is B, or B rounded up so that every chunk starts with
a new block. Below 9 bits the ninth bit of every entry is unused.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.rtl.memories import SHAPES
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial.contents import read_image

ENTRIES, ENTRY_BITS = 2048, 9
_SECTION = re.compile(r"^\.bram_init (\d+)\n((?:[0-9a-f ]+\n)+)", re.MULTILINE)
_PER_LINE = 8


@dataclass(frozen=True)
class Place:
    """Where one ROM of `words` x `bits` lies: shape of its blocks, columns from one chunk to the
    next, and the numbers of the blocks in the order of their columns."""

    words: int
    bits: int
    depth: int
    width: int
    stride: int
    blocks: tuple[int, ...]

    @property
    def chunks(self) -> int:
        return -(-self.words // self.depth)


BlockMap = Mapping[str, Place]


def blocks(config: str) -> dict[int, Array]:
    """Entries of every initialised block RAM of a textual configuration."""
    found = {}
    for section in _SECTION.finditer(config):
        values = np.array([int(value, 16) for value in section[2].split()], np.uint16)
        if values.size != ENTRIES:
            raise HearthError(f"configuration: block RAM {section[1]} has {values.size} entries")
        found[int(section[1])] = values
    return found


def rows(entries: Array, width: int) -> Array:
    """Entries of a block as a memory, uint8 [depth, width]."""
    bits = ((entries[:, None] >> np.arange(ENTRY_BITS)) & 1).astype(np.uint8)
    return bits.reshape(-1, width) if width >= ENTRY_BITS else bits[:, :8].reshape(-1, width)


def entries(memory: Array) -> Array:
    """The inverse of `rows`."""
    width = memory.shape[1]
    bits = memory.reshape(ENTRIES, ENTRY_BITS if width >= ENTRY_BITS else 8).astype(np.uint16)
    result: Array = (bits << np.arange(bits.shape[1], dtype=np.uint16)).sum(axis=1, dtype=np.uint16)
    return result


def locate(config: str, images: Mapping[str, str], widths: Mapping[str, int]) -> dict[str, Place]:
    """Find every ROM. `images` are the contents the configuration was built with, by ROM name,
    `widths` their bits a word. HearthError names a ROM that is nowhere."""
    held = blocks(config)
    views = {
        width: {number: rows(values, width) for number, values in held.items()}
        for _, width in SHAPES
    }
    return {
        name: _find(name, read_image(text, widths[name]), views) for name, text in images.items()
    }


def _find(name: str, bits: Array, views: Mapping[int, Mapping[int, Array]]) -> Place:
    words, width_in_bits = bits.shape
    for depth, width in SHAPES:
        known: dict[bytes, list[int]] = {}
        for number, view in views[width].items():
            known.setdefault(view.tobytes(), []).append(number)
        for stride in dict.fromkeys((width_in_bits, -(-width_in_bits // width) * width)):
            place = Place(words, width_in_bits, depth, width, stride, ())
            found = [known.get(memory.tobytes(), []) for memory in _memories(place, bits)]
            if all(len(numbers) == 1 for numbers in found):
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


def contents(config: str, places: BlockMap) -> dict[str, Array]:
    """What a configuration holds in every ROM: bits, uint8 [words, bits], lowest first."""
    held = blocks(config)
    result = {}
    for name, place in places.items():
        whole = np.concatenate([rows(held[n], place.width) for n in place.blocks], axis=1)
        starts = [chunk * place.stride for chunk in range(place.chunks)]
        chunks = [whole[:, start : start + place.bits] for start in starts]
        result[name] = np.concatenate(chunks)[: place.words]
    return result


def patch(config: str, places: BlockMap, images: Mapping[str, str]) -> str:
    """The configuration with the contents of `images` in its ROMs."""
    changed: dict[int, Array] = {}
    for name, image in images.items():
        place = places[name]
        memories = _memories(place, read_image(image, place.bits))
        for number, memory in zip(place.blocks, memories, strict=True):
            changed[number] = entries(memory)

    def section(found: re.Match[str]) -> str:
        number = int(found[1])
        return _section(number, changed[number]) if number in changed else found[0]

    return _SECTION.sub(section, config)


def _section(number: int, values: Array) -> str:
    lines = values.reshape(-1, _PER_LINE)
    return f".bram_init {number}\n" + "".join(
        " ".join(f"{value:03x}" for value in line) + "\n" for line in lines
    )


def dumps(places: BlockMap) -> str:
    """The map as JSON."""
    return json.dumps({name: dataclasses.astuple(place) for name, place in places.items()}) + "\n"


def loads(text: str) -> dict[str, Place]:
    """The inverse of `dumps`."""
    return {
        name: Place(words, bits, depth, width, stride, tuple(blocks))
        for name, (words, bits, depth, width, stride, blocks) in json.loads(text).items()
    }
