"""The float network that normalise.py writes: nodes under names of their own, and the file anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import numpy_helper

from hearth.toolchain.frontend.quantized.names import Names, of_tensors
from hearth.toolchain.frontend.quantized.qoperator import MICROSOFT
from hearth.toolchain.ir import Array


class Network:
    """Collects nodes in order; tensors keep the names that they have in `proto`."""

    def __init__(self, proto: onnx.ModelProto) -> None:
        self.proto = proto
        self.nodes: list[onnx.NodeProto] = []
        self.producers: dict[str, onnx.NodeProto] = {}
        self.fresh = of_tensors(proto.graph).fresh  # a name for a new tensor
        self.names = Names()

    def append(self, node: onnx.NodeProto) -> None:
        """Add a node, renamed where its name is taken."""
        node.name = self.names.fresh(node.name or node.output[0])
        self.nodes.append(node)
        self.producers |= dict.fromkeys(node.output, node)

    def model(self, constants: Mapping[str, Array], foreign: Sequence[str]) -> onnx.ModelProto:
        """The network as a file; constants that nothing reads any more are dropped, and so are
        the operator sets of `foreign` domains."""
        result = onnx.ModelProto()
        result.CopyFrom(self.proto)
        graph = result.graph
        used = {name for node in self.nodes for name in node.input}
        kept = [t for t in self.proto.graph.initializer if t.name in used]
        present = {t.name for t in kept} | {n for node in self.nodes for n in node.output}
        made = [
            numpy_helper.from_array(_float(value), name)
            for name, value in constants.items()
            if name in used and name not in present
        ]
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(self.nodes)
        graph.initializer.extend([*kept, *made])
        left = {node.domain for node in self.nodes}
        gone = {*foreign, MICROSOFT} - left
        domains = [entry for entry in result.opset_import if entry.domain not in gone]
        del result.opset_import[:]
        result.opset_import.extend(domains)
        return result


def clone(node: onnx.NodeProto) -> onnx.NodeProto:
    """A copy that may be changed."""
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    return copy


def _float(value: Array) -> Array:
    return np.ascontiguousarray(value, np.float32) if value.dtype.kind == "f" else value
