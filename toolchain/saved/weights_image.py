"""The weights of a build as one update: what a running board takes between two frames.

All ROM images one after another, the build id's first, then those of the kernels in stream order:
the order of the load chain (hw/memory/hearth_rom_loader.sv). Words are padded to whole bytes,
lowest byte first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hearth.toolchain.ir import Design
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id

ID_ROM = "build_id"
"""Name of the ROM that holds the build id."""
ID_BITS = 32


def id_image(build_id: int) -> str:
    """The ROM image of a 64-bit build id: low word, high word."""
    return f"{build_id & 0xFFFFFFFF:08x}\n{build_id >> 32:08x}\n"


def bank_words(words: int) -> int:
    """Words of one of two banks of a ROM of `words` words (hw/memory/hearth_rom.sv)."""
    return 1 << max(1, (words - 1).bit_length())


def image_bytes(design: Design) -> int:
    """Length of the update of every build with this hardware."""
    roms = design.roms
    return 2 * word_bytes(ID_BITS) + sum(rom.words * word_bytes(rom.width) for rom in roms)


def image(build: Build) -> bytes:
    """The update that makes a board run `build`."""
    roms = ((rom.name, rom.width) for rom in build.design.roms)
    return _packed(id_image(build_id(build)), ID_BITS) + of_roms(build.content, roms)


def of_roms(content: Mapping[str, str], roms: Iterable[tuple[str, int]]) -> bytes:
    """What the load chain takes for these ROMs, names and bits a word; `content`: a build's files
    by path."""
    return b"".join(_packed(content[f"rom/{name}.hex"], width) for name, width in roms)


def _packed(text: str, width: int) -> bytes:
    """Bytes of a $readmemh image of words of `width` bits."""
    words: Sequence[str] = text.split()
    return b"".join(int(word, 16).to_bytes(word_bytes(width), "little") for word in words)


def word_bytes(bits: int) -> int:
    """Of a word of so many bits on the load chain."""
    return -(-bits // 8)
