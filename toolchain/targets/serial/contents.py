"""What the ROMs of a board hold: the images of a build by ROM name, as they are built.

A network is placed and routed with random contents (`scrambled`) and gets its weights afterwards,
in the finished configuration: equal or constant columns would be merged or taken out otherwise, and
later weights of the same shapes would not fit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.saved import weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id


def images(build: Build) -> dict[str, str]:
    """Every ROM image by name, the build id's too."""
    inner = {name: text for name, text in build.content.items() if name.startswith("rom/")}
    named = {name.removeprefix("rom/").removesuffix(".hex"): text for name, text in inner.items()}
    return {**named, weights_image.ID_ROM: weights_image.id_image(build_id(build))}


def widths(build: Build) -> dict[str, int]:
    """Bits of a word of each."""
    found = {rom.name: rom.width for rom in build.design.roms}
    return {**found, weights_image.ID_ROM: weights_image.ID_BITS}


def banked(images: Mapping[str, str], live: bool) -> dict[str, str]:
    """Images of the memories as they are built: with `live` two banks of a power of two words, the
    weights in the first (hw/memory/hearth_rom.sv)."""
    return {name: _two_banks(text) if live else text for name, text in images.items()}


def _two_banks(text: str) -> str:
    words = text.split()
    depth = 2 * weights_image.bank_words(len(words))
    return "\n".join([*words, *["0" * len(words[0])] * (depth - len(words))]) + "\n"


def scrambled(build: Build, live: bool) -> dict[str, str]:
    """Random contents for every memory, always the same for the same shapes."""
    bits = widths(build)
    return {
        name: random_like(text, bits[name], seed)
        for seed, (name, text) in enumerate(sorted(banked(images(build), live).items()))
    }


def read_image(text: str, width: int) -> Array:
    """Bits of a $readmemh image of words of `width` bits: uint8 [words, width], lowest first."""
    words = text.split()
    nibbles = np.array([[int(digit, 16) for digit in reversed(word)] for word in words], np.uint8)
    bits = (nibbles[:, :, None] >> np.arange(4)) & 1
    result: Array = bits.reshape(len(words), -1)[:, :width].astype(np.uint8)
    return result


def random_like(text: str, width: int, seed: int) -> str:
    """Random contents for an image of words of `width` bits. The last word is the complement of the
    first: a column that is constant would be taken out of the memory."""
    words = text.split()
    rng = np.random.default_rng(seed)
    digits = rng.integers(0, 16, (len(words), len(words[0])))
    digits[-1] = 15 - digits[0]
    digits[:, 0] &= (1 << ((width - 1) % 4 + 1)) - 1
    return "\n".join("".join(f"{digit:x}" for digit in word) for word in digits) + "\n"
