"""A QGraph as a trainable PyTorch network, and back.

    Conv of a QGraph     _Conv: the same sums in float32, with what may be learned as parameters
    trained _Conv        Conv: integers, codebook, multiplier and bias again

Values on every edge are the integers that hardware would hold: rounding and clipping happen in the
forward pass and are passed through by the gradient where nothing was clipped (straight-through
estimator: Bengio et al. 2013, arXiv 1308.3432; for weights Jacob et al. 2018, arXiv 1712.05877).
Learned are, per convolution: the gain and the bias of every channel, the entries of the codebook,
and every weight's latent value, whose nearest codebook entry the forward pass uses. Formats, scales
of activations and the shape of the network stay as they are, so ROM bytes and cycles do too.

How it is trained: finetune.py. PyTorch is not a dependency of the toolchain (group `train`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hearth.hw.layers.border import Border
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.maxpool import MaxPool
from hearth.hw.layers.topk import TopK
from hearth.toolchain.few_bits.reformat import check_accumulator
from hearth.toolchain.ir import Array, Coding, Layer, QGraph
from hearth.toolchain.quantize.requantize import LARGEST_MULTIPLIER, shift_for
from hearth.toolchain.support.errors import HearthError


class _Steps(torch.autograd.Function):
    """Rounds and clips; the gradient passes where nothing was clipped."""

    @staticmethod
    def forward(context: Any, values: Tensor, low: float, high: float) -> Tensor:
        context.save_for_backward((values > low) & (values < high))
        return values.round().clamp_(low, high)

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        return slope * context.saved_tensors[0], None, None


class _Nearest(torch.autograd.Function):
    """Every latent's nearest entry of a rising codebook. The latent takes the slope whole; an entry
    takes the sum over the weights that use it."""

    @staticmethod
    def forward(context: Any, latent: Tensor, book: Tensor) -> Tensor:
        entries = book.round().clamp(-128, 127)
        index = torch.bucketize(latent, (entries[1:] + entries[:-1]) / 2)
        context.save_for_backward(index)
        context.entries = len(book)
        return entries[index]

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        (index,) = context.saved_tensors
        book = slope.new_zeros(context.entries)
        return slope, book.index_add_(0, index.reshape(-1), slope.reshape(-1))


class _Conv(nn.Module):
    """One convolution or expand stage. Latents are in units of the int8 entries, [out, in, k, k];
    gain and bias [out] start at 1 and at the layer's own bias in steps of its target."""

    def __init__(self, layer: Conv) -> None:
        super().__init__()
        if layer.tables and not len(layer.codebook):
            raise HearthError(
                f"{layer.name}: a layer with trellis codes, or with several codebooks, cannot be"
                " trained; give one codebook for each layer"
            )
        self.layer = layer
        ratio = layer.factor / 2.0**layer.factor_shift
        self.ratio = _tensor(ratio)
        self.gain = nn.Parameter(torch.ones(len(ratio)))
        self.bias = nn.Parameter(_tensor(layer.bias * ratio))
        self.window = nn.Parameter(_tensor(layer.window.transpose(0, 3, 1, 2)))
        centre = layer.centre[:, :, None, None] if len(layer.centre) else None
        self.centre = None if centre is None else nn.Parameter(_tensor(centre))
        entries = layer.codebook if len(layer.codebook) else _integers(layer.weight_bits)
        self.book = nn.Parameter(_tensor(entries), requires_grad=len(layer.codebook) > 0)

    def forward(self, maps: Tensor) -> Tensor:
        target = self.layer.target
        scale = (self.ratio * self.gain)[:, None, None, None]
        inner = len(self.layer.centre)
        top, left, bottom, right = self.layer.pads
        even = top == bottom and left == right
        wide = maps if even else F.pad(maps, (left, right, top, bottom))
        padding = (top, left) if even else (0, 0)
        window = self.weights(self.window) * scale[inner:]
        place = (self.layer.strides, padding, self.layer.dilations, self.layer.groups)
        sums = F.conv2d(wide, window, self.bias[inner:], *place)
        if self.centre is not None:
            centre = self.weights(self.centre) * scale[:inner]
            sums = torch.cat([F.conv2d(maps, centre, self.bias[:inner]), sums], dim=1)
        result: Tensor = _Steps.apply(sums, float(target.low), float(target.high))  # type: ignore[no-untyped-call]
        return result

    def weights(self, latent: Tensor) -> Tensor:
        """The integers that the forward pass multiplies with."""
        result: Tensor = _Nearest.apply(latent, self.book)  # type: ignore[no-untyped-call]
        return result

    @torch.no_grad()
    def tidy(self) -> None:
        """Keeps the codebook rising and the latents in reach of it."""
        self.book.copy_(self.book.sort().values.clamp(-128, 127))
        for latent in (self.window, self.centre):
            if latent is not None:
                latent.clamp_(float(self.book[0]), float(self.book[-1]))

    @torch.no_grad()
    def conv(self) -> Conv:
        """The layer with what was learned, as integers."""
        layer = self.layer
        window = self.weights(self.window).permute(0, 2, 3, 1).numpy().astype(np.int8)
        centre = layer.centre
        if self.centre is not None:
            centre = self.weights(self.centre)[:, :, 0, 0].numpy().astype(np.int8)
        ratio = (self.ratio * self.gain).numpy().astype(np.float64)
        shift = shift_for(ratio.max())
        multiplier = np.rint(ratio * 2.0**shift).clip(1, LARGEST_MULTIPLIER)
        bias = np.rint(self.bias.numpy().astype(np.float64) * 2.0**shift / multiplier)
        check_accumulator(layer, [centre, window.reshape(len(window), -1)], bias)
        entries = self.book.round().numpy().astype(np.int8)
        return replace(
            layer,
            centre=np.ascontiguousarray(centre),
            window=np.ascontiguousarray(window),
            bias=bias.astype(np.int32),
            multiplier=multiplier.astype(np.uint16),
            shift=shift,
            fraction=np.zeros(0, np.uint8),
            codings=tuple(_with_entries(coding, entries) for coding in layer.codings),
        )


