"""What can be trained: the embedded default model and the networks of the zoo, by name.

A subject says how its module is made, for how long it is trained, and what its card says of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from weights.model import Architecture, SqueezeNet
from weights.zoo.module import Network
from weights.zoo.networks import NETWORKS

Trainable = SqueezeNet | Network
DEFAULT = "squeezenet_cifar10"
FOLDER = Path(__file__).parent
NAMES = (DEFAULT, *(name for name, entry in NETWORKS.items() if entry.epochs))

STRUCTURE = """\
A plain chain; batch normalisation is already folded in. The Fire modules follow from
base_e = {a.base_e}, incr_e = {a.incr_e}, freq = {a.freq}, pct3x3 = {a.pct3x3} and a squeeze ratio
of {a.squeeze_ratio} (Iandola et al. 2016, section 5.1). Max-pools are 3x3, stride 2, ceil mode, and
follow conv1{pools}.
Every convolution but conv10 is followed by a ReLU."""


@dataclass(frozen=True)
class Subject:
    """One of them. `about`, `start`, `choice` and `structure` are pieces of its card.

    - folder: where its files lie
    - strong: share of the run with strong augmentation (data.Batches)
    - own_images: whether it brings calibration images, or uses the default's
    """

    name: str
    folder: Path
    module: Callable[[], Trainable]
    epochs: int
    peak_rate: float
    strong: float
    bfloat16: bool
    about: str
    start: str
    choice: str
    structure: str
    own_images: bool


def find(name: str) -> Subject:
    """The subject of that name."""
    return _default() if name == DEFAULT else _of_the_zoo(name)


def _default() -> Subject:
    architecture = Architecture()
    pools = "".join(f", fire{i + 2}" for i in architecture.pool_after)
    return Subject(
        DEFAULT,
        FOLDER / "default",
        lambda: SqueezeNet(architecture),
        epochs=56,
        peak_rate=0.3,
        strong=0.8,
        bfloat16=True,
        about="A SqueezeNet small enough for the smallest boards:",
        start="; the network starts from random\nweights",
        choice="the architecture was chosen on images held out of\nthe training set (`--hold-out`)",
        structure=STRUCTURE.format(a=architecture, pools=pools),
        own_images=True,
    )


def _of_the_zoo(name: str) -> Subject:
    entry = NETWORKS[name]
    start = entry.start
    return Subject(
        name,
        FOLDER / "zoo" / name,
        lambda: Network(entry.blueprint(), None if start is None else start()),
        entry.epochs,
        entry.peak_rate,
        strong=0.0,
        bfloat16=entry.bfloat16,
        about=f"{entry.paper} Of the zoo (`weights/zoo/networks.py`):",
        start="; " + (entry.origin or "the network starts from random weights"),
        choice="neither widths nor lengths of training were chosen by them",
        structure="Batch normalisation is already folded in.",
        own_images=False,
    )
