"""A SqueezeNet v1.1 as MXNet wrote it for the ONNX model zoo: opset 7, an AveragePool over the map,
Dropout, weights among the graph's inputs, a Reshape by a constant at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from hearth.toolchain import pipeline
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import FloatGlobalPool, golden
from hearth.toolchain.ir.graph import classes
from hearth.toolchain.stages import Options
from tests.nets.onnx_nets import Net, photographs, save

SIDE = 39
IR_VERSION = 3


def zoo() -> onnx.ModelProto:
    """v1.1's shapes with an eighth of its channels, on a smaller image."""
    net = Net(opset=7)
    count = iter(range(99))

    def conv(source: str, shape: tuple[int, int, int], pad: int = 0, stride: int = 1) -> str:
        made = f"squeezenet0_conv{next(count)}"
        window: dict[str, Any] = {
            "kernel_shape": [shape[2]] * 2,
            "pads": [pad] * 4,
            "strides": [stride] * 2,
        }
        tensor = net.conv(source, f"{made}_fwd", shape, dilations=[1, 1], group=1, **window)
        return net.relu(tensor, f"{made.replace('conv', 'relu')}_fwd")

    def pool(source: str, number: int) -> str:
        sides = {"kernel_shape": [3, 3], "pads": [0] * 4, "strides": [2, 2]}
        return net.node("MaxPool", [source], f"squeezenet0_pool{number}_fwd", **sides)

    def fire(source: str, number: int, inputs: int, squeeze: int, expand: int) -> str:
        middle = conv(source, (squeeze, inputs, 1))
        halves = [conv(middle, (expand, squeeze, 1)), conv(middle, (expand, squeeze, 3), 1)]
        return net.node("Concat", halves, f"squeezenet0_concat{number}", axis=1)

    tensor = pool(conv("data", (8, 3, 3), stride=2), 0)
    tensor = pool(fire(fire(tensor, 0, 8, 2, 8), 1, 16, 2, 8), 1)
    tensor = fire(tensor, 2, 16, 4, 16)
    dropped = net.node("Dropout", [tensor], "squeezenet0_dropout0_fwd", ratio=0.5)
    scores = conv(dropped, (10, 32, 1))
    window = {"kernel_shape": [4, 4], "pads": [0] * 4, "strides": [4, 4]}
    pooled = net.node("AveragePool", [scores], "squeezenet0_pool3_fwd", **window)
    shape = net.constant("reshape_attr_tensor0", [0, -1], np.int64)
    net.node("Reshape", [pooled, shape], "squeezenet0_flatten0_reshape0")
    model = net.model("squeezenet0_flatten0_reshape0", (1, 3, SIDE, SIDE))
    model.ir_version = IR_VERSION
    for weight in net.weights:  # before IR version 4 they had to be inputs as well
        entry = helper.make_tensor_value_info(weight.name, weight.data_type, list(weight.dims))
        model.graph.input.append(entry)
    end = helper.make_tensor_value_info("squeezenet0_flatten0_reshape0", TensorProto.FLOAT, [1, 10])
    model.graph.output[0].CopyFrom(end)
    onnx.checker.check_model(model)
    return model


def test_the_zoos_form_is_compiled_and_cut(tmp_path: Path) -> None:
    path = save(zoo(), tmp_path)
    np.save(tmp_path / "photos.npy", photographs(16, SIDE, SIDE))
    (tmp_path / "wanted.txt").write_text("7\n2\n")
    for wanted, kept in ((None, range(10)), (tmp_path / "wanted.txt", (7, 2))):
        options = Options(
            path,
            preprocessing="torchvision",
            calibration=tmp_path / "photos.npy",
            classes=wanted,
        )
        state = pipeline.run(pipeline.FRONT_END + pipeline.QUANTIZATION, options)
        graph = state.front.graph
        assert isinstance(graph.layers[-1], FloatGlobalPool)
        assert classes(graph) == golden.classes(state.qgraph) == len(kept)
        frames = np.random.default_rng(1).normal(size=(2, 3, SIDE, SIDE)).astype(np.float32)
        whole = Reference(state.front.onnx, [], state.front.onnx.original)
        ours = Reference(state.front.onnx, [graph.layers[-1].tensor]).run(frames)[0]
        name = whole.session.get_outputs()[0].name
        theirs = [whole.session.run([name], {"data": f[None]})[0][0] for f in frames]
        assert np.allclose(ours.reshape(2, -1), np.array(theirs)[:, list(kept)], atol=1e-5)
        assert state.qgraph.notes["snr_db"]["squeezenet0_pool3_fwd"] > 20