class _MaxPool(nn.Module):
    """Max-pool; pixels outside the map count as the lowest value, as in the golden model."""

    def __init__(self, layer: MaxPool) -> None:
        super().__init__()
        top, left, _, _ = layer.pads
        rows, columns = layer.reach
        bottom, right = rows - layer.source.height - top, columns - layer.source.width - left
        self.room = (left, max(0, right), top, max(0, bottom))
        self.window = (layer.kernel_size, layer.strides)
        self.lowest = float(layer.source.low)

    def forward(self, maps: Tensor) -> Tensor:
        return F.max_pool2d(F.pad(maps, self.room, value=self.lowest), *self.window)


class _Border(nn.Module):
    """Pixels of one colour around the map."""

    def __init__(self, layer: Border) -> None:
        super().__init__()
        top, left, bottom, right = layer.pads
        self.room = (left, right, top, bottom)
        self.values = _tensor(layer.values).reshape(1, -1, 1, 1)

    def forward(self, maps: Tensor) -> Tensor:
        return F.pad(maps - self.values, self.room) + self.values


class _Sum(nn.Module):
    """Sum over all pixels [n, channels, 1, 1]."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps.sum(dim=(2, 3), keepdim=True)


class Student(nn.Module):
    """The network: uint8 frames [n, height, width, 3] -> logits [n, classes]."""

    def __init__(self, qgraph: QGraph) -> None:
        super().__init__()
        self.qgraph = qgraph
        self.layers = nn.ModuleList(_module(layer) for layer in qgraph.layers)

    def forward(self, frames: Tensor) -> Tensor:
        maps = frames.permute(0, 3, 1, 2).float()  # channels last in memory
        for layer in self.layers:
            maps = layer(maps)
        logits: Tensor = maps.flatten(1) * float(self.qgraph.output.scale)
        return logits

    def convs(self) -> list[_Conv]:
        return [layer for layer in self.layers if isinstance(layer, _Conv)]

    def tidy(self) -> None:
        """To be called after every step of an optimiser."""
        for conv in self.convs():
            conv.tidy()

    def integers(self) -> QGraph:
        """The network as learned, for the golden model and the hardware."""
        layers = [
            module.conv() if isinstance(module, _Conv) else layer
            for module, layer in zip(self.layers, self.qgraph.layers, strict=True)
        ]
        return replace(self.qgraph, layers=tuple(layers))


def _module(layer: Layer) -> nn.Module:
    match layer:
        case Conv():
            return _Conv(layer)
        case MaxPool():
            return _MaxPool(layer)
        case Border():
            return _Border(layer)
        case GlobalPool():
            return _Sum()
        case TopK():
            return nn.Identity()
    raise HearthError(f"{layer.name}: a layer of kind {layer.kind} cannot be trained")


def _with_entries(coding: Coding, entries: Array) -> Coding:
    """A coding with other values in its codebook, if it has one."""
    return replace(coding, table=np.unique(entries)) if len(coding.table) else coding


def _integers(bits: int) -> Array:
    return np.arange(-(1 << (bits - 1)), 1 << (bits - 1))


def _tensor(values: Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
