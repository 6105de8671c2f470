"""What trains the networks: a few steps, and what is written. Needs PyTorch (group `train`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

torch: Any = pytest.importorskip("torch", reason="needs PyTorch (pip install -e .[train])")
data: Any = pytest.importorskip("weights.data")
export: Any = pytest.importorskip("weights.export")
subjects: Any = pytest.importorskip("weights.subjects")
train: Any = pytest.importorskip("weights.train")


def pictures(count: int) -> Any:
    """Drawn ones; the first class is dark."""
    random = torch.Generator().manual_seed(3)
    labels = torch.arange(count) % 10
    images = torch.randint(60, 256, (count, 32, 32, 3), generator=random)
    images[labels == 0] //= 4
    return data.ImageSet(images.to(torch.uint8), labels)


def run(serialized: bytes, images: Any) -> np.ndarray[Any, Any]:
    session = onnxruntime.InferenceSession(serialized, providers=["CPUExecutionProvider"])
    found: np.ndarray[Any, Any] = session.run(["logits"], {"image": images.numpy()})[0]
    return found


@pytest.mark.parametrize("name", subjects.NAMES)
def test_the_file_computes_what_was_trained(name: str) -> None:
    """With averages of batch normalisation that are not those it starts with."""
    torch.manual_seed(1)
    network = subjects.find(name).module()
    images = torch.rand(4, 3, 32, 32)
    network(images)
    network.eval()
    wanted = network(images).detach().numpy()
    found = run(export.onnx_model(network, name).SerializeToString(), images)
    assert np.abs(found - wanted).max() < 1e-4 * max(1, np.abs(wanted).max())


@pytest.mark.parametrize("name", ["squeezenet_cifar10", "squeezenet_svd"])
def test_an_epoch_and_what_it_leaves(name: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    subject, shown = subjects.find(name), pictures(256)
    recipe = train.Recipe(1, 64, 0.01, 1, strong=subject.strong, bfloat16=subject.bfloat16)
    trainer = train.Trainer(subject.module(), recipe, torch.device("cpu"))
    before = [p.detach().clone() for p in trainer.network.parameters()]
    train.fit(trainer, shown, shown, tmp_path / "net.pt")
    assert trainer.epoch == 1
    after = list(trainer.network.parameters())
    assert any((a != b).any() for a, b in zip(before, after, strict=True))
    again = train.Trainer(subject.module(), recipe, torch.device("cpu"))
    again.load(tmp_path / "net.pt")
    export.write_release(subject, tmp_path / "out", again.average, shown, shown, "    trained")
    written = {path.name for path in (tmp_path / "out").iterdir()}
    own = {"calibration.npz"} if subject.own_images else set()
    assert written == {"CARD.md", "manifest.json", f"{name}.onnx", *own}
    about = json.loads((tmp_path / "out/manifest.json").read_text())
    assert about["file"] == f"{name}.onnx"
    assert "{" not in (tmp_path / "out/CARD.md").read_text()


def test_the_command_line_takes_the_networks_own() -> None:
    archives = ["--train-data", "a/train.tar.gz", "--test-data", "a/test.tar.gz"]
    default = train.parse_arguments(archives)
    assert (default.epochs, default.peak_rate, default.output.name) == (56, 0.3, "default")
    assert "--network" not in train.reproducing_command(default)
    small = train.parse_arguments(["--network", "resnet8", *archives, "--epochs", "2"])
    assert (small.epochs, small.output.name) == (2, "resnet8")
    assert "--network resnet8 --train-data train.tar.gz" in train.reproducing_command(small)
