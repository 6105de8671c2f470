"""FASM, nextpnr's text form of a configuration: one feature of one tile a line.

    CLBLM_R_X3Y5.SLICEM_X0.AFFMUX.O5                     a feature is on
    CLBLM_R_X3Y5.SLICEM_X0.ALUT.INIT[63:0] = 64'h80FF    bits 63 to 0 of a feature
    INT_L_X0Y1.NL1BEG1.NN6END2  # a comment

Grammar: the FASM specification of chipsalliance. Annotations in braces are read over. What the
features mean, and whether they exist, is the database's business (database.py): here is syntax.
A network on the chip has a million lines, nearly all of the first form, so those are found by one
regular expression over the whole text and nothing is kept of them but their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import shortened

LONGEST = 4096
"""Bits of one line; block RAMs have 256."""
_PLAIN = re.compile(r"^[A-Za-z][\w.]*$", re.MULTILINE | re.ASCII)
_OTHER = re.compile(r"^(?![A-Za-z][\w.]*$)(?=[^\n]*\S)[^\n]+$", re.MULTILINE | re.ASCII)
_LINE = re.compile(
    r"\s*(?:(?P<feature>[A-Za-z][\w.]*)"
    r"\s*(?:\[\s*(?P<high>\d{1,6})\s*(?::\s*(?P<low>\d{1,6})\s*)?\])?"
    r"\s*(?P<value>=\s*(?:(?P<width>\d{1,6})?\s*'(?P<base>[hbdo])\s*)?(?P<digits>[0-9a-fA-F_]+))?)?"
    r'\s*(?:\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})?\s*(?:#.*)?',
    re.ASCII,
)
_BASES = {"h": 16, "d": 10, "o": 8, "b": 2}


@dataclass(frozen=True)
class Value:
    """Bits of a feature from number `lowest` on: uint8 [n], lowest first."""

    feature: str
    lowest: int
    bits: Array


@dataclass(frozen=True)
class Fasm:
    """Features that are on, as often as they are named, and those with values."""

    features: list[str]
    values: list[Value]


def parse(text: str, name: str) -> Fasm:
    """Read a FASM text; `name` is what an error calls it. HearthError quotes the line at fault."""
    features = _PLAIN.findall(text)
    values = []
    for line in _OTHER.findall(text):
        found = _LINE.fullmatch(line)
        if found is None:
            raise HearthError(f"{name}: not a line of FASM: '{shortened(line, 200)}'")
        if found["feature"] and not found["high"] and not found["value"]:
            features.append(found["feature"])
        elif found["feature"]:
            values.append(_value(found, name))
    return Fasm(features, values)


def _value(found: re.Match[str], name: str) -> Value:
    high = int(found["high"] or 0)
    low = int(found["low"]) if found["low"] is not None else high
    width = high - low + 1
    if not 0 < width <= LONGEST:
        raise HearthError(
            f"{name}: {found['feature']}[{high}:{low}]: expected 1 to {LONGEST} bits, the highest"
            " first"
        )
    bits = _bits(found, width)
    if bits.size != width:
        raise HearthError(f"{name}: {found['feature']}: its value does not fit {width} bits")
    return Value(found["feature"], low, bits)


def _bits(found: re.Match[str], width: int) -> Array:
    """The value of a line, lowest first: `width` bits, another number where it does not fit."""
    if not found["value"]:
        return np.ones(width, np.uint8)
    digits = found["digits"].replace("_", "")
    base = _BASES[found["base"] or "d"]
    room = min(width, int(found["width"] or width))
    if base == 2 and len(digits) == width == room and not digits.strip("01"):
        return np.frombuffer(digits.encode(), np.uint8)[::-1] - ord("0")
    try:
        number = int(digits, base)
    except ValueError:
        return np.zeros(0, np.uint8)
    if number >> room:
        return np.zeros(0, np.uint8)
    text = np.frombuffer(f"{number:0{width}b}".encode(), np.uint8)
    return text[::-1] - ord("0")
