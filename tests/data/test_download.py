"""`make weights` on a local address: the very file, or one sentence and nothing left behind."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from hearth.toolchain.data import manifest, selection
from hearth.toolchain.support.errors import HearthError
from tests.places import ROOT

pytest.importorskip("pooch", reason="pooch is not installed: make setup-weights")
from weights import download

CONTENT = bytes(range(256)) * 1000
FOLDER = ROOT / "weights/imagenet"


def folder(path: Path, *addresses: str, **changes: Any) -> Path:
    """A folder with a manifest alone, for a file that lies in `path`."""
    (path / "mirror").mkdir()
    (path / "mirror/net.onnx").write_bytes(CONTENT)
    made = path / "model"
    made.mkdir()
    given = addresses or (f"file://{path}/mirror/net.onnx",)
    content = {
        "file": "net.onnx",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "source": {"bytes": len(CONTENT), "addresses": list(given)},
    }
    (made / "manifest.json").write_text(json.dumps({**content, **changes}))
    return made


def refused(path: Path) -> str:
    """The sentence; nothing but the manifest is left."""
    before = {p.name: p.read_bytes() for p in path.iterdir()}
    with pytest.raises(HearthError) as caught:
        download.download(path)
    assert {p.name: p.read_bytes() for p in path.iterdir()} == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_file_comes_whole_and_is_told(tmp_path: Path) -> None:
    made = folder(tmp_path)
    told: list[tuple[str, int, int]] = []
    found = download.download(made, lambda *step: told.append(step))
    assert found.read_bytes() == CONTENT
    assert sorted(p.name for p in made.iterdir()) == ["manifest.json", "net.onnx"]
    assert told[-1] == ("download: net.onnx", len(CONTENT), len(CONTENT))
    assert len(told) > 3
    (tmp_path / "mirror/net.onnx").unlink()
    assert download.download(made) == found  # there already: nothing is asked for


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / "net.onnx").write_bytes(b"half of it")
    assert download.download(made).read_bytes() == CONTENT


def test_the_next_address_is_tried(tmp_path: Path) -> None:
    made = folder(tmp_path, f"file://{tmp_path}/nowhere", f"file://{tmp_path}/mirror/net.onnx")
    assert download.download(made).read_bytes() == CONTENT


def test_another_file_is_refused(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (tmp_path / "mirror/net.onnx").write_bytes(CONTENT[:-1] + b"!")
    told = refused(made)
    assert "net.onnx: could not be downloaded (" in told
    assert "its SHA-256 is another" in told
    assert hashlib.sha256(CONTENT).hexdigest() in told


def test_what_grows_beyond_the_file_is_stopped(tmp_path: Path) -> None:
    made = folder(tmp_path)
    with (tmp_path / "mirror/net.onnx").open("ab") as stream:
        stream.truncate(1 << 40)  # a terabyte of nothing, never read to its end
    assert "more than the 256,000 bytes that are expected" in refused(made)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    told = refused(folder(tmp_path, f"file://{tmp_path}/a", f"file://{tmp_path}/b"))
    assert told.count("No such file") == 2
    assert "put the file with SHA-256" in told


@pytest.mark.parametrize("error", [KeyboardInterrupt, ConnectionResetError])
def test_an_interrupted_download_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    made = folder(tmp_path)
    (made / "net.onnx").write_bytes(b"an older one")

    def interrupted(task: str, done: int, total: int) -> None:
        assert any(p.name not in ("manifest.json", "net.onnx") for p in made.iterdir())
        raise error

    with pytest.raises((HearthError, KeyboardInterrupt)):
        download.download(made, interrupted)
    assert sorted(p.name for p in made.iterdir()) == ["manifest.json", "net.onnx"]
    assert (made / "net.onnx").read_bytes() == b"an older one"


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "../net.onnx"},
        {"file": "a/net.onnx"},
        {"file": "net.sh"},
        {"sha256": "0"},
        {"source": {"bytes": "9", "addresses": ["file:///a"]}},
        {"source": {"bytes": 9, "addresses": []}},
        {"source": {"bytes": 9, "addresses": ["http://example.org/net.onnx"]}},
        {"source": {"bytes": 9, "addresses": [1]}},
        {"source": None},
    ],
)
def test_a_damaged_manifest_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert "the manifest is damaged" in refused(folder(tmp_path, **changes))


def test_the_manifest_of_imagenet() -> None:
    """It asks for one public file over https, and says what its images and classes are."""
    found = download.wanted(FOLDER)
    assert all(re.match(r"https://[a-z.]+/", address) for address in found.addresses)
    assert found.sha256 in (FOLDER / "CARD.md").read_text()
    assert f"{found.bytes:,} bytes" in (FOLDER / "CARD.md").read_text()
    known = manifest.find(found.file, None)
    assert known.sha256 == found.sha256
    assert known.preprocessing.resize == 256
    ours, theirs = known.preprocessing, manifest.PRESETS["torchvision"]
    assert ours.mean == pytest.approx(theirs.mean)
    assert ours.scale == pytest.approx(theirs.scale)
    assert len(known.labels) == 1000
    kept = selection.read(FOLDER / "everyday.txt", known.labels, 1000)
    assert len(kept.numbers) == 100
    assert kept.labels[0] == "goldfish, Carassius auratus"
