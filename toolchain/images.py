"""Photographs become frames: uint8 RGB [n, height, width, 3], what the hardware's input carries.

Sources: single files, a folder, a CSV with columns file,label (paths relative to the CSV), or a
.npy/.npz array of ready frames. Resizing and cropping follow the model's `Preprocessing`; mean and
scale do not happen here, they are folded into the first convolution (passes/quantize.py), except in
`as_float`, which prepares the same frames for the float model.
"""

from __future__ import annotations

import csv
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from toolchain.errors import HearthError
from toolchain.ir import Array, Preprocessing

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
ARRAYS = (".npy", ".npz")
FRAME_BATCH = 8
LARGEST_PIXELS = 64 << 20
Batches = Iterator[Array]
"""Frames a few at a time, uint8 [n, height, width, 3]."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """A list of images not yet read: files to open, or frames already in memory."""

    source: str
    files: tuple[Path, ...] = ()
    frames: Array | None = None
    labels: tuple[int, ...] = ()
    """Class index of each image, or empty."""

    def __len__(self) -> int:
        return len(self.files) if self.frames is None else len(self.frames)

    def names(self) -> list[str]:
        """What to call each image."""
        if self.frames is None:
            return [str(file) for file in self.files]
        return [f"{self.source}[{index}]" for index in range(len(self.frames))]

    def limited(self, count: int) -> ImageSet:
        """At most `count` images, evenly spread over the set."""
        if len(self) <= count:
            return self
        index = np.linspace(0, len(self) - 1, count).round().astype(int)
        return ImageSet(
            self.source,
            tuple(self.files[i] for i in index) if self.files else (),
            self.frames[index] if self.frames is not None else None,
            tuple(self.labels[i] for i in index) if self.labels else (),
        )

    def whole(self, preprocessing: Preprocessing, size: tuple[int, int]) -> Array:
        """All frames at once: uint8 [n, *size, 3]."""
        return np.concatenate(list(self.batches(preprocessing, size)))

    def batches(
        self, preprocessing: Preprocessing, size: tuple[int, int], count: int = FRAME_BATCH
    ) -> Batches:
        """The frames, `count` at a time: uint8 [n, *size, 3]."""
        for start in range(0, len(self), count):
            if self.frames is not None:
                part = self.frames[start : start + count]
                yield np.stack([fit(self.source, frame, preprocessing, size) for frame in part])
            else:
                files = self.files[start : start + count]
                yield np.stack([read(file, preprocessing, size) for file in files])


def open_set(path: Path) -> ImageSet:
    """A folder, a CSV, an array file or a single image as an `ImageSet`."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise HearthError(f"{path}: no such file or folder of images")
    if path.suffix.lower() == ".csv":
        return labelled(path)
    if path.suffix.lower() in ARRAYS:
        frames, labels = _array(path)
        return ImageSet(str(path), frames=frames, labels=labels)
    return ImageSet(str(path), files=(path,))


def open_all(paths: Sequence[Path]) -> ImageSet:
    """Several image files; or one folder, CSV or array."""
    if len(paths) == 1:
        return open_set(paths[0])
    files: list[Path] = []
    for path in paths:
        part = open_set(path)
        if part.frames is not None:
            raise HearthError(f"{path}: give an array file alone, not together with other images")
        files.extend(part.files)
    return ImageSet(", ".join(str(path) for path in paths), tuple(files))


def labelled(path: Path) -> ImageSet:
    """A CSV with columns file,label: paths relative to the CSV, labels as class indices."""
    files, labels = [], []
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if not {"file", "label"} <= set(reader.fieldnames or ()):
                raise HearthError(
                    f"{path}: columns 'file' and 'label' are expected, found {reader.fieldnames}"
                )
            for row in reader:
                labels.append(_label(path, reader.line_num, row["label"]))
                files.append(path.parent / (row["file"] or ""))
    except OSError as error:
        raise HearthError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise HearthError(f"{path}: not a CSV file: {error}") from None
    if not files:
        raise HearthError(f"{path}: lists no image")
    return ImageSet(str(path), tuple(files), labels=tuple(labels))


