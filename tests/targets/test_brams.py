"""Weights inside a finished configuration: found, changed, read back."""

from __future__ import annotations

import numpy as np
import pytest

from hearth.toolchain.ir import Array
from hearth.toolchain.rtl.memories import SHAPES
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.ecp5 import brams
from hearth.toolchain.targets.serial import places as rom_places
from hearth.toolchain.targets.serial.contents import random_like, read_image
from tests.targets.memories_laid_out import image as image_of
from tests.targets.memories_laid_out import laid_out


def _config(memories: list[Array]) -> str:
    """A configuration with these block RAMs, numbered from 3, other sections between them."""
    text = ".device LFE5U-85F\n\n"
    for number, memory in enumerate(memories):
        text += brams._section(str(number + 3), rom_places.entries(memory))
        text += "\n.tile X:Y\nword: A 01\n\n"
    return text


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("words", "bits"), [(40, 70), (600, 48), (2500, 9), (3000, 5)])
@pytest.mark.parametrize("packed", [False, True])
def test_any_shape_is_found_patched_and_read_back(
    shape: tuple[int, int], words: int, bits: int, packed: bool
) -> None:
    rng = np.random.default_rng(words)
    image = random_like("\n".join(["0" * -(-bits // 4)] * words), bits, seed=1)
    other = random_like("\n".join(["0" * 8] * 100), 32, seed=2)
    memories = laid_out(read_image(image, bits), *shape, packed=packed)
    memories += laid_out(read_image(other, 32), 512, 36)
    order = rng.permutation(len(memories))
    config = _config([memories[i] for i in order])
    places = brams.locate(config, {"a": image, "b": other}, {"a": bits, "b": 32})
    places = rom_places.loads(rom_places.dumps(places))
    wanted = rng.integers(0, 2, (words, bits), dtype=np.uint8)
    patched = brams.patch(config, places, {"a": image_of(wanted)})
    assert np.array_equal(brams.contents(patched, places)["a"], wanted)
    assert np.array_equal(brams.contents(patched, places)["b"], read_image(other, 32))
    assert brams.patch(patched, places, {"a": image}) == config


def test_rom_made_of_logic_is_named() -> None:
    config = _config([np.zeros((512, 36), np.uint8)])
    with pytest.raises(HearthError, match="fire2_weights is in no block RAM"):
        brams.locate(config, {"fire2_weights": "12\n34\n"}, {"fire2_weights": 8})


def test_image_of_another_shape_is_refused() -> None:
    image = random_like("\n".join(["00"] * 600), 8, seed=1)
    config = _config(laid_out(read_image(image, 8), 2048, 9))
    places = brams.locate(config, {"a": image}, {"a": 8})
    with pytest.raises(HearthError, match="a: 599 words of 8 bits, but there is room for 600 of 8"):
        brams.patch(config, places, {"a": "00\n" * 599})


def test_rom_that_is_there_twice_is_named() -> None:
    image = random_like("\n".join(["00"] * 600), 8, seed=1)
    config = _config(laid_out(read_image(image, 8), 2048, 9) * 2)
    with pytest.raises(HearthError, match="a is in no block RAM, or not in one alone"):
        brams.locate(config, {"a": image}, {"a": 8})
