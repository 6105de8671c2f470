"""What a trained network leaves behind: ONNX file, manifest, card and calibration images.

The ONNX graph is written node by node rather than traced, so that its names are the network's own
(`fire2/squeeze1x1`, `fire2/expand3x3`, `pool3`) and stay the same with every PyTorch release. It
holds only Conv, Relu, MaxPool, Concat, GlobalAveragePool and Flatten: batch normalisation is folded
into the convolutions first. Every node is named after the one tensor it produces. Functions return
what is to be written; only `write_release` touches the disk.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from weights.data import LABELS, SIZE, ImageSet, balanced_sample, to_float
from weights.model import ConvUnit, Fire, LayerCost, SqueezeNet, folded, layer_costs

NAME = "squeezenet_cifar10"
OPSET = 17
IR_VERSION = 8
CALIBRATION_IMAGES = 256


class _GraphWriter:
    """Collects nodes and weights. Each method adds one layer and returns its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def convolution(self, name: str, source: str, conv: nn.Conv2d) -> str:
        assert conv.bias is not None, f"{name}: fold the batch normalisation first"
        inputs = [source]
        for suffix, values in (("weight", conv.weight), ("bias", conv.bias)):
            inputs.append(f"{name}.{suffix}")
            array = values.detach().cpu().contiguous().numpy()
            self.weights.append(numpy_helper.from_array(array, inputs[-1]))
        kernel, pad = list(conv.kernel_size), int(conv.padding[0])
        return self.node("Conv", inputs, name, kernel_shape=kernel, pads=[pad] * 4, strides=[1, 1])

    def unit(self, name: str, source: str, unit: ConvUnit) -> str:
        return self.node("Relu", [self.convolution(name, source, unit.conv)], f"{name}/relu")

    def fire(self, name: str, source: str, fire: Fire) -> str:
        squeezed = self.unit(f"{name}/squeeze1x1", source, fire.squeeze1x1)
        halves = [
            self.unit(f"{name}/expand1x1", squeezed, fire.expand1x1),
            self.unit(f"{name}/expand3x3", squeezed, fire.expand3x3),
        ]
        return self.node("Concat", halves, f"{name}/concat", axis=1)

    def layer(self, name: str, source: str, module: nn.Module) -> str:
        match module:
            case ConvUnit():
                return self.unit(name, source, module)
            case Fire():
                return self.fire(name, source, module)
            case nn.Conv2d():
                return self.convolution(name, source, module)
            case nn.MaxPool2d():
                return self.node(
                    "MaxPool", [source], name, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1
                )
        raise TypeError(f"{name}: no ONNX form is known for a {type(module).__name__}")


def onnx_model(network: SqueezeNet) -> onnx.ModelProto:
    """The network as checked ONNX: `image` [batch, 3, 32, 32] in 0..1 -> `logits` [batch, 10]."""
    writer = _GraphWriter()
    tensor = "image"
    for name, module in folded(network).layers.items():
        tensor = writer.layer(name, tensor, module)
    tensor = writer.node("GlobalAveragePool", [tensor], "pool10")
    writer.node("Flatten", [tensor], "logits", axis=1)
    graph = helper.make_graph(
        writer.nodes,
        NAME,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(LABELS)])],
        writer.weights,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="hearth")
    model.ir_version = IR_VERSION
    model = onnx.shape_inference.infer_shapes(model)
    onnx.checker.check_model(model, full_check=True)
    return model


def onnx_accuracy(serialized: bytes, data: ImageSet) -> float:
    """Share of `data` (0..1) that ONNX Runtime's CPU provider classifies rightly."""
    session = onnxruntime.InferenceSession(serialized, providers=["CPUExecutionProvider"])
    logits = [
        session.run(["logits"], {"image": to_float(part.images).contiguous().numpy()})[0]
        for part in data.parts(500)
    ]
    right = np.concatenate(logits).argmax(axis=1) == data.labels.numpy()
    return float(right.mean())


def manifest(serialized: bytes) -> dict[str, object]:
    """What a program must know to use the file. `scale` multiplies (pixel - mean)."""
    return {
        "name": NAME,
        "file": f"{NAME}.onnx",
        "sha256": hashlib.sha256(serialized).hexdigest(),
        "licence": "Apache-2.0",
        "input_size": [SIZE, SIZE],
        "preprocessing": {
            "channel_order": "RGB",
            "mean": [0, 0, 0],
            "scale": [1 / 255] * 3,
            "resize": SIZE,
            "crop": SIZE,
        },
        "labels": list(LABELS),
        "calibration": "calibration.npz",
    }


