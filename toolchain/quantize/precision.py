"""How many bits every layer's weights take, and what that costs in bytes.

A `Format` is one layer's choice: b-bit integers, or indices into a codebook of 2^b values. What the
user asks for is a `Plan`: one format for all layers, with exceptions by layer name. Bytes count
everything the ROMs hold: weights or indices, the codebook itself, and bias and multiplier of every
channel.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hearth.toolchain.ir import FloatConv, FloatExpand
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

CHANNEL_BITS = 32 + 16
"""Bias and multiplier of one output channel (hw/layers/conv/kernel.py, parameter_rom)."""
ENTRY_BITS = 8
LARGEST_JSON = 4 << 20
FEWEST, MOST = 1, 8
FEWEST_UNIFORM = 2
"""Plain integers of one bit would be 0 and -1; two values of either sign are a codebook."""


@dataclass(frozen=True, order=True)
class Format:
    """Weights of one layer: `bits` each, as integers or as indices into a codebook."""

    bits: int
    codebook: bool = False

    def __post_init__(self) -> None:
        if not FEWEST <= self.bits <= MOST:
            raise HearthError(
                f"--weight-bits: {FEWEST} to {MOST} bits per weight are possible, not {self.bits}"
            )
        if self.bits < FEWEST_UNIFORM and not self.codebook:
            raise HearthError(
                f"--uniform: plain integers take {FEWEST_UNIFORM} to {MOST} bits, not {self.bits};"
                " weights of one bit are two values, so leave --uniform out"
            )

    def __str__(self) -> str:
        return f"{self.bits}-bit {'codebook' if self.codebook else 'uniform'}"


INT8 = Format(8)


@dataclass(frozen=True)
class Plan:
    """A format for every layer: `default`, unless `layers` names another."""

    default: Format = INT8
    layers: Mapping[str, Format] = field(default_factory=dict)

    def format(self, layer: str) -> Format:
        return self.layers.get(layer, self.default)

    def check(self, known: Iterable[str]) -> None:
        """HearthError for a layer that the network does not have."""
        names = list(known)
        for name in self.layers:
            if name not in names:
                raise HearthError(
                    f"--layer-bits: there is no layer '{name}'; the layers with weights are"
                    f" {', '.join(names)}"
                )


def plan(bits: int, codebook: bool | None, exceptions: Path | None) -> Plan:
    """The plan of --weight-bits, --codebook / --uniform and --layer-bits."""
    default = Format(bits, codebook if codebook is not None else bits < MOST)
    return Plan(default) if exceptions is None else read_plan(exceptions, default)


def read_plan(path: Path, default: Format) -> Plan:
    """A JSON object such as {"conv1": 8, "fire2/expand": {"bits": 4, "codebook": false}}.

    A number alone keeps the default's kind.
    """
    content = reading.json_value(path, LARGEST_JSON)
    if not isinstance(content, dict):
        raise HearthError(f"{path}: expects an object of layer names and bits")
    return Plan(default, {name: _format(path, name, v, default) for name, v in content.items()})


def _format(path: Path, name: str, value: Any, default: Format) -> Format:
    entry = value if isinstance(value, dict) else {"bits": value}
    bits, codebook = entry.get("bits"), entry.get("codebook", default.codebook)
    legal = isinstance(codebook, bool) and set(entry) <= {"bits", "codebook"}
    if not legal or not isinstance(bits, int) or isinstance(bits, bool):
        raise HearthError(
            f'{path}: {name}: expects bits, or {{"bits": 4, "codebook": true}}, found'
            f" {json.dumps(value)[:80]}"
        )
    return Format(bits, codebook)


@dataclass(frozen=True)
class Size:
    """What a layer has to store, whatever the format."""

    weights: int
    channels: int

    @staticmethod
    def of(layer: FloatConv | FloatExpand) -> Size:
        parts = (layer.centre, layer.window) if isinstance(layer, FloatExpand) else (layer,)
        return Size(sum(int(p.weights.size) for p in parts), sum(len(p.weights) for p in parts))

    def bits(self, chosen: Format) -> int:
        """Bits of ROM, everything counted."""
        book = (ENTRY_BITS << chosen.bits) if chosen.codebook else 0
        return self.weights * chosen.bits + book + self.channels * CHANNEL_BITS

    def weight_bits(self, chosen: Format) -> int:
        """Bits of weights and codebook alone."""
        return self.bits(chosen) - self.channels * CHANNEL_BITS
