"""An ONNX network as the front-end passes see it: plain nodes and constants, checked, immutable.

Made by frontend/file/read_onnx.py, rewritten by frontend/simplify, turned into a `Graph` by
frontend/recognise.py. Keeps the parsed file itself for ONNX Runtime (reference.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import onnx

from hearth.toolchain.frontend.quantized.kept import Kept
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class Node:
    """One ONNX node with its attributes decoded to Python values."""

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    @property
    def source(self) -> str:
        """The data input: the first one for every operator Hearth supports, except Concat."""
        return self.inputs[0]

    @property
    def target(self) -> str:
        return self.outputs[0]

    def optional(self, position: int) -> str:
        """Name of an optional input, or '' when it is absent."""
        return self.inputs[position] if position < len(self.inputs) else ""

    def flag(self, attribute: str, default: bool = False) -> bool:
        """A switch, which ONNX writes as 0 or 1; HearthError for other numbers."""
        value = self.attributes.get(attribute, int(default))
        if value not in (0, 1):
            raise HearthError(f"{self.name}: {attribute} should be 0 or 1, found {value}")
        return bool(value)

    def renamed(self, names: Mapping[str, str]) -> Node:
        """The same node reading `names[tensor]` wherever it read `tensor`."""
        return replace(self, inputs=tuple(names.get(name, name) for name in self.inputs))


@dataclass(frozen=True, eq=False)
class Entry:
    """What a file does to its image [channels] first: image' = gain * image + offset."""

    gain: Array
    offset: Array
    centred: bool
    """Whether a mean is subtracted by other means than a BatchNormalization."""


@dataclass(frozen=True, eq=False)
class OnnxModel:
    """A network with input [batch, channels, height, width], its nodes and its constants."""

    name: str
    file: str
    sha256: str
    original: onnx.ModelProto
    """The file itself as far as it leads to the output (live.py), weights embedded, input size
    overridden; never changed. ONNX Runtime can run it unless it holds other people's operators."""
    proto: onnx.ModelProto
    """The float network that the passes work on: `original`, or what a quantized one stands for."""
    opset: int
    input_tensor: str
    ends: Mapping[str, str]
    """The tensor that carries each output, by the file's name for it and in the file's order."""
    batch: int
    """Frames per run that the file demands, or 0 when any number will do."""
    channels: int
    height: int
    width: int
    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    kept: Kept = field(default_factory=Kept)
    """Integers of an already quantized file; `proto` is then what they stand for, in float."""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Shapes of the file's tensors as far as they are known; 0 is an unknown extent."""
    host: tuple[str, ...] = ()
    """Operators of the file that follow the scores and are left to the host, in order."""
    channels_last: bool = False
    """Whether the file's image is [batch, height, width, channels]."""
    entry: Entry | None = None
    """The file's own normalization of its image, which the network is read without."""
    kept_outputs: tuple[int, ...] = ()
    """Outputs of the last convolution that the user keeps, where the network still has all of them:
    to be cut once a quantized file's integers are adopted. Empty for all."""
    rewritten: bool = False
    """Whether nodes write tensors that the file does not have."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The tensors that leave the network."""
        return tuple(dict.fromkeys(self.ends.values()))

    def ended(self, names: Mapping[str, str]) -> OnnxModel:
        """The model whose outputs are `names[tensor]` wherever they were `tensor`."""
        return replace(self, ends={end: names.get(t, t) for end, t in self.ends.items()})

    def producers(self) -> Mapping[str, Node]:
        """The node that writes each tensor."""
        return self._producers

    def consumers(self, tensor: str) -> list[Node]:
        """The nodes that read a tensor, in the file's order."""
        return list(self._readers.get(tensor, ()))

    def uses(self) -> Mapping[str, int]:
        """How many nodes read each tensor, 0 for others; an output of the network has one more."""
        return self._uses

    # Worked out once for each model, as passes ask again and again.

    @cached_property
    def _producers(self) -> dict[str, Node]:
        return {tensor: node for node in self.nodes for tensor in node.outputs if tensor}

    @cached_property
    def _readers(self) -> dict[str, list[Node]]:
        readers: dict[str, list[Node]] = {}
        for node in self.nodes:
            for tensor in dict.fromkeys(node.inputs):
                readers.setdefault(tensor, []).append(node)
        return readers

    @cached_property
    def _uses(self) -> Counter[str]:
        counts = Counter({tensor: len(nodes) for tensor, nodes in self._readers.items()})
        counts.update(self.outputs)
        return counts
