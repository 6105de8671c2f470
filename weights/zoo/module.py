"""A blueprint as a PyTorch module. Input [n, 3, h, w] in 0..1; output logits [n, classes]."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from weights.model import NormalizedConv
from weights.onnx_writer import IMAGE, Taps
from weights.zoo.blueprint import (
    Activation,
    Addition,
    Blueprint,
    Concatenation,
    Convolution,
    MaxPool,
    Node,
)


class Network(nn.Module):
    """`layers` maps the names of convolutions, in order, to modules. `start` gives the weights that
    convolutions without normalisation begin with."""

    def __init__(self, blueprint: Blueprint, start: Mapping[str, Taps] | None = None) -> None:
        super().__init__()
        self.blueprint = blueprint
        self.layers = nn.ModuleDict({conv.name: _module(conv) for conv in blueprint.convolutions})
        for name, taps in (start or {}).items():
            self._begin(name, taps)

    def convolution(self, name: str) -> nn.Conv2d:
        """The convolution of that name, its batch normalisation apart."""
        layer = self.layers[name]
        assert isinstance(layer, NormalizedConv)
        return layer.conv

    def _begin(self, name: str, taps: Taps) -> None:
        conv = self.convolution(name)
        assert conv.bias is not None, f"{name}: weights to start from leave no normalisation"
        with torch.no_grad():
            conv.weight.copy_(torch.tensor(taps.weight))
            conv.bias.copy_(torch.tensor(taps.bias))

    def forward(self, x: Tensor) -> Tensor:
        maps = {IMAGE: x}
        for node in self.blueprint.nodes:
            maps[node.name] = self._map(node, maps)
        return maps[self.blueprint.end].mean(dim=(2, 3))

    def _map(self, node: Node, maps: dict[str, Tensor]) -> Tensor:
        match node:
            case Convolution():
                made: Tensor = self.layers[node.name](maps[node.source])
                return made
            case Activation(cap=None):
                return torch.relu(maps[node.source])
            case Activation():
                return F.hardtanh(maps[node.source], 0.0, node.cap)
            case MaxPool():
                place = (3, node.stride, node.padding)
                return F.max_pool2d(maps[node.source], *place, ceil_mode=node.stride > 1)
            case Addition():
                return maps[node.sources[0]] + maps[node.sources[1]]
            case Concatenation():
                return torch.cat([maps[source] for source in node.sources], dim=1)


def _module(node: Convolution) -> NormalizedConv:
    made = NormalizedConv(
        nn.Conv2d(
            node.inputs,
            node.outputs,
            node.kernel,
            node.stride,
            node.pads,
            groups=node.groups,
            bias=not node.normalized,
        )
    )
    nn.init.kaiming_normal_(made.conv.weight, nonlinearity="relu")
    if not node.normalized:
        made.bn = nn.Identity()
    return made
