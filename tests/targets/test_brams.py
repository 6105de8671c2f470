"""Weights inside a finished configuration: found, changed, read back."""

from __future__ import annotations

import numpy as np
import pytest

from hearth.toolchain.ir import Array
from hearth.toolchain.rtl.memories import SHAPES
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.ecp5 import brams
from hearth.toolchain.targets.serial.contents import random_like, read_image


def _image(bits: Array) -> str:
    digits = -(-bits.shape[1] // 4)
    values = [sum(int(bit) << i for i, bit in enumerate(word)) for word in bits]
    return "\n".join(f"{value:0{digits}x}" for value in values) + "\n"


def _config(memories: list[Array]) -> str:
    """A configuration with these block RAMs, numbered from 3, other sections between them."""
    text = ".device LFE5U-85F\n\n"
    for number, memory in enumerate(memories):
        text += brams._section(number + 3, brams.entries(memory)) + "\n.tile X:Y\nword: A 01\n\n"
    return text


def _laid_out(bits: Array, depth: int, width: int, *, packed: bool = False) -> list[Array]:
    """A memory cut into block RAMs, as Yosys does it: chunks of words beside each other, each from
    a block of its own on unless they are packed."""
    chunks = []
    for top in range(0, len(bits), depth):
        part = bits[top : top + depth]
        room = 0 if packed else -bits.shape[1] % width
        chunks.append(np.pad(part, ((0, depth - len(part)), (0, room))))
    whole = np.concatenate(chunks, axis=1)
    whole = np.pad(whole, ((0, 0), (0, -whole.shape[1] % width)))
    return [np.ascontiguousarray(m) for m in np.split(whole, whole.shape[1] // width, axis=1)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("words", "bits"), [(40, 70), (600, 48), (2500, 9), (3000, 5)])
@pytest.mark.parametrize("packed", [False, True])
def test_any_shape_is_found_patched_and_read_back(
    shape: tuple[int, int], words: int, bits: int, packed: bool
) -> None:
    rng = np.random.default_rng(words)
    image = random_like("\n".join(["0" * -(-bits // 4)] * words), bits, seed=1)
    other = random_like("\n".join(["0" * 8] * 100), 32, seed=2)
    memories = _laid_out(read_image(image, bits), *shape, packed=packed)
    memories += _laid_out(read_image(other, 32), 512, 36)
    order = rng.permutation(len(memories))
    config = _config([memories[i] for i in order])
    places = brams.locate(config, {"a": image, "b": other}, {"a": bits, "b": 32})
    places = brams.loads(brams.dumps(places))
    wanted = rng.integers(0, 2, (words, bits), dtype=np.uint8)
    patched = brams.patch(config, places, {"a": _image(wanted)})
    assert np.array_equal(brams.contents(patched, places)["a"], wanted)
    assert np.array_equal(brams.contents(patched, places)["b"], read_image(other, 32))
    assert brams.patch(patched, places, {"a": image}) == config


def test_rom_made_of_logic_is_named() -> None:
    config = _config([np.zeros((512, 36), np.uint8)])
    with pytest.raises(HearthError, match="fire2_weights is in no block RAM"):
        brams.locate(config, {"fire2_weights": "12\n34\n"}, {"fire2_weights": 8})
