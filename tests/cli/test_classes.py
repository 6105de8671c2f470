"""`--classes`: a network with the wanted classes alone is the float network cut, and no other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.adopt.outputs import keep_outputs
from hearth.toolchain.data import selection
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.qdq_file import qdq_model
from hearth.toolchain.stages import Options, Quantized
from tests.cli.test_cli import SMALL, Folder, hearth
from tests.nets.onnx_nets import Net, photographs, save
from tests.nets.quantized_nets import static

__all__ = ["hearth"]
KEPT = (5, 0, 3)
PHOTOS = ("--calibration", "photos")
NAMES = [f"class {i}" for i in range(7)]


def listing(folder: Path, *entries: object, name: str = "wanted.txt") -> Path:
    path = folder / name
    path.write_text("".join(f"{entry}\n" for entry in entries))
    return path


def compiled(model: Path, folder: Path, classes: Sequence[int] | None) -> Quantized:
    """Up to the integers."""
    if not (folder / "photos.npy").exists():
        np.save(folder / "photos.npy", photographs(24))
    options = Options(
        model,
        preprocessing="unit",
        calibration=folder / "photos.npy",
        classes=None if classes is None else listing(folder, *classes),
    )
    return pipeline.run(pipeline.FRONT_END + pipeline.QUANTIZATION, options)


def scores(qgraph: QGraph, frames: Array) -> Array:
    """Integers [n, classes]."""
    found: Array = golden.outputs(qgraph, frames)[:, 0, 0, : golden.classes(qgraph)]
    return found


def unlike(opset: int = 13, clip: bool = False) -> onnx.ModelProto:
    """A classifier without a bias, behind it a pool and what is done to scores."""
    net = Net(opset)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    joined = net.fire(tensor, "fire2", (8, 4, 6, 5))
    last = net.conv(joined, "conv10", (7, 11, 1), bias=False)
    if clip:
        bounds = [net.constant("low", 0.0), net.constant("high", 6.0)]
        last = net.node("Clip", [last, *bounds], "conv10")
    pooled = net.node("MaxPool", [last], "pool9", kernel_shape=[2, 2]) if clip else last
    flat = net.node("Flatten", [net.node("GlobalAveragePool", [pooled], "pool10")], "flat")
    net.node("Softmax", [flat], "logits", axis=1)
    return net.model()


def linear() -> onnx.ModelProto:
    """The classifier is a Linear behind the pool."""
    net = Net()
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    joined = net.fire(tensor, "fire2", (8, 4, 6, 5))
    flat = net.node("Flatten", [net.node("GlobalAveragePool", [joined], "pool10")], "flat")
    weights = net.constant("fc.weight", net.rng.normal(0, 0.3, (11, 7)))
    bias = net.constant("fc.bias", net.rng.normal(0, 0.3, 7))
    net.node("Gemm", [flat, weights, bias], "logits", name="fc")
    return net.model()


FORMS = {"plain": unlike(), "opset 7": unlike(7), "clip": unlike(13, clip=True), "linear": linear()}


@pytest.mark.parametrize("form", FORMS)
def test_the_float_network_is_the_files_cut(form: str, tmp_path: Path) -> None:
    """What is calibrated, measured against and quantized scores as the whole file does."""
    model = save(FORMS[form], tmp_path)
    whole, cut = (compiled(model, tmp_path, kept) for kept in (None, KEPT))
    inputs = photographs(8, seed=3).transpose(0, 3, 1, 2).astype(np.float32) / 255
    values = []
    for state in (whole, cut):
        last = state.front.graph.layers[-1].tensor
        values.append(Reference(state.front.onnx, [last]).run(inputs)[0].reshape(8, -1))
    assert values[1] == pytest.approx(values[0][:, KEPT], rel=1e-6, abs=1e-6)
    assert golden.classes(cut.qgraph) == len(KEPT)
    assert cut.qgraph.layers[-1].target.channels == 2 * len(KEPT)  # all of them are ranked
    assert cut.qgraph.weighted[-1].target.channels == len(KEPT)
    assert min(cut.qgraph.notes["snr_db"].values()) > 25
    assert set(cut.qgraph.notes["snr_db"]) == set(whole.qgraph.notes["snr_db"])


def test_a_quantized_file_is_cut_exactly(tmp_path: Path) -> None:
    """Every score that is left is the whole network's integer."""
    model = save(static(tmp_path), tmp_path)
    whole, cut = (compiled(model, tmp_path, kept) for kept in (None, KEPT))
    frames = photographs(12, seed=5)
    assert np.array_equal(scores(cut.qgraph, frames), scores(whole.qgraph, frames)[:, KEPT])
    assert whole.qgraph.notes["quantized_file"] == cut.qgraph.notes["quantized_file"] == []
    before, after = whole.qgraph.notes["snr_db"], cut.qgraph.notes["snr_db"]
    assert set(before) == set(after)
    assert before["conv1"] == after["conv1"]
    assert after["pool10"] > 30


