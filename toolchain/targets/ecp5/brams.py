"""Block RAMs of an ECP5 in nextpnr's textual configuration: read, and set to other contents.

Each is a section of 2,048 hexadecimal entries of 9 bits:

    .bram_init 7
    1ff 000 ...

Which of them a ROM lies in: serial/places.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial import places as rom_places
from hearth.toolchain.targets.serial.places import ENTRY, Place, PlaceMap

ENTRIES = 2048
_SECTION = re.compile(r"^\.bram_init (\d+)\n((?:[0-9a-f ]+\n)+)", re.MULTILINE)
_PER_LINE = 8


def blocks(config: str) -> dict[str, Array]:
    """Entries of every initialised block RAM of a textual configuration, by number: uint8
    [2048, 9]."""
    found = {}
    for section in _SECTION.finditer(config):
        values = np.array([int(value, 16) for value in section[2].split()], np.uint16)
        if values.size != ENTRIES:
            raise HearthError(f"configuration: block RAM {section[1]} has {values.size} entries")
        found[section[1]] = ((values[:, None] >> np.arange(ENTRY)) & 1).astype(np.uint8)
    return found


def locate(config: str, images: Mapping[str, str], widths: Mapping[str, int]) -> dict[str, Place]:
    """Find every ROM; as serial/places.py."""
    return rom_places.locate(blocks(config), images, widths)


def contents(config: str, places: PlaceMap) -> dict[str, Array]:
    """What a configuration holds in every ROM: bits, uint8 [words, bits], lowest first."""
    return rom_places.contents(blocks(config), places)


def patch(config: str, places: PlaceMap, images: Mapping[str, str]) -> str:
    """The configuration with the contents of `images` in its ROMs."""
    changed = rom_places.blocks(places, images)

    def section(found: re.Match[str]) -> str:
        return _section(found[1], changed[found[1]]) if found[1] in changed else found[0]

    return _SECTION.sub(section, config)


def _section(number: str, entries: Array) -> str:
    bits = entries.astype(np.uint16) << np.arange(ENTRY, dtype=np.uint16)
    lines = bits.sum(axis=1, dtype=np.uint16).reshape(-1, _PER_LINE)
    return f".bram_init {number}\n" + "".join(
        " ".join(f"{value:03x}" for value in line) + "\n" for line in lines
    )
