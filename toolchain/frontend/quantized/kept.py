"""What a quantized file has decided, handed from the front end to adopt/network.py.

A quantizer has one form here, whatever the file's was. With the zero point taken out,

    real = scale * clip(round(x / scale), low, high)          round half to even, in float32

so an asymmetric quantizer differs from a symmetric one in its bounds alone, and the real zero is
always the integer zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hearth.toolchain.ir import Array, Coding


@dataclass(frozen=True)
class Quantizer:
    """Rounds to `scale` times the integers low..high; `name` is that of the file's node."""

    name: str
    scale: float
    low: int
    high: int

    def levels(self, values: Array) -> Array:
        """The integers that real values become, as ONNX Runtime computes them."""
        with np.errstate(over="ignore"):
            steps = np.rint(np.asarray(values, np.float32) / np.float32(self.scale))
        result: Array = steps.clip(self.low, self.high).astype(np.int64)
        return result

    def apply(self, values: Array) -> Array:
        """The real values that are left, float32."""
        return self.levels(values).astype(np.float32) * np.float32(self.scale)

    def same(self, other: Quantizer) -> bool:
        """Whether both do the same, whatever their names."""
        return (self.scale, self.low, self.high) == (other.scale, other.low, other.high)


@dataclass(frozen=True)
class Limit:
    """Cuts off below `low` and above `high`: a Relu or a Clip."""

    name: str
    low: float
    high: float

    def apply(self, values: Array) -> Array:
        return np.asarray(values, np.float32).clip(np.float32(self.low), np.float32(self.high))


Step = Quantizer | Limit


@dataclass(frozen=True)
class Trail:
    """What happens to a tensor between the layer that makes it and a layer that reads it.

    `origin` is the node that made it ('' for the network's input), `tensor` what is read in the
    end, `steps` what lies between in stream order.
    """

    origin: str
    tensor: str
    steps: tuple[Step, ...]
    affine: str = ""
    """An operator such as a batch normalization in front of all quantizers, if there is one."""

    @property
    def quantizers(self) -> tuple[Quantizer, ...]:
        return tuple(step for step in self.steps if isinstance(step, Quantizer))


@dataclass(frozen=True, eq=False)
class KeptWeights:
    """integers int8 [out, columns] in any order of columns, and the bits they were stored with."""

    integers: Array
    bits: int


@dataclass(frozen=True)
class Codes:
    """A tensor of the file that holds integers: real = scale * (integer - zero)."""

    tensor: str
    scale: float
    zero: int


@dataclass(frozen=True, eq=False)
class Kept:
    """Integers and quantizers of a file; empty for a float one."""

    weights: Mapping[str, KeptWeights] = field(default_factory=dict)
    """By the name of the node that uses them."""
    trails: Mapping[str, tuple[Trail, ...]] = field(default_factory=dict)
    """By the name of the reading node, one per data input; '' reads the network's output."""
    codes: Mapping[str, Codes] = field(default_factory=dict)
    """By the tensor of the float network that they stand for, where the file has integers only."""

    codings: Mapping[str, Coding] = field(default_factory=dict)
    """How the ROM holds weights, where the file says it; by the name of the node that uses them."""

    @property
    def quantized(self) -> bool:
        """Whether the file was quantized at all."""
        return bool(self.weights) or any(t.quantizers for ts in self.trails.values() for t in ts)
