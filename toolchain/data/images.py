"""Photographs become frames: uint8 RGB [n, height, width, 3], what the hardware's input carries.

A network of one channel takes luminance: its frames are [n, height, width, 1]. One of four takes
colours and alpha, [n, height, width, 4], of pictures and arrays that have it: no fourth channel is
made up, and none is dropped from an array.
Sources: single files, a folder with all folders below it, a CSV of files (with or without labels),
a .npy/.npz array of ready frames, a clip or a camera; pictures/ and clips/ read them. Resizing and
cropping follow the model's `Preprocessing`, by Pillow, or for a set that is `seen_by` a camera's
hardware by that (toolchain/video); mean and scale do not happen here, they are folded into the
first convolution (quantize/int8.py), except in `as_float`, which prepares the same frames for the
float model. Nothing is read before its batch is asked for, and no more than a batch is kept.
"""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from hearth.toolchain.data.clips import source as clips
from hearth.toolchain.data.clips.camera import Camera
from hearth.toolchain.data.clips.part import Part
from hearth.toolchain.data.pictures import arrays, decode, folder, labels, table
from hearth.toolchain.data.pictures.budget import LARGEST_FILE, LARGEST_PIXELS
from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.video import geometry
from hearth.toolchain.video.scaler import scaler

FRAME_BATCH = 8
ALPHA = 4
"""Channels of a network that takes a fourth beside the colours."""
_MODES = {1: "L", 3: "RGB", ALPHA: "RGBA"}
"""Pillow's for so many channels."""
WHOLE = Part()
Batches = Iterator[Array]
"""Frames a few at a time, uint8 [n, height, width, channels]."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images not yet read: files to open, or frames of an array file, a clip or a camera."""

    source: str
    files: tuple[str, ...] = ()
    frames: arrays.Frames | clips.Moving | None = None
    labels: tuple[int, ...] = ()
    """Class index of each image, or empty."""
    groups: tuple[str, ...] = ()
    """Folder of each image directly below a folder, '' for none; empty for other sources."""
    camera: geometry.Camera | None = None
    """What the images are seen by, if they are not resized as they are."""

    def __len__(self) -> int:
        """How many; of a clip at most so many, of a camera without a limit 0."""
        return len(self.files) if self.frames is None else len(self.frames)

    @property
    def moving(self) -> bool:
        """Of a clip or a camera."""
        return isinstance(self.frames, clips.Moving)

    @property
    def live(self) -> bool:
        """Of a camera, which shows other frames each time."""
        return isinstance(self.frames, Camera)

    def limited(self, count: int) -> ImageSet:
        """At most `count` images, evenly spread over the set; of a camera the next ones."""
        if isinstance(self.frames, Camera):
            return replace(self, frames=self.frames.first(count))
        if len(self) <= count:
            return self
        return self.subset(np.linspace(0, len(self) - 1, count).round().astype(int).tolist())

    def subset(self, index: Sequence[int]) -> ImageSet:
        """The images at these places, in this order."""
        if isinstance(self.frames, Camera):
            raise HearthError(f"{self.source}: a camera shows no frame twice; record a clip first")
        return replace(
            self,
            files=tuple(self.files[i] for i in index) if self.files else (),
            frames=self.frames.subset(index) if self.frames is not None else None,
            labels=tuple(self.labels[i] for i in index) if self.labels else (),
            groups=tuple(self.groups[i] for i in index) if self.groups else (),
        )

    def seen_by(self, camera: geometry.Camera) -> ImageSet:
        """The same images as a camera shows them to the network; the source's name says so."""
        return replace(self, camera=camera, source=f"{self.source} (camera {camera})")

    def whole(self, preprocessing: Preprocessing, size: tuple[int, int]) -> Array:
        """All frames at once: uint8 [n, *size, channels]."""
        return np.concatenate(list(self.batches(preprocessing, size)))

    def batches(
        self, preprocessing: Preprocessing, size: tuple[int, int], count: int = FRAME_BATCH
    ) -> Batches:
        """The frames, `count` at a time: uint8 [n, *size, channels]."""
        named = self.named_batches(preprocessing, size, count)
        return (frames for _, frames in named)

    def named_batches(
        self, preprocessing: Preprocessing, size: tuple[int, int], count: int = FRAME_BATCH
    ) -> Iterator[tuple[list[str], Array]]:
        """The same, with what to call each image."""
        frames = self._named(preprocessing, size)
        while part := list(itertools.islice(frames, count)):
            yield [name for name, _ in part], np.stack([frame for _, frame in part])

    def _named(
        self, preprocessing: Preprocessing, size: tuple[int, int]
    ) -> Iterator[tuple[str, Array]]:
        wanted = preprocessing, size, self.camera
        if self.frames is None:
            for file in self.files:
                yield file, read(Path(file), *wanted)
        elif isinstance(self.frames, arrays.Frames):
            for index, frame in enumerate(self.frames):
                yield f"{self.source}[{index}]", fit(self.source, frame, *wanted)
        else:
            for shown in self.frames.shown():
                yield f"{self.source} {shown.name}", fit(self.source, shown.pixels, *wanted)


