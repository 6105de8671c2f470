"""The model card: what a network is, what it was trained with, what it reached, what it costs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import onnxruntime

from weights.classes import LABELS
from weights.model import LayerCost
from weights.onnx_writer import OPSET
from weights.subjects import Subject

CALIBRATION = "calibration.npz"
CALIBRATION_IMAGES = 256

CARD = """\
# {name}

{about} {parameters:,} parameters, {macs:,} MACs for one
32x32 frame. Written by `weights/train.py`; do not edit by hand.

| | |
|---|---|
| task | ten classes: {labels} |
| accuracy | **{accuracy:.2f} %** of the {tests:,} test images (ONNX Runtime {runtime}, float32) |
| input | `image` [batch, 3, 32, 32], RGB, pixel / 255, no mean subtracted |
| output | `logits` [batch, 10] |
| file | `{name}.onnx`, {size:,} bytes, opset {opset} |
| date | {date} |
| licence of the weights | Apache-2.0 |

## Data

CIFAR-10 (Krizhevsky 2009, *Learning Multiple Layers of Features from Tiny Images*): {trains:,}
training and {tests:,} test images as JPEG files, nothing else{start}.
The dataset's authors publish it for research without naming a licence, and the pictures
belong to their photographers. {calibration}

## Command

{history}

The test images were reported on, never chosen by: {choice}, and the weights are those of the last
epoch.

## Layers

{structure}

| convolution | in | out | kernel | map | MACs | parameters |
|---|--:|--:|--:|--:|--:|--:|
{rows}
"""

OWN_IMAGES = f"""\
`{CALIBRATION}` holds {CALIBRATION_IMAGES} of the training images
(`images` uint8 [n, 32, 32, 3] RGB, `labels`), evenly over the classes, for int8 calibration without
the dataset."""
SHARED_IMAGES = "For int8 calibration: `--calibration weights/default/calibration.npz`."


def _card_row(cost: LayerCost) -> str:
    kernel, plane = "x".join(map(str, cost.kernel)), f"{cost.height}x{cost.width}"
    return (
        f"| {cost.name} | {cost.inputs} | {cost.outputs} | {kernel} | {plane}"
        f" | {cost.macs:,} | {cost.parameters:,} |"
    )


@dataclass(frozen=True)
class Release:
    """What is measured of a network when it is written: bytes of its file, and the share of the
    test images (0..1) that the file classifies rightly."""

    costs: Sequence[LayerCost]
    size: int
    accuracy: float


def card(subject: Subject, release: Release, trains: int, tests: int, history: str) -> str:
    """The model card. `history` is Markdown: how it was trained."""
    return CARD.format(
        name=subject.name,
        about=subject.about,
        parameters=sum(cost.parameters for cost in release.costs),
        macs=sum(cost.macs for cost in release.costs),
        labels=", ".join(LABELS),
        accuracy=100 * release.accuracy,
        trains=trains,
        tests=tests,
        runtime=onnxruntime.__version__,
        size=release.size,
        opset=OPSET,
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        start=subject.start,
        calibration=OWN_IMAGES if subject.own_images else SHARED_IMAGES,
        history=history,
        choice=subject.choice,
        structure=subject.structure,
        rows="\n".join(_card_row(cost) for cost in release.costs),
    )
