"""Files of ours: manifests, quantized networks, build folders. All or nothing, never foreign."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.data import manifest
from hearth.toolchain.ir import Preprocessing, QGraph, golden
from hearth.toolchain.saved import qgraph_file
from hearth.toolchain.support import files
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import photographs, quantized, small


@pytest.fixture
def qgraph(tmp_path: Path) -> QGraph:
    return quantized(small().model(), tmp_path)


def test_qgraph_round_trip(qgraph: QGraph, tmp_path: Path) -> None:
    path = tmp_path / "net.qgraph"
    qgraph_file.save(qgraph, path)
    again = qgraph_file.load(path)
    assert again.edges == qgraph.edges
    assert again.preprocessing == qgraph.preprocessing
    frames = photographs(2)
    for a, b in zip(golden.run(qgraph, frames), golden.run(again, frames), strict=True):
        assert a.dtype == b.dtype
        assert (a == b).all()
    assert qgraph_file.dumps(again) == path.read_bytes()


@pytest.mark.parametrize("keep", [0, 10, 1000, -30])
def test_truncated_qgraph(keep: int, qgraph: QGraph, tmp_path: Path) -> None:
    path = tmp_path / "net.qgraph"
    path.write_bytes(qgraph_file.dumps(qgraph)[:keep])
    with pytest.raises(
        HearthError, match=r"net\.qgraph: not a quantized network, or a damaged one"
    ):
        qgraph_file.load(path)


def test_every_flipped_byte_of_the_header_is_survived(qgraph: QGraph, tmp_path: Path) -> None:
    """Damage gives a HearthError or a readable network, never another exception."""
    data = qgraph_file.dumps(qgraph)
    path = tmp_path / "net.qgraph"
    for position in np.linspace(0, len(data) - 1, 150).astype(int):
        path.write_bytes(data[:position] + bytes([data[position] ^ 0x41]) + data[position + 1 :])
        with contextlib.suppress(HearthError):
            qgraph_file.load(path)


def test_foreign_archive(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, a=np.zeros(3))
    with pytest.raises(HearthError, match="not a quantized network"):
        qgraph_file.load(path)


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside its folder"):
        files.write_folder(tmp_path / "x", {"a": "1", "../b": "2"}, "a")
    with pytest.raises(HearthError, match="cannot be written"):
        files.write_file(tmp_path / "no" / "x", b"1")
    assert not list(tmp_path.iterdir())


def test_replacing_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "x"
    files.write_folder(target, {"marker": "1", "old/a": "1", "sim/cache": "kept"}, "marker")
    files.write_folder(target, {"marker": "2", "new/b": b"2"}, "marker", keep=("sim",))
    found = sorted(str(p.relative_to(target)) for p in target.rglob("*") if p.is_file())
    assert found == ["marker", "new/b", "sim/cache"]
    assert [p.name for p in target.parent.iterdir()] == ["x"]


def test_foreign_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(HearthError, match="holds files that Hearth did not write"):
        files.write_folder(tmp_path, {"marker": ""}, "marker")
    with pytest.raises(HearthError, match="exists and is not a build folder"):
        files.write_folder(tmp_path / "thesis.tex", {"marker": ""}, "marker")
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


WHOLE = {
    "file": "net.onnx",
    "preprocessing": {"channel_order": "BGR", "mean": [1, 2, 3], "scale": [1, 1, 0.5], "resize": 9},
    "labels": ["a", "b"],
    "input_size": [8, 9],
    "calibration": "calibration.npz",
}


def test_manifest_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(WHOLE))
    found = manifest.find(tmp_path / "net.onnx", None)
    assert found.preprocessing == Preprocessing("BGR", (1, 2, 3), (1, 1, 0.5), 9)
    assert found.labels == ("a", "b")
    assert found.input_size == (8, 9)
    assert found.calibration == tmp_path / "calibration.npz"
    with pytest.raises(HearthError, match=r"give --preprocessing caffe\|torchvision\|unit"):
        manifest.find(tmp_path / "other.onnx", None)
    chosen = manifest.find(tmp_path / "net.onnx", "caffe")
    assert chosen.preprocessing.mean == (104, 117, 123)
    assert chosen.labels == ("a", "b")


def test_preprocessing_file_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    for preset in manifest.PRESETS.values():
        path.write_text(json.dumps(manifest.as_json(preset)))
        assert manifest.find(Path("m.onnx"), str(path)).preprocessing == preset


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preprocessing": []}, "'preprocessing' should be a JSON object"),
        ({"preprocessing": {"mean": [1, 2]}}, "'mean' should be three finite numbers"),
        ({"preprocessing": {"scale": [1, 2, "x"]}}, "'scale' should be three finite numbers"),
        (
            {"preprocessing": {"mean": [1, 2, float("nan")]}},
            "'mean' should be three finite numbers",
        ),
        ({"preprocessing": {"resize": -1}}, "'resize' should be pixels from 0 to 8192"),
        (
            {"preprocessing": {"channel_order": "GBR"}},
            "'channel_order' should be RGB, BGR, RGBA or BGRA",
        ),
        ({"labels": "abc"}, "class names should be a JSON list of strings"),
        ({"input_size": [1, 2, 3]}, r"'input_size' should be \[height, width\]"),
        ({"calibration": "../x"}, "'calibration' should name a file beside it"),
    ],
)
def test_wrong_manifest(change: dict[str, object], message: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({**WHOLE, **change}))
    with pytest.raises(HearthError, match=message):
        manifest.find(tmp_path / "net.onnx", None)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_unreadable_preprocessing_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    with pytest.raises(HearthError):
        manifest.find(Path("m.onnx"), str(path))
