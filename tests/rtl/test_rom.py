"""ROM images: text of $readmemh, and the budget."""

import numpy as np
import pytest

from hearth.toolchain.ir import Rom
from hearth.toolchain.rtl import rom
from hearth.toolchain.support.errors import HearthError


def make(name: str, fields: list[list[int]], bits: tuple[int, ...]) -> Rom:
    return Rom(name, np.array(fields), bits, 0)


def test_lowest_field_is_in_the_lowest_bits() -> None:
    assert rom.image(make("r", [[1, 2, -1]], (8, 8, 8))) == "ff0201\n"


def test_widths_that_fill_no_digit() -> None:
    assert rom.image(make("r", [[-1, 3], [1, -4]], (1, 3))) == "7\n9\n"
    assert rom.image(make("r", [[5, 1]], (4, 2))) == "15\n"


def test_image_reads_back() -> None:
    rng = np.random.default_rng(3)
    bits = (8, 3, 16, 5, 32)
    fields = np.stack([rng.integers(-(1 << (b - 1)), 1 << (b - 1), 50) for b in bits], axis=1)
    for line, row in zip(rom.image(Rom("r", fields, bits, 0)).split(), fields, strict=True):
        word = int(line, 16)
        for value, width in zip(row, bits, strict=True):
            assert word & ((1 << width) - 1) == int(value) & ((1 << width) - 1)
            word >>= width
        assert word == 0


@pytest.mark.parametrize("value", [128 * 2, -129])
def test_field_that_does_not_fit(value: int) -> None:
    with pytest.raises(ValueError, match="r: field 1 does not fit in 8 bits"):
        rom.image(make("r", [[0, value]], (8, 8)))


def test_bits_of_all_roms_are_counted_together() -> None:
    """A byte that is begun counts; each ROM is not rounded up by itself."""
    roms = [make(f"r{i}", [[0]] * 3, (1,)) for i in range(3)]
    assert rom.total_bytes(roms) == 2


def test_budget_names_the_largest() -> None:
    small, large = make("small", [[0]] * 8, (8,)), make("large", [[0]] * 100, (8,))
    assert rom.check_budget([small, large], 108) == 108
    with pytest.raises(HearthError) as caught:
        rom.check_budget([small, large], 107)
    assert str(caught.value) == (
        "--rom-budget: the weights need 108 bytes of ROM but 107 are allowed; the largest are"
        " large (100 bytes), small (8 bytes). Allow more, use fewer weight bits, or a smaller model"
    )