def open_set(path: Path, part: Part = WHOLE) -> ImageSet:
    """A folder, a CSV, an array file, a clip, a camera or a single image as an `ImageSet`."""
    if _is_folder(path):
        return _part(_open_still(path), part)
    moving = clips.find(path, part)
    return _part(_open_still(path), part) if moving is None else ImageSet(str(path), frames=moving)


def _part(chosen: ImageSet, part: Part) -> ImageSet:
    """Every so many of images that have no times."""
    if part.start:
        raise HearthError(
            f"--start {part.start:g}: {chosen.source} is no clip, so its images have no times;"
            " leave --start out"
        )
    return chosen if part.every == 1 else chosen.subset(range(0, len(chosen), part.every))


def _open_still(path: Path) -> ImageSet:
    if _is_folder(path):
        files, groups = folder.pictures(path)
        return ImageSet(str(path), tuple(files), groups=tuple(groups))
    if path.suffix.lower() in table.SUFFIXES:
        listed, found = table.read(path)
        return ImageSet(str(path), listed, labels=found)
    if path.suffix.lower() in arrays.SUFFIXES:
        frames, found = arrays.open_frames(path)
        return ImageSet(str(path), frames=frames, labels=found)
    reading.check(path, LARGEST_FILE)
    return ImageSet(str(path), (str(path),))


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise HearthError(f"{path}: no such file or folder of images") from None
    except (OSError, ValueError) as error:
        raise reading.unreadable(path, error) from None


def open_labelled(path: Path, names: Sequence[str], classes: int) -> tuple[ImageSet, str]:
    """A set with labels below `classes`, and a sentence if they come from the names of folders.

    `names` are the classes' names, where the build has some.
    """
    chosen = open_set(path)
    if any(chosen.groups):
        found, origin = labels.of_folders(chosen.source, chosen.groups, names, classes)
        return replace(chosen, labels=found), origin
    if not chosen.labels:
        raise HearthError(
            f"--labels: {path} holds no labels; give a CSV with file,label, an .npz with labels, or"
            " a folder with one folder per class"
        )
    labels.check_classes(chosen.source, chosen.labels, classes)
    return chosen, ""


def open_all(paths: Sequence[Path], part: Part = WHOLE) -> ImageSet:
    """Several image files; or one folder, CSV, array, clip or camera."""
    if len(paths) == 1:
        return open_set(paths[0], part)
    files: list[str] = []
    for path in paths:
        found = open_set(path)
        if found.frames is not None:
            kind = (
                "an array file" if isinstance(found.frames, arrays.Frames) else "a clip or camera"
            )
            raise HearthError(f"{path}: give {kind} alone, not together with other images")
        files.extend(found.files)
    return _part(ImageSet(", ".join(str(path) for path in paths), tuple(files)), part)


