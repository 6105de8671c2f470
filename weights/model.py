"""A small SqueezeNet for 32x32 images, as a PyTorch module.

The network is a plain chain (no bypass): conv1, Fire modules with max-pools between them, a 1x1
classifier, global average pooling. The Fire modules' channel counts are not written down one by
one; they follow from the metaparameters of the SqueezeNet paper (Iandola et al. 2016, arXiv
1602.07360, section 5.1). Batch normalisation exists only while training: `folded` removes it.

How the network is trained is in train.py; how it becomes an ONNX file is in export.py.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class FireShape:
    """Channel counts of one Fire module: `inputs` -> `squeeze` -> `expand1x1` + `expand3x3`."""

    inputs: int
    squeeze: int
    expand1x1: int
    expand3x3: int

    @property
    def outputs(self) -> int:
        """Channels after the concatenation."""
        return self.expand1x1 + self.expand3x3


@dataclass(frozen=True)
class Architecture:
    """The metaparameters of the paper's section 5.1, and where the maps are halved.

    Fire module i (counted from 0) expands to e_i = base_e + incr_e * floor(i / freq) channels, of
    which `pct3x3` are 3x3 filters, and squeezes to `squeeze_ratio` * e_i channels. Fire i is named
    `fire{i+2}` as in the paper; a max-pool (3x3, stride 2, ceil mode) follows conv1 and every index
    listed in `pool_after`.
    """

    conv1: int = 32
    fires: int = 6
    base_e: int = 64
    incr_e: int = 32
    freq: int = 2
    pct3x3: float = 0.5
    squeeze_ratio: float = 0.5
    pool_after: tuple[int, ...] = (1, 3)
    classes: int = 10

    def fire_shapes(self) -> list[FireShape]:
        """Channel counts of every Fire module, first to last."""
        shapes: list[FireShape] = []
        inputs = self.conv1
        for i in range(self.fires):
            expand = self.base_e + self.incr_e * (i // self.freq)
            expand3x3 = round(self.pct3x3 * expand)
            squeeze = round(self.squeeze_ratio * expand)
            shapes.append(FireShape(inputs, squeeze, expand - expand3x3, expand3x3))
            inputs = expand
        return shapes


class NormalizedConv(nn.Module):
    """A convolution and the batch normalisation that `folded` puts into it."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv = conv
        self.bn: nn.Module = nn.BatchNorm2d(conv.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.bn(self.conv(x))
        return result


class ConvUnit(NormalizedConv):
    """Convolution, batch normalisation, ReLU; the convolution keeps its map size (stride 1)."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(super().forward(x))


class Fire(nn.Module):
    """Squeeze 1x1, then expand 1x1 and expand 3x3 (padding 1) side by side, concatenated."""

    def __init__(self, shape: FireShape) -> None:
        super().__init__()
        self.squeeze1x1 = ConvUnit(shape.inputs, shape.squeeze, 1)
        self.expand1x1 = ConvUnit(shape.squeeze, shape.expand1x1, 1)
        self.expand3x3 = ConvUnit(shape.squeeze, shape.expand3x3, 3)

    def forward(self, x: Tensor) -> Tensor:
        squeezed = self.squeeze1x1(x)
        return torch.cat([self.expand1x1(squeezed), self.expand3x3(squeezed)], dim=1)


class SqueezeNet(nn.Module):
    """The chain. Input [n, 3, h, w] in 0..1 (pixel / 255, RGB); output logits [n, classes].

    `layers` maps the readable layer names (`conv1`, `pool1`, `fire2`, ..., `conv10`) to modules in
    order; the same names appear in the exported ONNX file.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        layers: dict[str, nn.Module] = {"conv1": ConvUnit(3, architecture.conv1, 3)}
        layers["pool1"] = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        shapes = architecture.fire_shapes()
        for i, shape in enumerate(shapes):
            layers[f"fire{i + 2}"] = Fire(shape)
            if i in architecture.pool_after:
                layers[f"pool{i + 2}"] = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        layers["conv10"] = nn.Conv2d(shapes[-1].outputs, architecture.classes, 1)
        self.layers = nn.ModuleDict(layers)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers.values():
            x = layer(x)
        return x.mean(dim=(2, 3))


Module = TypeVar("Module", bound=nn.Module)


def folded(model: Module) -> Module:
    """A copy in evaluation mode whose convolutions have absorbed their batch normalisation.

    Every `NormalizedConv` keeps its `conv` (now with a bias) and gets an identity in place of `bn`.
    """
    result = copy.deepcopy(model).eval().float()
    for module in result.modules():
        if isinstance(module, NormalizedConv) and isinstance(module.bn, nn.BatchNorm2d):
            module.conv = nn.utils.fusion.fuse_conv_bn_eval(module.conv, module.bn)
            module.bn = nn.Identity()
    return result


@dataclass(frozen=True)
class LayerCost:
    """One row of the cost table. `macs` and `parameters` are per frame and in total."""

    name: str
    inputs: int
    outputs: int
    kernel: tuple[int, ...]
    height: int
    width: int
    macs: int
    parameters: int


def layer_costs(model: nn.Module, size: int = 32) -> list[LayerCost]:
    """What every convolution costs for one `size` x `size` frame (biases counted, BN folded)."""
    rows: list[LayerCost] = []

    def record(name: str, conv: nn.Conv2d, output: Tensor) -> None:
        height, width = output.shape[2:]
        weights = conv.weight.numel()
        rows.append(
            LayerCost(
                name,
                conv.in_channels,
                conv.out_channels,
                conv.kernel_size,
                height,
                width,
                weights * height * width,
                weights + conv.out_channels,
            )
        )

    probe = folded(model)
    for name, module in probe.named_modules():
        if isinstance(module, nn.Conv2d):
            label = name.removeprefix("layers.").removesuffix(".conv").replace(".", "/")
            module.register_forward_hook(
                lambda conv, _, output, label=label: record(label, conv, output)
            )
    with torch.no_grad():
        probe(torch.zeros(1, 3, size, size, device=next(probe.parameters()).device))
    return rows
