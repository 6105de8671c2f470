"""How many bits every layer's weights take, and what that costs in bytes.

A `Format` is one choice: b-bit integers, indices into a codebook of 2^b values, or a trellis code
of b bits with a table of 2^window values (toolchain/ir/coding.py). What the user asks for is a
`Plan`: one format for all layers, with exceptions by the name of a layer or of one half of an
expand stage. Bytes count everything the ROMs hold: weights or indices, the table itself, and bias
and multiplier of every channel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hearth.toolchain.ir import FloatConv, FloatExpand, Graph, convolutions, main_part
from hearth.toolchain.ir.coding import MOST_GROUP, MOST_WINDOW
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

CHANNEL_BITS = 32 + 16
"""Bias and multiplier of one output channel (hw/layers/conv/kernel.py, parameter_rom)."""
ENTRY_BITS = 8
LARGEST_JSON = 4 << 20
FEWEST, MOST = 1, 8
FEWEST_UNIFORM = 2
"""Plain integers of one bit would be 0 and -1; two values of either sign are a codebook."""


WINDOW, GROUP = 6, 8
"""Of a trellis when nothing else is asked for; docs/results/few_bits.md measures others."""


@dataclass(frozen=True, order=True)
class Format:
    """Weights of one layer or matrix: `bits` each, as integers, as indices into a codebook, or,
    with a `window`, in a trellis code of circles of `group` channels."""

    bits: int
    codebook: bool = False
    window: int = 0
    group: int = 0

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
        if self.window or self.group:
            self._check_trellis()

    def _check_trellis(self) -> None:
        if self.bits >= MOST_WINDOW:
            raise HearthError(
                f"--layer-bits: a trellis takes 1 to {MOST_WINDOW - 1} bits, not {self.bits}; leave"
                " the window out"
            )
        if not self.codebook or not self.bits < self.window <= MOST_WINDOW:
            raise HearthError(
                f"--layer-bits: a trellis of {self.bits} bits has a table with a window of"
                f" {self.bits + 1} to {MOST_WINDOW} bits, not {self.window}"
            )
        if not 1 <= self.group <= MOST_GROUP:
            raise HearthError(
                f"--layer-bits: a trellis joins 1 to {MOST_GROUP} channels in a group, not"
                f" {self.group}"
            )

    @staticmethod
    def trellis(bits: int, window: int = WINDOW, group: int = GROUP) -> Format:
        return Format(bits, True, window, group)

    @property
    def table_bits(self) -> int:
        """Bits of ROM that the table of values takes."""
        return ENTRY_BITS << (self.window or self.bits) if self.codebook else 0

    def as_json(self) -> dict[str, Any]:
        if self.window:
            return {"bits": self.bits, "window": self.window, "group": self.group}
        return {"bits": self.bits, "codebook": self.codebook}

    def __str__(self) -> str:
        if self.window:
            return f"{self.bits}-bit trellis"
        return f"{self.bits}-bit {'codebook' if self.codebook else 'uniform'}"


INT8 = Format(8)


@dataclass(frozen=True)
class Plan:
    """A format for every layer: `default`, unless `layers` names another. A half of an expand stage
    may be named too, and then has a table of its own."""

    default: Format = INT8
    layers: Mapping[str, Format] = field(default_factory=dict)

    def format(self, layer: str) -> Format:
        return self.layers.get(layer, self.default)

    def formats(self, layer: FloatConv | FloatExpand) -> tuple[Format, ...]:
        """One format for each matrix of a layer; what has groups keeps 8 bits."""
        if main_part(layer).groups > 1:
            return (INT8,)
        whole = self.format(layer.name)
        return tuple(self.layers.get(part.name, whole) for part in matrices(layer))

    def shared(self, layer: FloatConv | FloatExpand) -> bool:
        """Whether all matrices of a layer have one table: none is named apart from the layer, and
        a trellis has one for each."""
        formats = self.formats(layer)
        apart = len(formats) > 1 and any(part.name in self.layers for part in matrices(layer))
        return not apart and not any(chosen.window for chosen in formats)

    def check(self, graph: Graph) -> None:
        """HearthError for a name that the network does not have."""
        layers = convolutions(graph)
        known = {*layers, *(part.name for layer in layers.values() for part in matrices(layer))}
        for name in self.layers:
            if name not in known:
                raise HearthError(
                    f"--layer-bits: there is no layer '{name}'; the layers with weights are"
                    f" {', '.join(layers)}"
                )
            layer = layers.get(name)
            if layer and main_part(layer).groups > 1 and self.layers[name] != INT8:
                raise HearthError(
                    f"--layer-bits: {name} is a convolution in {main_part(layer).groups} groups,"
                    " whose weights always take 8 bits; leave it out"
                )

    def as_json(self) -> dict[str, Any]:
        """What `read_plan` reads back as the same formats, whatever its default."""
        return {name: chosen.as_json() for name, chosen in self.layers.items()}


def matrices(layer: FloatConv | FloatExpand) -> tuple[FloatConv, ...]:
    """The convolutions that a layer consists of: itself, or the halves of an expand stage."""
    return (layer.centre, layer.window) if isinstance(layer, FloatExpand) else (layer,)


def plan(bits: int, codebook: bool | None, exceptions: Path | None) -> Plan:
    """The plan of --weight-bits, --codebook / --uniform and --layer-bits."""
    default = Format(bits, codebook if codebook is not None else bits < MOST)
    return Plan(default) if exceptions is None else read_plan(exceptions, default)


def read_plan(path: Path, default: Format) -> Plan:
    """A JSON object such as {"conv1": 8, "fire2/expand": {"bits": 4, "codebook": false}}.

    A number alone keeps the default's kind. {"bits": 2, "window": 6} is a trellis, in which
    "group" may be given too. Either half of an expand stage may be named: "fire2/expand3x3".
    """
    content = reading.json_value(path, LARGEST_JSON)
    if not isinstance(content, dict):
        raise HearthError(f"{path}: expects an object of layer names and bits")
    return Plan(default, {name: _format(path, name, v, default) for name, v in content.items()})


def _format(path: Path, name: str, value: Any, default: Format) -> Format:
    entry = value if isinstance(value, dict) else {"bits": value}
    numbers = [entry.get("bits"), entry.get("window", WINDOW), entry.get("group", GROUP)]
    codebook = entry.get("codebook", default.codebook)
    known = {"bits", "window", "group"} if "window" in entry else {"bits", "codebook"}
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in numbers)
    if not whole or not isinstance(codebook, bool) or not set(entry) <= known:
        raise HearthError(
            f'{path}: {name}: expects bits, or {{"bits": 4, "codebook": true}}, or a trellis'
            f' {{"bits": 2, "window": {WINDOW}}}, found {json.dumps(value)[:80]}'
        )
    bits, window, group = numbers
    return Format.trellis(bits, window, group) if "window" in entry else Format(bits, codebook)


@dataclass(frozen=True)
class Size:
    """What a layer has to store, whatever the format."""

    weights: int
    channels: int

    @staticmethod
    def of(layer: FloatConv | FloatExpand) -> Size:
        parts = matrices(layer)
        return Size(sum(int(p.weights.size) for p in parts), sum(len(p.weights) for p in parts))

    def bits(self, chosen: Format) -> int:
        """Bits of ROM, everything counted."""
        return self.weight_bits(chosen) + self.channels * CHANNEL_BITS

    def weight_bits(self, chosen: Format) -> int:
        """Bits of weights and table alone. A last group that is not full is stored whole."""
        group = chosen.group or 1
        padded = -(-self.channels // group) * group
        weights = self.weights * padded // max(1, self.channels)
        return weights * chosen.bits + chosen.table_bits