def read(
    path: Path,
    preprocessing: Preprocessing,
    size: tuple[int, int],
    camera: geometry.Camera | None = None,
) -> Array:
    """One photograph as uint8 [*size, channels]."""
    alpha = preprocessing.channels == ALPHA
    return _place(str(path), decode.picture(path, alpha), preprocessing, size, camera)


def fit(
    source: str,
    frame: Array,
    preprocessing: Preprocessing,
    size: tuple[int, int],
    camera: geometry.Camera | None = None,
) -> Array:
    """A frame from an array file, brought to the network's size and channels if it has others."""
    if camera is None and frame.shape == (*size, preprocessing.channels):
        return frame
    if (frame.shape[2] == ALPHA) != (preprocessing.channels == ALPHA):
        raise HearthError(
            f"{source}: frames of {frame.shape[2]} channels, but the network takes"
            f" {preprocessing.channels}; save them as uint8 [n, height, width,"
            f" {preprocessing.channels}]"
        )
    pixels = frame[..., 0] if frame.shape[2] == 1 else frame
    return _place(source, Image.fromarray(pixels), preprocessing, size, camera)


def as_float(frames: Array, preprocessing: Preprocessing) -> Array:
    """Frames as the float model wants them: (pixel - mean) * scale, channels before pixels."""
    ordered = preprocessing.exchanged(frames)
    mean = np.asarray(preprocessing.mean, np.float32)
    scale = np.asarray(preprocessing.scale, np.float32)
    values = (ordered.astype(np.float32) - mean) * scale
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def window(
    picture: tuple[int, int], preprocessing: Preprocessing, size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """What the network sees of a picture of this width and height: left, top, right and bottom."""
    height, width = size
    scaled = geometry.resized(preprocessing, picture, size)
    across, down = picture[0] / scaled[0], picture[1] / scaled[1]
    left, top = (scaled[0] - width) // 2, (scaled[1] - height) // 2
    return left * across, top * down, (left + width) * across, (top + height) * down


def _place(
    source: str,
    image: Image.Image,
    preprocessing: Preprocessing,
    size: tuple[int, int],
    camera: geometry.Camera | None,
) -> Array:
    """Colours as the network wants them, resized (antialiased bilinear), the centre cut out.

    Luminance is that of ITU-R 601: (299 R + 587 G + 114 B) / 1000, as Pillow's mode L has it.
    A fourth channel is resized like the colours and beside them: it may be a depth.
    A camera sees as much of the picture as fills its own, and does the rest in hardware.
    """
    height, width = size
    image = image.convert(_MODES[preprocessing.channels])
    if camera is not None:
        seen = filling(image, camera)
        pixels = np.asarray(seen, np.uint8).reshape(seen.height, seen.width, -1)
        return scaler(camera, preprocessing, size).golden(pixels)
    scaled = geometry.resized(preprocessing, image.size, size)
    if scaled[0] * scaled[1] > LARGEST_PIXELS:
        raise HearthError(
            f"{source}: an image of {image.width}x{image.height} pixels is too narrow"
        )
    if scaled != image.size:
        planes = [p.resize(scaled, Image.Resampling.BILINEAR) for p in _planes(image)]
        image = _joined(planes)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    pixels = np.asarray(image.crop((left, top, left + width, top + height)), np.uint8)
    return pixels.reshape(height, width, preprocessing.channels)


def filling(image: Image.Image, camera: geometry.Camera) -> Image.Image:
    """The image's middle, of the camera's shape, brought to its size (antialiased bilinear)."""
    sides = camera.width, camera.height
    if image.size == sides:
        return image
    planes = _planes(image)
    return _joined([ImageOps.fit(p, sides, Image.Resampling.BILINEAR) for p in planes])


def _planes(image: Image.Image) -> tuple[Image.Image, ...]:
    """What is resized by itself: Pillow would have a fourth channel weigh the colours."""
    return image.split() if image.mode == _MODES[ALPHA] else (image,)


def _joined(planes: Sequence[Image.Image]) -> Image.Image:
    """One image of what `_planes` took apart."""
    return Image.merge(_MODES[ALPHA], planes) if len(planes) > 1 else planes[0]
