"""Table: integer semantics.

    out[y, x, c] = tables[group[c], a[y, x, c]]

Any function of one value of up to 8 bits, exactly. Used where an already quantized file requantizes
a stream: a second scale behind a max-pool, branches of a concatenation with scales of their own. A
signed value is looked up by its two's complement, so -1 is the table's last entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.table import kernel
from hearth.hw.layers.through import Through
from hearth.toolchain.ir import Array, Edge
from hearth.toolchain.support.errors import HearthError

MOST_BITS = 8
"""Widest input: a table of 256 entries."""


@dataclass(frozen=True, eq=False)
class Table(Through):
    """Replaces every value by what a table says.

    - tables: int32 [groups, 2^source.bits], values of the target edge
    - group: int32 [channels], which table a channel uses
    """

    kind: ClassVar[str] = "table"
    arrays: ClassVar[Mapping[str, str]] = {"tables": "int32", "group": "int32"}
    implied: ClassVar[bool] = False
    name: str
    source: Edge
    target: Edge
    tables: Array
    group: Array

    def __post_init__(self) -> None:
        if self.source.shape != self.target.shape:
            raise HearthError(
                f"{self.name}: a table keeps the map, but {self.source.shape} should become"
                f" {self.target.shape}"
            )
        entries = 1 << self.source.bits
        if self.source.bits > MOST_BITS or self.tables.shape[1:] != (entries,):
            raise HearthError(
                f"{self.name}: {self.source.bits} bits need tables of {entries} entries, at most"
                f" {1 << MOST_BITS}, found {list(self.tables.shape)}"
            )
        if (
            self.group.shape != (self.source.channels,)
            or not np.isin(self.group, np.arange(len(self.tables))).all()
        ):
            raise HearthError(
                f"{self.name}: each of {self.source.channels} channels needs one of"
                f" {len(self.tables)} tables, found {self.group.tolist()[:8]}"
            )
        if self.tables.min() < self.target.low or self.tables.max() > self.target.high:
            raise HearthError(
                f"{self.name}: entries {self.tables.min()}..{self.tables.max()} do not fit"
                f" {self.target.low}..{self.target.high}"
            )

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        address = frames.astype(np.int64) & ((1 << self.source.bits) - 1)
        result: Array = self.tables[self.group, address].astype(self.target.dtype)
        return result

    def keeping(self, source: Edge, kept: Sequence[int]) -> Table:
        target = replace(self.target, channels=len(kept))
        return replace(self, source=source, target=target, group=self.group[list(kept)])

    roms = kernel.roms
    kernel = kernel.kernel
