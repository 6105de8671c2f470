"""Finds out how a model wants its photographs, and what its classes are called.

Sources, first match wins: a named preset, a JSON file, or `manifest.json` beside the model that
names the model's file. There is no guessing: a wrong mean costs accuracy silently, so a model
without any of these is refused with the list of options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth.toolchain.data import class_names
from hearth.toolchain.ir import COLOUR_ORDERS, Preprocessing
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

PRESETS: Mapping[str, Preprocessing] = {
    # Caffe's SqueezeNets: BGR, ImageNet mean subtracted, no division.
    "caffe": Preprocessing("BGR", (104.0, 117.0, 123.0), (1.0, 1.0, 1.0), 256),
    # torchvision: RGB in 0..1, then ImageNet mean and standard deviation.
    "torchvision": Preprocessing(
        "RGB",
        (0.485 * 255, 0.456 * 255, 0.406 * 255),
        (1 / (0.229 * 255), 1 / (0.224 * 255), 1 / (0.225 * 255)),
        256,
    ),
    # Pixels divided by 255, image resized straight to the network's size.
    "unit": Preprocessing("RGB", (0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255), 0),
    # The pixels themselves, for files that normalize them (preparation.py).
    "raw": Preprocessing("RGB", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 0),
}
LARGEST_JSON = 4 << 20
LARGEST_NUMBER = 1e9
"""Of a mean or a scale; NaN and infinity compare as larger."""


@dataclass(frozen=True)
class Manifest:
    """What must be known about a model beside its ONNX file."""

    preprocessing: Preprocessing
    labels: tuple[str, ...] = ()
    sha256: str = ""
    """Digest the model's file must have; '' when not stated."""
    input_size: tuple[int, int] | None = None
    """Height and width, for files that leave them open."""
    calibration: Path | None = None


def find(model: Path, choice: str | None) -> Manifest:
    """The manifest of `model`. `choice` is a preset, a JSON file, or None for the default."""
    if choice is not None and choice in PRESETS:
        return Manifest(PRESETS[choice], labels=_beside(model).labels if _has(model) else ())
    if choice is not None:
        return _read(Path(choice), model)
    if _has(model):
        return _beside(model)
    raise HearthError(
        f"{model}: how its images are prepared is not known; give --preprocessing"
        f" {'|'.join(PRESETS)}, --preprocessing FILE.json, or put a manifest.json that names"
        f" {model.name} beside it"
    )


def as_json(preprocessing: Preprocessing) -> dict[str, Any]:
    """The form that `--preprocessing FILE.json` and manifests hold."""
    return {
        "channel_order": preprocessing.channel_order,
        "mean": list(preprocessing.mean),
        "scale": list(preprocessing.scale),
        "resize": preprocessing.resize,
    }


def _has(model: Path) -> bool:
    path = model.parent / "manifest.json"
    if not path.is_file():
        return False
    content = reading.json_value(path, LARGEST_JSON)
    return isinstance(content, dict) and content.get("file") == model.name


def _beside(model: Path) -> Manifest:
    return _read(model.parent / "manifest.json", model)


def _read(path: Path, model: Path) -> Manifest:
    """A whole manifest, or a file that holds the preprocessing alone."""
    content = reading.json_value(path, LARGEST_JSON)
    if not isinstance(content, dict):
        raise HearthError(f"{path}: a JSON object is expected")
    whole = "preprocessing" in content
    inner = content["preprocessing"] if whole else content
    if not isinstance(inner, dict):
        raise HearthError(f"{path}: 'preprocessing' should be a JSON object")
    about_model = whole and content.get("file") == model.name
    return Manifest(
        preprocessing=_preprocessing(path, inner),
        labels=class_names.checked(path, content.get("labels", [])),
        sha256=str(content.get("sha256", "")) if about_model else "",
        input_size=_size(path, content.get("input_size")) if whole else None,
        calibration=_calibration(path, content.get("calibration")) if about_model else None,
    )


def _preprocessing(path: Path, content: Mapping[str, Any]) -> Preprocessing:
    resize = content.get("resize", 0)
    if type(resize) is not int or not 0 <= resize <= 8192:
        raise HearthError(f"{path}: 'resize' should be pixels from 0 to 8192, found {resize!r}")
    order = str(content.get("channel_order", "RGB"))
    if order not in COLOUR_ORDERS:
        raise HearthError(
            f"{path}: 'channel_order' should be {', '.join(COLOUR_ORDERS[:-1])} or"
            f" {COLOUR_ORDERS[-1]}, found '{order}'; a model of one channel takes luminance by"
            " itself"
        )
    return Preprocessing(
        channel_order=order,
        mean=_colours(path, "mean", content.get("mean", 0.0), order),
        scale=_colours(path, "scale", content.get("scale", 1.0), order),
        resize=resize,
    )


def _colours(path: Path, key: str, value: Any, order: str) -> tuple[float, ...]:
    """Finite numbers, one per colour; one number stands for all."""
    count = {3: "three", 4: "four"}[len(order)]
    wrong = HearthError(
        f"{path}: '{key}' should be {count} finite numbers, the channels {order}, found {value!r}"
    )
    if isinstance(value, int | float):
        value = [value]
    if isinstance(value, list) and len(value) == 1:
        value = value * len(order)
    if not isinstance(value, list) or len(value) != len(order):
        raise wrong
    if not all(type(x) in (int, float) and abs(x) <= LARGEST_NUMBER for x in value):
        raise wrong
    return tuple(float(x) for x in value)


def _size(path: Path, value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    pair = [value, value] if isinstance(value, int) else value
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(x, int) for x in pair):
        raise HearthError(f"{path}: 'input_size' should be [height, width], found {value!r}")
    return (int(pair[0]), int(pair[1]))


def _calibration(path: Path, value: Any) -> Path | None:
    if value is None:
        return None
    relative = Path(str(value))
    if relative.is_absolute() or ".." in relative.parts:
        raise HearthError(f"{path}: 'calibration' should name a file beside it, found '{value}'")
    return path.parent / relative
