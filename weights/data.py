"""The CIFAR-10 images as tensors: reading the archives, and augmentation.

Archives are `.tar.gz` files of 32x32 pictures named `<folder>/<class>/<number>.jpg`. They are read
without unpacking and stay in memory as uint8; a training batch is cut out of that memory, changed
and turned into 0..1 floats here. Nothing here knows the network.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from weights.classes import LABELS, SIZE

PAD = 4


@dataclass(frozen=True)
class ImageSet:
    """`images` uint8 [n, 32, 32, 3] RGB and `labels` int64 [n], indices into `LABELS`."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def parts(self, size: int) -> Iterator[ImageSet]:
        """The images in order, `size` at a time."""
        for start in range(0, len(self), size):
            yield ImageSet(self.images[start : start + size], self.labels[start : start + size])

    def subset(self, indices: Tensor) -> ImageSet:
        """The images at `indices`, in that order."""
        return ImageSet(self.images[indices], self.labels[indices])


def read_archive(path: Path) -> ImageSet:
    """Every picture of a `.tar.gz`, ordered by name so that an index means the same everywhere.

    Raises ValueError for a picture of another size or in a folder that is no class.
    """
    found: list[tuple[str, int, np.ndarray]] = []
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream is not None:
                label, image = _read_member(member.name, stream.read())
                found.append((member.name, label, image))
    found.sort(key=lambda entry: entry[0])
    images = np.stack([image for _, _, image in found])
    labels = np.array([label for _, label, _ in found], dtype=np.int64)
    return ImageSet(torch.from_numpy(images), torch.from_numpy(labels))


def _read_member(name: str, data: bytes) -> tuple[int, np.ndarray]:
    folder = PurePosixPath(name).parent.name
    if folder not in LABELS:
        raise ValueError(f"{name}: folder {folder!r} is no class; expected one of {LABELS}")
    image = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    if image.shape != (SIZE, SIZE, 3):
        raise ValueError(f"{name}: expected {SIZE}x{SIZE} pixels, found {image.shape[:2]}")
    return LABELS.index(folder), image


def split(data: ImageSet, held_out: int, seed: int) -> tuple[ImageSet, ImageSet]:
    """`data` without `held_out` randomly drawn images, and those images."""
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(seed))
    return data.subset(order[held_out:]), data.subset(order[:held_out])


def balanced_sample(data: ImageSet, count: int, seed: int) -> ImageSet:
    """`count` images, as evenly over the classes as `count` allows, in random order."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(data), generator=generator)
    ranks = torch.empty(len(data), dtype=torch.long)  # the how-manieth of its class, in `order`
    for label in range(len(LABELS)):
        members = order[data.labels[order] == label]
        ranks[members] = torch.arange(len(members))
    chosen = order[torch.argsort(ranks[order], stable=True)][:count]
    return data.subset(chosen[torch.randperm(count, generator=generator)])


def to_float(images: Tensor) -> Tensor:
    """uint8 [n, h, w, 3] to float [n, 3, h, w] in 0..1: the whole preprocessing of the model."""
    return images.permute(0, 3, 1, 2).float() / 255


class Batches:
    """Augmented training batches; iterating `epoch(e)` gives (images [b, 3, 32, 32], labels).

    Always: a random crop of the picture padded by 4 mirrored pixels, and a left-right mirroring
    that alternates from epoch to epoch. While `strong`: also contrast, brightness and colour, and
    every fifth batch enlarged by up to a third, so that photographs unlike the data set's are
    recognised.
    """

    def __init__(self, data: ImageSet, batch: int, seed: int) -> None:
        planes = data.images.permute(0, 3, 1, 2)
        padded = F.pad(planes.float(), (PAD,) * 4, mode="reflect").to(torch.uint8)
        self._windows = padded.unfold(2, SIZE, 1).unfold(3, SIZE, 1).permute(0, 2, 3, 1, 4, 5)
        self._labels = data.labels
        self._batch = batch
        self._random = torch.Generator().manual_seed(seed)
        self._mirrored = torch.rand(len(data), generator=self._random) < 0.5

    def __len__(self) -> int:
        return len(self._labels) // self._batch

    def epoch(self, epoch: int, strong: bool) -> Iterator[tuple[Tensor, Tensor]]:
        """One pass over the data in a fresh order; the last, incomplete batch is left out."""
        order = torch.randperm(len(self._labels), generator=self._random)
        for i in range(len(self)):
            chosen = order[i * self._batch : (i + 1) * self._batch]
            images = self._crop(chosen).float() / 255
            if strong:
                images = self._recolour(images)
                if i % 5 == 0:
                    images = self._enlarge(images)
            mirror = (self._mirrored[chosen] ^ bool(epoch % 2))[:, None, None, None]
            images = torch.where(mirror, images.flip(3), images)
            yield images, self._labels[chosen]

    def _crop(self, chosen: Tensor) -> Tensor:
        corner = torch.randint(2 * PAD + 1, (2, len(chosen)), generator=self._random)
        return self._windows[chosen, corner[0], corner[1]]

    def _recolour(self, images: Tensor) -> Tensor:
        shape = (len(images), 1, 1, 1)
        gain = self._uniform(0.8, 1.2, shape) + self._uniform(-0.1, 0.1, (len(images), 3, 1, 1))
        shift = self._uniform(-0.1, 0.1, shape)
        return ((images - 0.5) * gain + 0.5 + shift).clamp(0, 1)

    def _enlarge(self, images: Tensor) -> Tensor:
        side = int(torch.randint(24, SIZE, (), generator=self._random))
        y, x = torch.randint(SIZE - side + 1, (2,), generator=self._random).tolist()
        part = images[:, :, y : y + side, x : x + side]
        return F.interpolate(part, size=(SIZE, SIZE), mode="bilinear", align_corners=False)

    def _uniform(self, low: float, high: float, shape: tuple[int, ...]) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=self._random)