def read(path: Path, preprocessing: Preprocessing, size: tuple[int, int]) -> Array:
    """One photograph as uint8 [*size, 3]."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > LARGEST_PIXELS:
                    raise HearthError(
                        f"{path}: {image.width}x{image.height} pixels are more than Hearth reads;"
                        " make it smaller first"
                    )
                return _place(image.convert("RGB"), preprocessing, size)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise HearthError(
            f"{path}: not an image that can be read; supported are"
            f" {', '.join(suffix[1:] for suffix in SUFFIXES)}"
        ) from None
    except (OSError, SyntaxError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HearthError(f"{path}: the image cannot be read: {reason}") from None


def fit(source: str, frame: Array, preprocessing: Preprocessing, size: tuple[int, int]) -> Array:
    """A frame from an array file, brought to the network's size if it has another."""
    if frame.shape[:2] == size:
        return frame
    if min(frame.shape[:2]) < 1:
        raise HearthError(f"{source}: holds frames without pixels")
    return _place(Image.fromarray(frame), preprocessing, size)


def as_float(frames: Array, preprocessing: Preprocessing) -> Array:
    """Frames as the float model wants them: [n, 3, height, width], (pixel - mean) * scale."""
    ordered = frames[..., ::-1] if preprocessing.channel_order == "BGR" else frames
    mean = np.asarray(preprocessing.mean, np.float32)
    scale = np.asarray(preprocessing.scale, np.float32)
    values = (ordered.astype(np.float32) - mean) * scale
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def _place(image: Image.Image, preprocessing: Preprocessing, size: tuple[int, int]) -> Array:
    """Resize (antialiased bilinear) and cut out the centre."""
    height, width = size
    if preprocessing.resize == 0:
        scaled = (width, height)
    else:
        # The shorter side becomes `resize`; more where the crop would not fit otherwise.
        wanted = preprocessing.resize / min(image.width, image.height)
        factor = max(wanted, width / image.width, height / image.height)
        scaled = (
            max(width, round(image.width * factor)),
            max(height, round(image.height * factor)),
        )
        if scaled[0] * scaled[1] > LARGEST_PIXELS:
            raise HearthError(f"an image of {image.width}x{image.height} pixels is too narrow")
    if scaled != image.size:
        image = image.resize(scaled, Image.Resampling.BILINEAR)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return np.asarray(image.crop((left, top, left + width, top + height)), np.uint8)


def _folder(path: Path) -> ImageSet:
    files = sorted(f for f in path.iterdir() if f.suffix.lower() in SUFFIXES and f.is_file())
    if not files:
        raise HearthError(
            f"{path}: the folder holds no image; supported are"
            f" {', '.join(suffix[1:] for suffix in SUFFIXES)}"
        )
    return ImageSet(str(path), tuple(files))


def _array(path: Path) -> tuple[Array, tuple[int, ...]]:
    """Frames uint8 [n, h, w, 3] of a .npy, or `images` (and `labels`) of a .npz."""
    labels: tuple[int, ...] = ()
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.lib.npyio.NpzFile):
            name = "images" if "images" in content.files else content.files[0]
            frames = content[name]
            if "labels" in content.files:
                labels = tuple(int(x) for x in content["labels"].reshape(-1))
        else:
            frames = content
    except (OSError, ValueError, EOFError, IndexError, zipfile.BadZipFile) as error:
        raise HearthError(f"{path}: not a readable NumPy array file: {error}") from None
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not len(frames):
        raise HearthError(
            f"{path}: frames should be uint8 [n, height, width, 3] in RGB, found {frames.dtype}"
            f" {list(frames.shape)}"
        )
    if labels and len(labels) != len(frames):
        raise HearthError(f"{path}: {len(frames)} images, but {len(labels)} labels")
    return frames, labels


def _label(path: Path, line: int, text: str | None) -> int:
    if text is None or not text.strip().isascii() or not text.strip().isdigit():
        raise HearthError(
            f"{path}: line {line}: the label should be a class index from 0, found '{text}'"
        )
    return int(text)