@pytest.mark.parametrize("kept", [(4, 1), tuple(range(6, -1, -1))])
def test_integers_cut_afterwards(kept: tuple[int, ...], tmp_path: Path) -> None:
    whole = compiled(save(unlike(13, clip=True), tmp_path), tmp_path, None).qgraph
    frames = photographs(5, seed=8)
    assert np.array_equal(scores(keep_outputs(whole, kept), frames), scores(whole, frames)[:, kept])


def test_an_expand_stage_cannot_be_cut(hearth: Folder) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    joined = net.fire(tensor, "fire2", (8, 4, 3, 4))
    net.node("Flatten", [net.node("GlobalAveragePool", [joined], "pool10")], "logits")
    save(net.model(), hearth.path)
    listing(hearth.path, 0, 6)
    told = hearth.refused("compile", "net.onnx", "--classes", "wanted.txt", "-o", "y")
    assert told == (
        "net: --classes cuts outputs of one last convolution, but the classes come from"
        " fire2/concat (Concat); keep all of them"
    )


def figures_of(hearth: Folder, *command: str) -> dict[str, Any]:
    status, output, errors = hearth(*command, "--json")
    assert status == 0, errors
    found: dict[str, Any] = json.loads(output)
    return found


def test_every_command_knows_the_kept_classes(hearth: Folder) -> None:
    listing(hearth.path, "Class-5", 0, "class 3")
    figures = hearth.compiled("--classes", "wanted.txt")
    assert figures["notes"]["classes"] == {"numbers": list(KEPT), "of": 7, "names": NAMES}
    build = build_folder.load(hearth.path / "x")
    assert build.qgraph.labels == ("class 5", "class 0", "class 3")
    ran = figures_of(hearth, "run", "x", "photos")["results"]
    assert {entry["label"] for entry in ran[0]["top"]} == {"class 5", "class 0", "class 3"}
    assert "keeps 3 of the file's 7 classes" in hearth("report", "x")[1]
    accuracy = figures_of(hearth, "eval", "x", "--labels", "labels.csv")
    assert (accuracy["images"], accuracy["left_out"]) == (3, 3)
    assert accuracy["top5"] == accuracy["float_top5"] == 100  # three classes, all ranked
    assert (
        "3 photographs of other classes left out"
        in hearth("eval", "x", "--labels", "labels.csv")[1]
    )
    model, graph = pipeline.reopened(build)
    assert graph.layers[-2].tensor in {node.target for node in model.nodes}
    few = hearth.compiled("--classes", "wanted.txt", "--weight-bits", "4")
    assert few["rom_bytes"] < figures["rom_bytes"]


def test_accuracy_is_the_cut_networks(hearth: Folder) -> None:
    """Labels of the photographs are the whole model's; the best of the kept classes counts."""
    whole = hearth.compiled()
    frames = photographs(6)
    best = scores(build_folder.load(hearth.path / "x").qgraph, frames)[:, KEPT].argmax(axis=1)
    rows = [f"photos/photo {i}.png,{KEPT[b]}" for i, b in enumerate(best)]
    (hearth.path / "best.csv").write_text("\n".join(["file,label", *rows, "photos/photo 0.png,6"]))
    listing(hearth.path, *KEPT)
    cut = hearth.compiled("--classes", "wanted.txt")
    found = figures_of(hearth, "eval", "x", "--labels", "best.csv")
    assert (found["images"], found["left_out"]) == (6, 1)
    assert found["top1"] == found["float_top1"] == 100
    assert cut["macs"] < whole["macs"]


