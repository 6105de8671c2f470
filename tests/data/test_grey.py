"""Networks of one channel: photographs become luminance, the rest is as with colours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.data import images
from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, SIDE, measured, model, outcome
from tests.nets.onnx_nets import Net, photographs

GREY = ("N", 1, SIDE, SIDE)
LUMINANCE = Preprocessing("L", (0.0,), (1.0,))


def grey_network(net: Net, source: str = "data", pads: int = 0) -> None:
    tensor = net.conv_relu(source, "conv1", (8, 1, 3), strides=[2, 2], pads=[pads] * 4)
    tensor = net.fire(tensor, "fire2", (8, 4, 6, 5))
    scores = net.conv(tensor, "conv10", (CLASSES, 11, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")


@pytest.mark.parametrize("shape", [GREY, ("N", 1, "h", "w"), (1, SIDE, SIDE, 1)])
def test_grey_network(shape: tuple[int | str, ...], tmp_path: Path) -> None:
    net = Net()
    source = "data"
    if shape[3] == 1:
        source = net.node("Transpose", ["data"], "first", perm=[0, 3, 1, 2])
    grey_network(net, source)
    size = (SIDE, SIDE) if "h" in shape else None
    found = outcome(model(net, shape=("N", *shape[1:])), tmp_path, input_size=size)
    found.check()
    qgraph = found.state.qgraph
    assert qgraph.input.shape == (SIDE, SIDE, 1)
    assert qgraph.preprocessing == Preprocessing("L", (0.0,), (1 / 255,))


def test_grey_channels_last_by_a_reshape(tmp_path: Path) -> None:
    """Of one channel, tf2onnx makes the Transpose a Reshape."""
    net = Net()
    shape = net.constant("shape", [-1, 1, SIDE, SIDE], np.int64)
    grey_network(net, net.node("Reshape", ["data", shape], "first"))
    outcome(model(net, shape=("N", SIDE, SIDE, 1)), tmp_path).check()


def test_grey_and_normalized_with_padding(tmp_path: Path) -> None:
    net = Net()
    centred = net.node("Sub", ["data", net.constant("mean", 0.4)], "centred")
    normal = net.node("Div", [centred, net.constant("std", [[[0.3]]])], "normal")
    grey_network(net, normal, pads=1)
    found = outcome(model(net, shape=GREY), tmp_path)
    found.check()
    assert found.kinds[0] == "border"


def test_preprocessing_of_three_colours_is_refused(tmp_path: Path) -> None:
    net = Net()
    grey_network(net)
    with pytest.raises(HearthError, match="net: takes grey images, which have one mean and one sc"):
        measured(model(net, shape=GREY), tmp_path, preprocessing="torchvision")


def test_one_number_in_a_file(tmp_path: Path) -> None:
    net = Net()
    grey_network(net)
    path = tmp_path / "grey.json"
    path.write_text(json.dumps({"mean": 127.5, "scale": [1 / 127.5]}))
    outcome(model(net, shape=GREY), tmp_path, str(path)).check()


def test_luminance_of_photographs_and_arrays(tmp_path: Path) -> None:
    frame = photographs(1)[0]
    size = (frame.shape[0], frame.shape[1])
    red, green, blue = (frame[..., i].astype(int) for i in range(3))
    wanted = (299 * red + 587 * green + 114 * blue) / 1000
    Image.fromarray(frame).save(tmp_path / "colour.png")
    np.save(tmp_path / "colour.npy", frame[None])
    for name in ("colour.png", "colour.npy"):
        (found,) = images.open_set(tmp_path / name).whole(LUMINANCE, size)
        assert found.shape == (*size, 1)
        assert np.abs(found[..., 0] - wanted).max() <= 0.51
    np.save(tmp_path / "grey.npy", found[None])
    assert (images.open_set(tmp_path / "grey.npy").whole(LUMINANCE, size)[0] == found).all()
    colours = images.open_set(tmp_path / "grey.npy").whole(Preprocessing(), size)[0]
    assert (colours == found.repeat(3, axis=-1)).all()
