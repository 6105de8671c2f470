"""Frames for the default job: a short video panned over photographs, with nothing to download.

The photographs ship inside the scikit-image wheel. A square crop moves over each in a few steps:

    python -m hearth.toolchain.data.default_video build/video

writes 00_chelsea.png, 01_chelsea.png, ...
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True)
class Shot:
    """One photograph and how the camera moves over it.

    file    name inside skimage/data
    side    side of the square crop, in parts of the photograph's shorter side
    start, stop   centre of the crop, first and last, in parts of width and height
    """

    file: str
    side: float
    start: tuple[float, float]
    stop: tuple[float, float]


SHOTS = (
    Shot("chelsea.png", 0.95, (0.42, 0.50), (0.56, 0.50)),
    Shot("rocket.jpg", 0.90, (0.45, 0.50), (0.58, 0.50)),
    Shot("motorcycle_left.png", 0.98, (0.45, 0.50), (0.55, 0.50)),
)


def _photograph(name: str) -> Image.Image:
    spec = find_spec("skimage")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise HearthError("the default video needs scikit-image: run `make setup`")
    return Image.open(Path(folders[0]) / "data" / name).convert("RGB")


def _crop(photograph: Image.Image, side: float, centre: tuple[float, float]) -> Image.Image:
    length = side * min(photograph.size)
    left, top = (
        min(max(part * total - length / 2, 0), total - length)
        for part, total in zip(centre, photograph.size, strict=True)
    )
    return photograph.crop((round(left), round(top), round(left + length), round(top + length)))


def frames(steps: int, size: int) -> Iterator[tuple[str, Image.Image]]:
    """`steps` frames of every shot, size x size pixels, each with a name."""
    count = 0
    for shot in SHOTS:
        photograph = _photograph(shot.file)
        for step in range(steps):
            part = step / max(1, steps - 1)
            x, y = (a + (b - a) * part for a, b in zip(shot.start, shot.stop, strict=True))
            crop = _crop(photograph, shot.side, (x, y))
            name = f"{count:02}_{Path(shot.file).stem}"
            yield name, crop.resize((size, size), Image.Resampling.BICUBIC)
            count += 1


def main() -> None:
    """Write the video as PNG files."""
    parser = argparse.ArgumentParser(description="Write the default video as PNG files.")
    parser.add_argument("folder", type=Path, help="where the frames go")
    parser.add_argument("--steps", type=int, default=4, help="frames per photograph")
    parser.add_argument("--size", type=int, default=128, help="side of a frame in pixels")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames(options.steps, options.size):
        frame.save(options.folder / f"{name}.png")


if __name__ == "__main__":
    script.run(main)
