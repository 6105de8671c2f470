"""Float networks in exporters' spellings, compiled and compared with the file they were written in.

The yardstick is ONNX Runtime on the original file over the same prepared pixels: 45 dB for the
scores of the golden model, and the same first class for every frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from hearth.toolchain import pipeline
from hearth.toolchain.data import images, manifest
from hearth.toolchain.frontend import runtime
from hearth.toolchain.ir import Array, Preprocessing, golden
from hearth.toolchain.stages import Options, Quantized
from tests.nets.onnx_nets import Net, photographs, save

CLASSES = 7
SIDE = 32
"""Pixels; large enough for the mean over the last map to average rounding out."""
DECIBELS = 45.0


def model(
    net: Net,
    output: str = "logits",
    kind: int = onnx.TensorProto.FLOAT,
    shape: Sequence[int | str] = ("N", 3, SIDE, SIDE),
) -> onnx.ModelProto:
    """The network for images of SIDE x SIDE; its output may have any rank."""
    proto = net.model(output, shape)
    end = onnx.helper.make_tensor_value_info(output, kind, None)
    end.type.tensor_type.shape.SetInParent()
    proto.graph.output[0].CopyFrom(end)
    return proto


def shown(proto: onnx.ModelProto, count: int, seed: int = 1) -> Array:
    """Frames with as many channels as photographs for this file need have: three, or four."""
    frames = photographs(count, SIDE, SIDE, seed)
    dims = [d.dim_value for d in proto.graph.input[0].type.tensor_type.shape.dim]
    if 4 not in dims[1:]:
        return frames
    return np.concatenate([frames, photographs(count, SIDE, SIDE, seed + 100)[..., :1]], axis=3)


def measured(
    proto: onnx.ModelProto, folder: Path, frames: Array | None = None, **options: Any
) -> Quantized:
    """Every pass up to the measurement of the result."""
    np.save(folder / "frames.npy", shown(proto, 24) if frames is None else frames)
    given: dict[str, Any] = {"preprocessing": "unit", "lanes": 256, **options}
    path, calibration = save(proto, folder), folder / "frames.npy"
    order = Options(path, calibration=calibration, **given)
    return pipeline.run(pipeline.FRONT_END + pipeline.QUANTIZATION, order)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Scores of the golden model, and what ONNX Runtime makes of the file, for the same frames."""

    state: Quantized
    ours: Array
    file: Array

    def check(self, decibels: float = DECIBELS) -> None:
        assert self.ours.shape == self.file.shape
        noise = np.square(self.file - self.ours).sum()
        found = 10 * np.log10(np.square(self.file).sum() / noise)
        assert found >= decibels
        chosen = np.take_along_axis(self.file, self.ours.argmax(axis=1)[:, None], 1)[:, 0]
        behind = self.file.max(axis=1) - chosen  # 0 where the first class is the same
        assert (behind <= 2 * np.abs(self.file - self.ours).max(axis=1)).all()
        assert (behind == 0).mean() > 0.75

    @property
    def kinds(self) -> list[str]:
        return [layer.kind for layer in self.state.qgraph.layers]


def outcome(proto: onnx.ModelProto, folder: Path, preset: str = "unit", **options: Any) -> Outcome:
    """Compile the file, run both on fresh frames."""
    state = measured(proto, folder, preprocessing=preset, **options)
    frames = shown(proto, 12, seed=5)
    qgraph = state.qgraph
    user = manifest.find(folder / "net.onnx", preset).preprocessing
    if qgraph.input.channels == 1:
        grey = qgraph.preprocessing
        frames = np.stack([images.fit("frames", frame, grey, (SIDE, SIDE)) for frame in frames])
        user = replace(user, channel_order="L", mean=user.mean[:1], scale=user.scale[:1])
    elif user.channels < qgraph.input.channels:
        user = Preprocessing(f"{user.channel_order}A", user.mean[:1] * 4, user.scale[:1] * 4)
    found = golden.outputs(qgraph, frames)
    return Outcome(state, golden.logits(qgraph, found), run_file(proto, frames, user))


def run_file(proto: onnx.ModelProto, frames: Array, preprocessing: Any) -> Array:
    """The file itself in ONNX Runtime: its last output, [n, ...] flattened."""
    session = runtime.session(proto, literal=True)
    (entry,) = session.get_inputs()
    inputs = images.as_float(frames, preprocessing)
    if entry.shape[3] in (1, 3, 4) and entry.shape[1] not in (1, 3, 4):
        inputs = inputs.transpose(0, 2, 3, 1)
    return np.asarray(session.run(None, {entry.name: inputs})[-1]).reshape(len(frames), -1)


def body(net: Net, source: str = "data") -> str:
    """conv1, pool, one Fire module; 11 channels."""
    tensor = net.conv_relu(source, "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[3, 3], strides=[2, 2])
    return net.fire(tensor, "fire2", (8, 4, 6, 5))


def classifier(net: Net, source: str = "data") -> str:
    """The map of scores, without a Relu: rankings are then as clear as weights make them."""
    return net.conv(body(net, source), "conv10", (CLASSES, 11, 1))
