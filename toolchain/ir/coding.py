"""How a ROM holds the weights of one matrix: themselves, places in a codebook, or a trellis code.

A trellis code (Marcellin and Fischer 1990, Trellis coded quantization, IEEE Trans. Comm. 38) spends
`bits` a weight as a codebook does, but looks the weight up in a longer table, by its own bits and
those of the channels before it: a window that slides over the output channels of one column. Every
ROM word still decodes by itself, with wires and one small table a lane. Channel p of a group, at
one column, is the entry of `table` at the lowest `window` bits of

    sum over j >= 0 of  code[(p - j) mod group] << (j * bits)

so its own code is lowest and its predecessors' lie above it, and the codes of `group` consecutive
output channels form a circle of their own (tail-biting). Columns do not see each other. A last
group that is not full is filled with channels that do not exist: their codes are free.

Weights are what a layer keeps; their codes follow from them and the table, always the same ones
(`Coding.codes`). How weights are chosen that have codes is no matter of this file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from hearth.toolchain.ir.edge import Array
from hearth.toolchain.support.errors import HearthError

MOST_WINDOW = 8
MOST_GROUP = 64
_AT_ONCE = 4096
"""Circles that are searched at once: their sets of states fit a cache."""


@dataclass(frozen=True, eq=False, repr=False)
class Coding:
    """How a ROM holds the weights of one matrix.

    - bits: of ROM per weight, 1..8
    - table: int8. Empty: the bits are the weight itself in two's complement. Without a window: a
      codebook, rising, at most 2^bits values, addressed by the bits. With one: exactly 2^window
      values in any order, as often as you like
    - window: bits of the table's address in a trellis, more than `bits`, at most 8; else 0
    - group: consecutive output channels whose codes form one circle in a trellis, 1..64; else 0
    """

    bits: int
    table: Array = field(default_factory=lambda: np.zeros(0, np.int8))
    window: int = 0
    group: int = 0

    def __repr__(self) -> str:
        """4 bits; 4 bits, 16 values; 2 bits, a trellis of 64 values over 16 channels."""
        kind = f"a trellis of {len(self.table)} values over {self.group} channels"
        kind = kind if self.window else f"{len(self.table)} values"
        return f"{self.bits} bits" + (f", {kind}" if len(self.table) else "")

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= 8:
            raise HearthError(f"weights take 1 to 8 bits, not {self.bits}")
        if self.window:
            self._check_trellis()
        elif self.group or len(self.table) > 1 << self.bits or not self._rises():
            raise HearthError(
                f"a codebook of {self.bits} bits has at most {1 << self.bits} values, rising, and"
                f" no group; found {len(self.table)} values and a group of {self.group}"
            )

    def _check_trellis(self) -> None:
        right = self.bits < self.window <= MOST_WINDOW and 1 <= self.group <= MOST_GROUP
        if not right or len(self.table) != 1 << self.window:
            raise HearthError(
                f"a trellis of {self.bits} bits has a window of {self.bits + 1} to {MOST_WINDOW}"
                f" bits, 2^window values and a group of 1 to {MOST_GROUP} channels; found a window"
                f" of {self.window}, {len(self.table)} values and a group of {self.group}"
            )

    def _rises(self) -> bool:
        return bool((np.diff(self.table.astype(int)) > 0).all())

    @cached_property
    def key(self) -> tuple[int, bytes, int, int]:
        """Equal for equal codings."""
        return self.bits, self.table.astype(np.int8).tobytes(), self.window, self.group

    @property
    def states(self) -> int:
        """What a weight may know of the channels before it, as a number of cases; 1: nothing."""
        return 1 << (self.window - self.bits) if self.window else 1

    @property
    def address_bits(self) -> int:
        """Bits of an address of the table; 0 without one."""
        return (self.window or self.bits) if len(self.table) else 0

    def values(self, codes: Array) -> Array:
        """int8 weights of uint8 codes [out, columns]; `out` a multiple of `group` in a trellis."""
        if not len(self.table):
            up = 8 - self.bits
            weights: Array = (codes.astype(np.uint8) << up).view(np.int8) >> up
            return weights
        if not self.window:
            return self.table[np.minimum(codes, len(self.table) - 1)]
        if len(codes) % self.group:
            raise HearthError(
                f"codes of a trellis come in groups of {self.group} channels, found {len(codes)}"
            )
        circles = codes.astype(np.uint32).reshape(-1, self.group, codes.shape[1])
        address = np.zeros_like(circles)
        for j in range(-(-self.window // self.bits)):
            address |= np.roll(circles, j, axis=1) << (j * self.bits)
        found: Array = self.table[address & ((1 << self.window) - 1)]
        return found.reshape(codes.shape)

    def check(self, weights: Array) -> None:
        """HearthError when int8 weights [out, columns] have no codes."""
        if self.window:
            self.codes(weights)
        elif not self._all_known(weights):
            where = f"codebook of {len(self.table)}" if len(self.table) else "range of"
            raise HearthError(
                f"weights {weights.min()}..{weights.max()} do not all lie in the {where} values of"
                f" {self.bits} bits"
            )

    def codes(self, weights: Array) -> Array:
        """uint8 codes of int8 weights [out, columns]; in a trellis `out` is rounded up to a
        multiple of `group`. Of several ways to say the same weights it is always the same one.

        HearthError when the weights have no codes.
        """
        if self.window and not weights.any() and not self.table[0]:
            rows = -(-len(weights) // self.group) * self.group
            return np.zeros((rows, weights.shape[1]), np.uint8)  # what the search would find
        if self.window:
            plain = np.ascontiguousarray(weights, np.int8)
            return _trellis_codes(self.key, plain.tobytes(), plain.shape[1])
        self.check(weights)
        if len(self.table):
            return np.searchsorted(self.table, weights).astype(np.uint8)
        return weights.astype(np.int8).view(np.uint8) & np.uint8((1 << self.bits) - 1)

    def _all_known(self, weights: Array) -> bool:
        if not weights.size:
            return True
        if len(self.table):
            return bool(np.isin(weights, self.table).all())
        half = 1 << (self.bits - 1)
        return bool(weights.min() >= -half and weights.max() < half)


@lru_cache(maxsize=64)  # layers are rebuilt many times around the same weights
def _trellis_codes(key: tuple[int, bytes, int, int], weights: bytes, columns: int) -> Array:
    bits, table, window, group = key
    coding = Coding(bits, np.frombuffer(table, np.int8), window, group)
    matrix = np.frombuffer(weights, np.int8).reshape(-1, columns)
    rows = -(-len(matrix) // group) * group
    allowed = np.zeros((257, 1 << window), bool)  # windows that say a weight; 256: any
    allowed[coding.table.astype(int) + 128, np.arange(1 << window)] = True
    allowed[256] = True
    places = np.full((rows, columns), 256)
    places[: len(matrix)] = matrix.astype(int) + 128
    circles = places.reshape(-1, group, columns).transpose(0, 2, 1).reshape(-1, group)
    parts = np.array_split(circles, max(1, len(circles) // _AT_ONCE))
    codes = np.concatenate([_search(coding, allowed, part) for part in parts])
    lost = np.flatnonzero(codes[:, 0] < 0)
    if len(lost):
        first, column = divmod(int(lost[0]), columns)
        raise HearthError(
            f"weights of channels {first * group}..{first * group + group - 1} at column {column}"
            f" have no codes of {bits} bits in a trellis with a window of {window} bits"
            f" ({len(lost)} of {len(codes)} groups)"
        )
    turned = codes.astype(np.uint8).reshape(-1, columns, group).transpose(0, 2, 1)
    result = np.ascontiguousarray(turned).reshape(rows, columns)
    result.flags.writeable = False  # the cache hands out the same one again
    return result


def _search(coding: Coding, allowed: Array, circles: Array) -> Array:
    """Codes [n, group] of n circles, given by rows of `allowed` [n, group]; -1 where there are
    none.

    A state is the window's bits but those of the newest channel. `reach[g]` holds for every circle
    and state, as a bit mask, the states at the start from which it can be reached in g steps; a
    circle closes where a state reaches itself. The way back takes the lowest such state and before
    it always the lowest window that still leads to the start.
    """
    states, step = coding.states, 1 << coding.bits
    masks = max(1, states // 64)  # of 64 bits each
    start = np.zeros((states, masks), np.uint64)
    at = np.arange(states)
    start[at, at // 64] = np.uint64(1) << (at % 64).astype(np.uint64)
    full = np.where(allowed, ~np.uint64(0), np.uint64(0))[..., None]
    reach = [np.broadcast_to(start, (len(circles), states, masks))]
    for g in range(coding.group):
        ways = np.repeat(reach[-1], step, axis=1) & full[circles[:, g]]
        reach.append(np.bitwise_or.reduce(ways.reshape(-1, step, states, masks), axis=1))
    home = np.bitwise_or.reduce(reach[-1] & start, axis=2) > 0
    found, state = home.any(axis=1), home.argmax(axis=1)
    word, bit = state // 64, (state % 64).astype(np.uint64)
    codes = np.full(circles.shape, -1)
    every = np.arange(len(circles))
    for g in range(coding.group, 0, -1):
        windows = (np.arange(step) * states)[None] + state[:, None]
        ways = reach[g - 1][every[:, None], windows >> coding.bits, word[:, None]]
        legal = allowed[circles[:, g - 1, None], windows] & ((ways >> bit[:, None]) & 1 > 0)
        window = windows[every, legal.argmax(axis=1)]
        codes[:, g - 1] = window & (step - 1)
        state = window >> coding.bits
    codes[~found] = -1
    return codes
