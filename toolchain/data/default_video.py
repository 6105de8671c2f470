"""Frames for the default job: a short video panned over photographs, with nothing to download.

The photographs ship inside the scikit-image wheel. A square crop moves over each in a few steps:

    python -m hearth.toolchain.data.default_video build/video --clip build/clip.mp4

writes 00_chelsea.png, 01_chelsea.png, ..., frames for simulation; and a clip of the same shots as a
camera would take them: wide, and 25 frames a second.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from hearth.toolchain.data.clips import writer
from hearth.toolchain.support import files, script
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


CLIP_SIZE = (640, 360)
"""Width and height."""
RATE = 25
CLIP_SECONDS = 2
"""Of a shot."""
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


def write_clip(path: Path, rate: int = RATE, frames: int = RATE * CLIP_SECONDS) -> None:
    """The shots one after another, of so many frames each, the camera gliding."""
    writer.check(path)
    with (
        files.growing(path) as file,
        writer.Writer(path, file, Fraction(1, rate), Fraction(rate)) as clip,
    ):
        for number, shot in enumerate(SHOTS):
            photograph = _photograph(shot.file)
            for step in range(frames):
                frame = _wide(photograph, shot, step / (frames - 1))
                clip.add(np.asarray(frame), Fraction(number * frames + step, rate))


def _wide(photograph: Image.Image, shot: Shot, part: float) -> Image.Image:
    """A crop of the clip's shape, placed to fractions of a pixel, so that it moves evenly."""
    across, down = CLIP_SIZE
    scale = shot.side * min(photograph.width / across, photograph.height / down)
    sides = (across * scale, down * scale)
    left, top = (
        min(max((a + (b - a) * part) * total - side / 2, 0), total - side)
        for a, b, total, side in zip(shot.start, shot.stop, photograph.size, sides, strict=True)
    )
    box = (left, top, left + sides[0], top + sides[1])
    return photograph.resize(CLIP_SIZE, Image.Resampling.BICUBIC, box)


def main() -> None:
    """Write the video as PNG files, and as a clip."""
    parser = argparse.ArgumentParser(description="Write the default video.")
    parser.add_argument("folder", type=Path, help="where the frames go")
    parser.add_argument("--steps", type=int, default=4, help="frames per photograph")
    parser.add_argument("--size", type=int, default=128, help="side of a frame in pixels")
    parser.add_argument("--clip", type=Path, help="also a clip, under this name")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames(options.steps, options.size):
        frame.save(options.folder / f"{name}.png")
    if options.clip is not None:
        write_clip(options.clip)


if __name__ == "__main__":
    script.run(main)
