"""What a trained network leaves behind: ONNX file, manifest, card (card.py), calibration images.

Batch normalisation is folded into the convolutions first, so that the default's graph holds only
Conv, Relu, MaxPool, Concat, GlobalAveragePool and Flatten. Functions return what is to be written;
only `write_release` touches the disk.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from torch import nn

from weights.card import CALIBRATION, CALIBRATION_IMAGES, Release, card
from weights.classes import LABELS, SIZE
from weights.data import ImageSet, balanced_sample, to_float
from weights.model import ConvUnit, Fire, folded, layer_costs
from weights.onnx_writer import IMAGE, LOGITS, OnnxWriter, Taps
from weights.subjects import Subject, Trainable
from weights.zoo.module import Network


def _taps(conv: nn.Conv2d) -> Taps:
    assert conv.bias is not None, "fold the batch normalisation first"
    weight, bias = (
        values.detach().cpu().contiguous().numpy() for values in (conv.weight, conv.bias)
    )
    return Taps(weight, bias)


def _unit(writer: OnnxWriter, name: str, source: str, unit: ConvUnit) -> str:
    return writer.node("Relu", [_convolution(writer, name, source, unit.conv)], f"{name}/relu")


def _convolution(writer: OnnxWriter, name: str, source: str, conv: nn.Conv2d) -> str:
    rows, columns = (int(pad) for pad in conv.padding)
    return writer.convolution(name, source, _taps(conv), (rows, columns))


def _fire(writer: OnnxWriter, name: str, source: str, fire: Fire) -> str:
    squeezed = _unit(writer, f"{name}/squeeze1x1", source, fire.squeeze1x1)
    halves = [
        _unit(writer, f"{name}/expand1x1", squeezed, fire.expand1x1),
        _unit(writer, f"{name}/expand3x3", squeezed, fire.expand3x3),
    ]
    return writer.node("Concat", halves, f"{name}/concat", axis=1)


def _layer(writer: OnnxWriter, name: str, source: str, module: nn.Module) -> str:
    match module:
        case ConvUnit():
            return _unit(writer, name, source, module)
        case Fire():
            return _fire(writer, name, source, module)
        case nn.Conv2d():
            return _convolution(writer, name, source, module)
        case nn.MaxPool2d():
            return writer.node(
                "MaxPool", [source], name, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1
            )
    raise TypeError(f"{name}: no ONNX form is known for a {type(module).__name__}")


def onnx_model(network: Trainable, name: str) -> onnx.ModelProto:
    """The network as checked ONNX: `image` [batch, 3, 32, 32] in 0..1 -> `logits` [batch, 10]."""
    plain = folded(network)
    if isinstance(plain, Network):
        taps = {
            conv.name: _taps(plain.convolution(conv.name)) for conv in plain.blueprint.convolutions
        }
        return plain.blueprint.onnx_model(name, taps)
    writer = OnnxWriter()
    tensor = IMAGE
    for layer, module in plain.layers.items():
        tensor = _layer(writer, layer, tensor, module)
    tensor = writer.node("GlobalAveragePool", [tensor], "pool10")
    writer.node("Flatten", [tensor], LOGITS, axis=1)
    return writer.model(name)


def onnx_accuracy(serialized: bytes, data: ImageSet) -> float:
    """Share of `data` (0..1) that ONNX Runtime's CPU provider classifies rightly."""
    session = onnxruntime.InferenceSession(serialized, providers=["CPUExecutionProvider"])
    logits = [
        session.run([LOGITS], {IMAGE: to_float(part.images).contiguous().numpy()})[0]
        for part in data.parts(500)
    ]
    right = np.concatenate(logits).argmax(axis=1) == data.labels.numpy()
    return float(right.mean())


def manifest(subject: Subject, serialized: bytes) -> dict[str, object]:
    """What a program must know to use the file. `scale` multiplies (pixel - mean)."""
    about = {
        "name": subject.name,
        "file": f"{subject.name}.onnx",
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
    }
    return about | ({"calibration": CALIBRATION} if subject.own_images else {})


def write_release(
    subject: Subject,
    folder: Path,
    network: Trainable,
    train: ImageSet,
    test: ImageSet,
    history: str,
) -> None:
    """Write the ONNX file, its manifest, its card and, for a subject with its own, calibration
    images into `folder`; `history` goes into the card."""
    folder.mkdir(parents=True, exist_ok=True)
    serialized = onnx_model(network, subject.name).SerializeToString(deterministic=True)
    (folder / f"{subject.name}.onnx").write_bytes(serialized)
    about = json.dumps(manifest(subject, serialized), indent=2)
    (folder / "manifest.json").write_text(about + "\n")
    release = Release(layer_costs(network), len(serialized), onnx_accuracy(serialized, test))
    (folder / "CARD.md").write_text(card(subject, release, len(train), len(test), history))
    if subject.own_images:
        sample = balanced_sample(train, CALIBRATION_IMAGES, seed=0)
        labels = sample.labels.numpy().astype(np.uint8)
        np.savez_compressed(folder / CALIBRATION, images=sample.images.numpy(), labels=labels)
