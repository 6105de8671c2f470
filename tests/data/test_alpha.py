"""Networks of four channels: colours and a fourth, alpha or a depth, from pictures and arrays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, SIDE, measured, model, outcome, shown
from tests.nets.onnx_nets import Net

FOUR = ("N", 4, SIDE, SIDE)
ALPHA = Preprocessing("RGBA", (0.0,) * 4, (1.0,) * 4)


def network(net: Net, source: str = "data", pads: int = 0) -> None:
    tensor = net.conv_relu(source, "conv1", (8, 4, 3), strides=[2, 2], pads=[pads] * 4)
    tensor = net.fire(tensor, "fire2", (8, 4, 6, 5))
    scores = net.conv(tensor, "conv10", (CLASSES, 11, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")


def rgba(count: int) -> Array:
    net = Net()
    network(net)
    return shown(model(net, shape=FOUR), count)


@pytest.mark.parametrize("last", [False, True])
def test_network(last: bool, tmp_path: Path) -> None:
    net = Net()
    network(net, net.node("Transpose", ["data"], "first", perm=[0, 3, 1, 2]) if last else "data")
    found = outcome(model(net, shape=("N", SIDE, SIDE, 4) if last else FOUR), tmp_path)
    found.check()
    qgraph = found.state.qgraph
    assert qgraph.input.shape == (SIDE, SIDE, 4)
    assert qgraph.preprocessing == Preprocessing("RGBA", (0.0,) * 4, (1 / 255,) * 4)


@pytest.mark.parametrize("order", ["RGBA", "BGRA"])
def test_four_means_and_scales(order: str, tmp_path: Path) -> None:
    """Padding has the means' colour; where blue comes first, the fourth stays the fourth."""
    net = Net()
    network(net, pads=1)
    path = tmp_path / "prepared.json"
    numbers = {"mean": [120, 110, 100, 30], "scale": [1 / 60, 1 / 50, 1 / 55, 1 / 128]}
    path.write_text(json.dumps({"channel_order": order, **numbers}))
    found = outcome(model(net, shape=FOUR), tmp_path, str(path))
    found.check()
    wanted = [120, 110, 100, 30] if order == "RGBA" else [100, 110, 120, 30]
    assert found.state.qgraph.layers[0].values.tolist() == wanted  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("channels", "preprocessing", "message"),
    [
        (4, "torchvision", "takes images of 4 channels, but the preprocessing that was chosen has"),
        (3, {"channel_order": "RGBA"}, "takes images of 3 channels, .* chosen is for RGBA; give"),
        (4, {"channel_order": "RGBA", "mean": [1, 2, 3]}, "'mean' should be four finite numbers"),
        (4, {"mean": [1, 2, 3, 4]}, "'mean' should be three finite numbers, the channels RGB"),
    ],
)
def test_preprocessing_that_does_not_fit(
    channels: int, preprocessing: object, message: str, tmp_path: Path
) -> None:
    net = Net()
    net.head(net.conv_relu("data", "conv1", (8, channels, 3)), 8)
    chosen = str(preprocessing)
    if isinstance(preprocessing, dict):
        path = tmp_path / "prepared.json"
        path.write_text(json.dumps(preprocessing))
        chosen = str(path)
    with pytest.raises(HearthError, match=message):
        measured(model(net, shape=("N", channels, SIDE, SIDE)), tmp_path, preprocessing=chosen)


def test_pictures_and_arrays(tmp_path: Path) -> None:
    """Nothing is composited: colours stay what they are under alpha of any value."""
    frames = rgba(2)
    Image.fromarray(frames[0]).save(tmp_path / "picture.png")
    np.save(tmp_path / "frames.npy", frames)
    for name in ("picture.png", "frames.npy"):
        found = images.open_set(tmp_path / name).whole(ALPHA, (SIDE, SIDE))
        assert (found[0] == frames[0]).all(), name


def test_the_fourth_channel_is_resized_beside_the_colours(tmp_path: Path) -> None:
    """Each as a picture of its own would be, whatever the fourth holds: it may be a depth."""
    frame = rgba(1)[0]
    Image.fromarray(frame).save(tmp_path / "picture.png")
    (found,) = images.open_set(tmp_path / "picture.png").whole(ALPHA, (20, 24))
    for channel in range(4):
        plane = Image.fromarray(np.ascontiguousarray(frame[..., channel]))
        alone = np.asarray(plane.resize((24, 20), Image.Resampling.BILINEAR))
        assert (found[..., channel] == alone).all()


def test_transparent_palettes_and_levels(tmp_path: Path) -> None:
    """Whatever says what is transparent becomes a fourth channel of 0 and 255."""
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putdata([0, 1])
    picture.save(tmp_path / "palette.png", transparency=1)
    Image.fromarray(np.array([[7, 9]], np.uint8)).save(tmp_path / "level.png", transparency=9)
    palette = images.read(tmp_path / "palette.png", ALPHA, (1, 2)).tolist()
    assert palette == [[[10, 20, 30, 255], [40, 50, 60, 0]]]
    level = images.read(tmp_path / "level.png", ALPHA, (1, 2)).tolist()
    assert level == [[[7, 7, 7, 255], [9, 9, 9, 0]]]


@pytest.mark.parametrize("kind", ["RGB", "L", "CMYK", "I;16"])
def test_pictures_without_alpha(kind: str, tmp_path: Path) -> None:
    path = tmp_path / ("picture.tif" if kind == "CMYK" else "picture.png")
    Image.new(kind, (8, 8), 999 if kind == "I;16" else None).save(path)
    with pytest.raises(HearthError, match=f"{path.name}: the network takes images of 4 channels, "):
        images.read(path, ALPHA, (8, 8))


@pytest.mark.parametrize(
    ("held", "wanted"), [(3, ALPHA), (1, ALPHA), (4, Preprocessing()), (4, None)]
)
def test_arrays_of_other_channels(held: int, wanted: Preprocessing | None, tmp_path: Path) -> None:
    np.save(tmp_path / "frames.npy", np.zeros((1, 8, 8, held), np.uint8))
    network_takes = wanted or Preprocessing("L", (0.0,), (1.0,))
    message = f"frames of {held} channels, but the network takes {network_takes.channels}; save"
    with pytest.raises(HearthError, match=message):
        images.open_set(tmp_path / "frames.npy").whole(network_takes, (8, 8))