def test_folders_of_other_classes_are_left_out(hearth: Folder) -> None:
    for i in (0, 3, 4):
        folder = hearth.path / "sorted" / f"class {i}"
        folder.mkdir(parents=True)
        (hearth.path / f"photos/photo {i}.png").rename(folder / "a.png")
    listing(hearth.path, *KEPT)
    hearth.compiled("--classes", "wanted.txt")
    found = figures_of(hearth, "eval", "x", "--labels", "sorted")
    assert (found["images"], found["left_out"]) == (2, 1)
    (hearth.path / "other.csv").write_text("file,label\nsorted/class 4/a.png,4\n")
    told = hearth.refused("eval", "x", "--labels", "other.csv")
    assert told == (
        "--labels: none of the 1 photographs of other.csv shows one of the 3 classes that net keeps"
    )


def test_without_names_a_class_is_called_by_its_number(hearth: Folder) -> None:
    (hearth.path / "manifest.json").write_text(json.dumps({**SMALL, "labels": []}))
    listing(hearth.path, *KEPT)
    hearth.compiled("--classes", "wanted.txt")
    qgraph = build_folder.load(hearth.path / "x").qgraph
    assert qgraph.labels == ("5", "0", "3")
    assert selection.translated(qgraph, (3, 0)) == (2, 1)
    assert selection.translated(qgraph, (3, 1)) == ()  # nothing to say of class 1


def test_other_classes_for_the_same_hardware(hearth: Folder) -> None:
    """With as many classes the circuit stays: `--like` puts others into its ROMs."""
    listing(hearth.path, *KEPT)
    hearth.compiled("--classes", "wanted.txt")
    listing(hearth.path, 6, 2, 1)
    status, _, errors = hearth(
        "compile", "net.onnx", *PHOTOS, "--classes", "wanted.txt", "--like", "x", "-o", "y"
    )
    assert status == 0, errors
    first, second = (build_folder.load(hearth.path / name) for name in "xy")
    assert first.rtl().keys() == second.rtl().keys()
    assert second.qgraph.labels == ("class 6", "class 2", "class 1")
    listing(hearth.path, 6, 2)
    told = hearth.refused(
        "compile", "net.onnx", "--classes", "wanted.txt", "--like", "x", "-o", "z", *PHOTOS
    )
    assert told.startswith("--like: conv10 (conv, (3, 3, 11) to (3, 3, 2)) is not conv10")


def test_a_qdq_file_of_the_cut_network(tmp_path: Path) -> None:
    """What is exported has the kept classes, and Hearth reads its integers back."""
    model = save(unlike(), tmp_path)
    state = compiled(model, tmp_path, KEPT)
    frames = photographs(6, seed=11)
    written = save(qdq_model(state.qgraph, state.front.graph), tmp_path, "qdq.onnx")
    back = compiled(written, tmp_path, None).qgraph
    assert np.array_equal(scores(back, frames), scores(state.qgraph, frames))


def test_names_without_a_list_for_them_are_refused(hearth: Folder) -> None:
    (hearth.path / "names.txt").write_text("\n".join(NAMES[:6]))
    listing(hearth.path, "class 1", "class 2")
    command = ("compile", "net.onnx", "--classes", "wanted.txt", "-o", "y", "--class-names")
    assert hearth.refused(*command, "names.txt") == (
        "net: has 7 classes, but 6 class names were given"
    )
    assert hearth.refused("compile", "net.onnx", "--classes", "none.txt", "-o", "y") == (
        "none.txt: cannot be read: No such file or directory"
    )


def test_labels_are_translated(hearth: Folder) -> None:
    listing(hearth.path, *KEPT)
    hearth.compiled("--classes", "wanted.txt")
    build = build_folder.load(hearth.path / "x")
    chosen = selection.labelled(hearth.path / "labels.csv", build.qgraph).images
    assert chosen.labels == (1, 2, 0)  # photographs 0, 3 and 5