CARD = """\
# {name}

A SqueezeNet small enough for the smallest boards: {parameters:,} parameters, {macs:,} MACs for one
32x32 frame. Written by `weights/train.py`; do not edit by hand.

| | |
|---|---|
| task | ten classes: {labels} |
| accuracy | **{accuracy:.2f} %** of the {tests:,} test images (ONNX Runtime {runtime}, float32) |
| input | `image` [batch, 3, 32, 32], RGB, pixel / 255, no mean subtracted |
| output | `logits` [batch, 10] |
| file | `{name}.onnx`, {size:,} bytes, opset {opset} |
| date | {date} |
| licence of the weights | Apache-2.0 |

## Data

CIFAR-10 (Krizhevsky 2009, *Learning Multiple Layers of Features from Tiny Images*): {trains:,}
training and {tests:,} test images as JPEG files, nothing else; the network starts from random
weights. The dataset's authors publish it for research without naming a licence, and the pictures
belong to their photographers. `calibration.npz` holds {calibration} of the training images
(`images` uint8 [n, 32, 32, 3] RGB, `labels`), evenly over the classes, for int8 calibration without
the dataset.

## Command

{history}

The test images were reported on, never chosen by: the architecture was chosen on images held out of
the training set (`--hold-out`), and the weights are those of the last epoch.

## Layers

A plain chain; batch normalisation is already folded in. The Fire modules follow from
base_e = {a.base_e}, incr_e = {a.incr_e}, freq = {a.freq}, pct3x3 = {a.pct3x3} and a squeeze ratio
of {a.squeeze_ratio} (Iandola et al. 2016, section 5.1). Max-pools are 3x3, stride 2, ceil mode, and
follow conv1{pools}.
Every convolution but conv10 is followed by a ReLU.

| convolution | in | out | kernel | map | MACs | parameters |
|---|--:|--:|--:|--:|--:|--:|
{rows}
"""


def _card_row(cost: LayerCost) -> str:
    kernel, plane = f"{cost.kernel}x{cost.kernel}", f"{cost.height}x{cost.width}"
    return (
        f"| {cost.name} | {cost.inputs} | {cost.outputs} | {kernel} | {plane}"
        f" | {cost.macs:,} | {cost.parameters:,} |"
    )


def card(
    network: SqueezeNet, serialized: bytes, train: ImageSet, test: ImageSet, history: str
) -> str:
    """The model card, with the accuracy measured now. `history` is Markdown: how it was trained."""
    costs = layer_costs(network)
    pools = [f"fire{i + 2}" for i in network.architecture.pool_after]
    return CARD.format(
        name=NAME,
        a=network.architecture,
        parameters=sum(cost.parameters for cost in costs),
        macs=sum(cost.macs for cost in costs),
        labels=", ".join(LABELS),
        accuracy=100 * onnx_accuracy(serialized, test),
        trains=len(train),
        tests=len(test),
        runtime=onnxruntime.__version__,
        size=len(serialized),
        opset=OPSET,
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        calibration=CALIBRATION_IMAGES,
        history=history,
        pools="".join(f", {pool}" for pool in pools),
        rows="\n".join(_card_row(cost) for cost in costs),
    )


def write_release(
    folder: Path, network: SqueezeNet, train: ImageSet, test: ImageSet, history: str
) -> None:
    """Write the four files of weights/default/ into `folder`; `history` goes into the card."""
    folder.mkdir(parents=True, exist_ok=True)
    serialized = onnx_model(network).SerializeToString(deterministic=True)
    (folder / f"{NAME}.onnx").write_bytes(serialized)
    (folder / "manifest.json").write_text(json.dumps(manifest(serialized), indent=2) + "\n")
    (folder / "CARD.md").write_text(card(network, serialized, train, test, history))
    sample = balanced_sample(train, CALIBRATION_IMAGES, seed=0)
    labels = sample.labels.numpy().astype(np.uint8)
    np.savez_compressed(folder / "calibration.npz", images=sample.images.numpy(), labels=labels)
