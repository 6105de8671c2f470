"""The zoo: one small network for each kind that the papers name, for pictures of 32x32.

Each function writes one down, with its paper; `NETWORKS` has them by name with how they are
trained. Widths are such that a processor trains one in minutes. What came of it:
docs/results/zoo.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from weights.onnx_writer import IMAGE, Taps
from weights.zoo import factors
from weights.zoo.blueprint import Blueprint, Draft

FIRES = ((24, 48), (24, 48), (36, 72), (36, 72), (48, 96), (48, 96))
"""Squeezed and expanded channels of the bypassed SqueezeNet's Fire modules."""


def squeezenet_bypass() -> Blueprint:
    """SqueezeNet with simple bypass around every second Fire module (Iandola et al. 2016, arXiv
    1602.07360, figure 2, middle; section 6)."""
    net = Draft()
    tensor = net.pool("pool1", net.unit("conv1", IMAGE, 32, 3))
    for i, (squeeze, expand) in enumerate(FIRES):
        name, start = f"fire{i + 2}", tensor
        squeezed = net.unit(f"{name}/squeeze1x1", tensor, squeeze)
        halves = [
            net.unit(f"{name}/expand1x1", squeezed, expand // 2),
            net.unit(f"{name}/expand3x3", squeezed, expand // 2, 3),
        ]
        tensor = net.concat(f"{name}/concat", *halves)
        if i % 2:
            tensor = net.add(f"{name}/bypass", start, tensor)
            if i < len(FIRES) - 1:
                tensor = net.pool(f"pool{i + 2}", tensor)
    return net.classified(tensor)


def _residual(net: Draft, name: str, source: str, channels: int, stride: int) -> str:
    """Two 3x3 convolutions beside the identity, or beside a 1x1 convolution where shapes differ
    (He et al. 2015, arXiv 1512.03385, figure 2 and option B of section 4.1)."""
    tensor = net.unit(f"{name}/conv1", source, channels, 3, stride)
    tensor = net.conv(f"{name}/conv2", tensor, channels, 3)
    if stride > 1 or net.channels[source] != channels:
        source = net.conv(f"{name}/shortcut", source, channels, 1, stride)
    return net.relu(net.add(f"{name}/add", tensor, source))


def _resnet(blocks: int) -> Blueprint:
    """ResNet of 6n+2 layers for CIFAR-10 (He et al. 2015, section 4.2)."""
    net = Draft()
    tensor = net.unit("conv1", IMAGE, 16, 3)
    for stage, channels in enumerate((16, 32, 64)):
        for i in range(blocks):
            stride = 2 if stage and not i else 1
            tensor = _residual(net, f"stage{stage + 1}/block{i + 1}", tensor, channels, stride)
    return net.classified(tensor)


def resnet8() -> Blueprint:
    """ResNet-8: one block a stage; MLPerf Tiny's image classifier (Banbury et al. 2021, arXiv
    2106.07597)."""
    return _resnet(1)


def resnet20() -> Blueprint:
    """ResNet-20: three blocks a stage (He et al. 2015, arXiv 1512.03385, section 4.2)."""
    return _resnet(3)


def mobilenet_v1() -> Blueprint:
    """MobileNet, width 0.25 (Howard et al. 2017, arXiv 1704.04861, table 1); its first convolution
    keeps the map's size, so that 32x32 pixels end as 2x2."""
    net = Draft()
    tensor = net.unit("conv1", IMAGE, 8, 3)
    channels = (16, 32, 32, 64, 64, *(128,) * 6, 256, 256)
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    for i, (outputs, stride) in enumerate(zip(channels, strides, strict=True)):
        tensor = net.depthwise(f"block{i + 1}/depthwise", tensor, stride)
        tensor = net.unit(f"block{i + 1}/pointwise", tensor, outputs)
    return net.classified(tensor)


INVERTED = ((1, 8, 1, 2), (6, 12, 2, 1), (6, 16, 2, 2), (6, 24, 3, 2), (6, 32, 2, 1))
"""Expansion, channels, repetitions and first stride of MobileNet v2's stages."""


def mobilenet_v2() -> Blueprint:
    """MobileNet v2: inverted residuals with linear bottlenecks and ReLU6 (Sandler et al. 2018,
    arXiv 1801.04381, table 2), a third as wide, without its last two stages; its first convolution
    keeps the map's size, and the first block halves it."""
    net = Draft(cap=6.0)
    tensor = net.unit("conv1", IMAGE, 16, 3)
    count = 0
    for expansion, outputs, repetitions, first in INVERTED:
        for i in range(repetitions):
            count += 1
            name, start, stride = f"block{count}", tensor, first if i == 0 else 1
            if expansion > 1:
                tensor = net.unit(f"{name}/expand", tensor, expansion * net.channels[tensor])
            tensor = net.depthwise(f"{name}/depthwise", tensor, stride)
            tensor = net.conv(f"{name}/project", tensor, outputs)
            if stride == 1 and net.channels[start] == outputs:
                tensor = net.add(f"{name}/add", start, tensor)
    return net.classified(net.unit("head", tensor, 128))


def nin() -> Blueprint:
    """Network in Network: convolutions followed by 1x1 ones, ended by a map of the classes (Lin et
    al. 2013, arXiv 1312.4400, figure 2), a sixth as wide."""
    net = Draft()
    tensor = IMAGE
    for i, (kernel, widths) in enumerate(((5, (32, 24, 16)), (5, (32, 32, 32)), (3, (48, 48)))):
        for j, width in enumerate(widths):
            tensor = net.unit(f"mlpconv{i + 1}/conv{j + 1}", tensor, width, 1 if j else kernel)
        if i < 2:
            tensor = net.pool(f"pool{i + 1}", tensor)
    return net.classified(tensor)


MODULES = (
    (16, (16, 24), (4, 8), 8),
    (24, (16, 32), (6, 12), 12),
    (32, (24, 48), (8, 16), 16),
    (32, (24, 48), (8, 16), 16),
)
"""Channels of each Inception module: 1x1; reduced and 3x3; reduced and 5x5; behind the pool."""


def inception() -> Blueprint:
    """Four Inception modules (Szegedy et al. 2014, arXiv 1409.4842, figure 2b), a quarter as wide
    as GoogLeNet's 3a."""
    net = Draft()
    tensor = net.pool("pool1", net.unit("conv1", IMAGE, 24, 3))
    for i, (one, three, five, behind) in enumerate(MODULES):
        name = f"inception{i + 1}"
        branches = [net.unit(f"{name}/1x1", tensor, one)]
        for size, (reduced, outputs) in ((3, three), (5, five)):
            middle = net.unit(f"{name}/{size}x{size}_reduce", tensor, reduced)
            branches.append(net.unit(f"{name}/{size}x{size}", middle, outputs, size))
        pooled = net.pool(f"{name}/pool", tensor, stride=1)
        branches.append(net.unit(f"{name}/pool_proj", pooled, behind))
        tensor = net.concat(f"{name}/concat", *branches)
        if i == 1:
            tensor = net.pool("pool2", tensor)
    return net.classified(tensor)


def squeezenet_svd() -> Blueprint:
    """The embedded default model with each 3x3 convolution of a Fire module replaced by a 3x1 and a
    1x3 one, half as many channels between them as it reads, by singular values (Jaderberg et al.
    2014, arXiv 1405.3866, scheme 2)."""
    net = Draft(normalized=False)
    tensor = net.pool("pool1", net.unit("conv1", IMAGE, 32, 3))
    for i, (squeeze, expand) in enumerate(
        ((32, 64), (32, 64), (48, 96), (48, 96), *((64, 128),) * 2)
    ):
        name = f"fire{i + 2}"
        squeezed = net.unit(f"{name}/squeeze1x1", tensor, squeeze)
        left = net.unit(f"{name}/expand1x1", squeezed, expand // 2)
        middle = net.conv(f"{name}/expand3x3{factors.COLUMN}", squeezed, squeeze // 2, (3, 1))
        right = net.unit(f"{name}/expand3x3{factors.ROW}", middle, expand // 2, (1, 3))
        tensor = net.concat(f"{name}/concat", left, right)
        if i in (1, 3):
            tensor = net.pool(f"pool{i + 2}", tensor)
    return net.classified(tensor, "conv10")


@dataclass(frozen=True)
class Entry:
    """A network and how long it is trained. Without `epochs` it is here for its shape alone; with
    `start` its convolutions begin with these weights, whose `origin` the card tells. Processors
    compute depthwise convolutions faster without `bfloat16`."""

    title: str
    blueprint: Callable[[], Blueprint]
    epochs: int
    peak_rate: float = 0.3
    bfloat16: bool = True
    start: Callable[[], Mapping[str, Taps]] | None = None
    origin: str = ""

    @property
    def paper(self) -> str:
        """What the network's function says, on one line."""
        return " ".join((self.blueprint.__doc__ or "").split())


NETWORKS: Mapping[str, Entry] = {
    "squeezenet_bypass": Entry("SqueezeNet, simple bypass", squeezenet_bypass, 2),
    "resnet8": Entry("ResNet-8", resnet8, 5),
    "resnet20": Entry("ResNet-20", resnet20, 0),
    "mobilenet_v1": Entry("MobileNet v1, width 0.25", mobilenet_v1, 6, bfloat16=False),
    "mobilenet_v2": Entry("MobileNet v2", mobilenet_v2, 6, bfloat16=False),
    "nin": Entry("Network in Network", nin, 5),
    "inception": Entry("Inception", inception, 6),
    "squeezenet_svd": Entry(
        "SqueezeNet, factorised",
        squeezenet_svd,
        1,
        peak_rate=0.02,
        start=factors.taps,
        origin="its weights begin as those of `weights/default`, factorised",
    ),
}
