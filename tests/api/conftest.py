"""A small network compiled once, through the Python API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import hearth
from tests.nets.onnx_nets import photographs, save, small

LABELS = [f"class {i}" for i in range(7)]


def inputs(folder: Path) -> Path:
    """A model in `folder`, its manifest, and six photographs."""
    manifest = {
        "file": "net.onnx",
        "preprocessing": {"mean": [120, 110, 100], "scale": [0.016, 0.016, 0.016]},
        "labels": LABELS,
        "calibration": "photos",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "photos").mkdir()
    for index, frame in enumerate(photographs(6)):
        Image.fromarray(frame).save(folder / "photos" / f"photo {index}.png")
    return save(small().model(), folder)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return inputs(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="session")
def build(model: Path) -> hearth.Build:
    return hearth.compile(model, model.parent / "build", lanes=24)
