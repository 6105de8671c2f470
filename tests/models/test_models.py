"""The published SqueezeNets, where their files are at hand (tests/shared.py).

Accuracy over many photographs is measured by `hearth eval`, see docs/results/quantization.md; here
four photographs must come out close to the float network, layer by layer.
"""

from __future__ import annotations

import pytest

from hearth.toolchain.data import images, manifest
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.pipeline import front_end
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from tests.shared import SHARED, needs

MODELS = {
    "squeezenet_v1.0": ("caffe", 227, 861_339_936),
    "squeezenet_v1.0_deepcompression": ("caffe", 227, 861_339_936),
    "squeezenet_v1.1": ("caffe", 224, 349_151_936),
    "squeezenet_v1.1_torchvision": ("torchvision", 224, 349_151_936),
}


@needs("models")
@needs("images")
@pytest.mark.parametrize("name", MODELS)
def test_published_model(name: str) -> None:
    path = SHARED / "models" / f"{name}.onnx"
    photographs = SHARED / "images" / "calib"
    preset, side, macs = MODELS[name]
    preprocessing = manifest.PRESETS[preset]
    model, graph = front_end(path, (side, side))
    chosen = images.open_set(photographs).limited(4)
    frames = list(chosen.batches(preprocessing, (side, side), 4))
    statistics = calibration.collect(model, graph, frames, preprocessing, "calib")
    qgraph = quantize(graph, statistics, preprocessing)
    decibels = fidelity.signal_to_noise(qgraph, model, graph, [frames[0][:2]])
    assert min(decibels.values()) > 15, decibels
    assert decibels["pool10"] > 28
    assert qgraph.macs == macs
    assert sum(layer.kind == "conv" for layer in qgraph.layers) == 18
