"""Bytes that a network's weights take in every encoding worth considering, and the bound for all.

    int8       8 bits a weight
    fixed      the bits of its coding a weight, tables counted: what the kernels read today
    bitmap     one bit a weight says whether it is zero, then an index of fixed width for the others
    runs       for every non-zero weight the number of zeros before it and an index, both of fixed
               width; a run too long for its field takes an entry that stands for no weight
    huffman    one canonical prefix code over all values, zero included (Deep Compression, arXiv
               1510.00149, section 4)
    runs+huffman   runs and indices each with their own prefix code
    entropy    no code that treats weights as independent can be shorter than this

Each matrix (the 1x1 and the 3x3 part of an expand stage are two) has its own tables, and these are
counted, but for the bound. Bias and multiplier of every channel are not in these figures; they are
the same for all (`channel_bytes`). Which of them hardware can decode fast enough is argued in
docs/results/few_bits.md; this file only counts.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from hearth.toolchain.ir import Array, QGraph
from hearth.toolchain.quantize.precision import CHANNEL_BITS, ENTRY_BITS

LENGTH_BITS = 5
"""Table entry of a prefix code besides the value: the length of its code word."""
RUN_BITS = range(1, 9)


@dataclass(frozen=True)
class Sizes:
    """Bits of one matrix, or of many together, by encoding."""

    int8: float = 0
    fixed: float = 0
    bitmap: float = 0
    runs: float = 0
    huffman: float = 0
    runs_huffman: float = 0
    entropy: float = 0
    weights: int = 0
    zeros: int = 0

    def __add__(self, other: Sizes) -> Sizes:
        return Sizes(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def best(self) -> float:
        """The shortest real encoding, bits."""
        return min(self.fixed, self.bitmap, self.runs, self.huffman, self.runs_huffman)

    def kilobytes(self) -> dict[str, float]:
        """Every encoding in units of 1000 bytes, for reports."""
        names = [f.name for f in fields(self) if f.name not in ("weights", "zeros")]
        return {name: round(getattr(self, name) / 8000, 1) for name in names}


def network(qgraph: QGraph) -> Sizes:
    """All weights of the network."""
    return sum((sizes for _, sizes in layers(qgraph)), Sizes())


def layers(qgraph: QGraph) -> Iterator[tuple[str, Sizes]]:
    """Every convolution's weights, by layer name."""
    for layer in qgraph.weighted:
        tables = Sizes(fixed=sum(map(len, layer.tables)) * ENTRY_BITS)
        pairs = zip(layer.matrices, layer.codings, strict=True)
        yield layer.name, sum((matrix(m, coding.bits) for m, coding in pairs), tables)


def channel_bytes(qgraph: QGraph) -> int:
    """Bias and multiplier of all channels."""
    channels = sum(layer.target.channels for layer in qgraph.weighted)
    return channels * CHANNEL_BITS // 8


def matrix(weights: Array, fixed_bits: int = 8) -> Sizes:
    """One matrix of integers, in the order in which the kernel reads it."""
    flat = weights.reshape(-1).astype(np.int64)
    values, counts = np.unique(flat, return_counts=True)
    other = counts[values != 0]
    nonzero = int(other.sum())
    index = _index_bits(len(other))
    table = len(values) * (ENTRY_BITS + LENGTH_BITS)
    share = counts / flat.size
    return Sizes(
        int8=8 * flat.size,
        fixed=fixed_bits * flat.size,
        bitmap=flat.size + nonzero * index + len(other) * ENTRY_BITS,
        runs=min(_runs(flat, bits, index) for bits in RUN_BITS) + len(other) * ENTRY_BITS,
        huffman=prefix_code_bits(counts) + table,
        runs_huffman=min(_runs_huffman(flat, other, bits) for bits in RUN_BITS) + table,
        entropy=float(-(counts * np.log2(share)).sum()),
        weights=flat.size,
        zeros=flat.size - nonzero,
    )


def _index_bits(values: int) -> int:
    return max(0, values - 1).bit_length()


def run_lengths(flat: Array, bits: int) -> tuple[Array, int]:
    """Zeros before each entry, and how many of the entries stand for no weight.

    A run of more than 2^bits - 1 zeros takes entries that stand for 2^bits - 1 zeros and nothing.
    """
    longest = (1 << bits) - 1
    places = np.flatnonzero(flat)
    gaps = np.diff(np.concatenate([[-1], places])) - 1
    fillers = int((gaps // longest).sum())
    lengths = np.concatenate([gaps % longest, np.full(fillers, longest)])
    return lengths, fillers


def _runs(flat: Array, bits: int, index: int) -> int:
    lengths, _ = run_lengths(flat, bits)
    return len(lengths) * (bits + max(1, index)) if len(lengths) else 0


def _runs_huffman(flat: Array, counts: Array, bits: int) -> int:
    lengths, fillers = run_lengths(flat, bits)
    kept = np.concatenate([counts, [fillers]]) if fillers else counts
    run_counts = np.bincount(lengths, minlength=1 << bits)
    table = len(run_counts) * LENGTH_BITS
    return prefix_code_bits(run_counts) + prefix_code_bits(kept) + table


def prefix_code_bits(counts: Array | Sequence[int]) -> int:
    """Bits of a message in its optimal prefix code (Huffman 1952): the sum of all merged counts."""
    heap = [int(count) for count in counts if count > 0]
    if len(heap) == 1:
        return heap[0]
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total
