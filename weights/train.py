"""Train the embedded default model, or a network of the zoo, and write everything in its folder.

    python -m weights.train --train-data train.tar.gz --test-data test.tar.gz
    python -m weights.train --network resnet8 --train-data train.tar.gz --test-data test.tar.gz

One run trains a small SqueezeNet (model.py), or one of zoo/networks.py, on CIFAR-10 archives
(data.py), keeps a checkpoint after every epoch, and at the end writes the ONNX file, its manifest,
its card and the calibration images (export.py). `--export-only` writes those from the last
checkpoint; `--resume` goes on from it. The CPU is enough: bfloat16 and channels-last bring an epoch
of the default to about a minute of one core. A GPU is used if PyTorch sees one.
"""

from __future__ import annotations

import argparse
import copy
import math
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from weights import subjects
from weights.data import Batches, ImageSet, read_archive, split, to_float
from weights.export import write_release
from weights.subjects import Subject, Trainable


@dataclass(frozen=True)
class Recipe:
    """How to train.

    `warm_up` and `strong` (augmentation, see data.Batches) end at that share of the run; `average`
    is the share of itself that the running average keeps at each step.
    """

    epochs: int
    batch: int
    peak_rate: float
    seed: int
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.05
    warm_up: float = 0.15
    strong: float = 0.8
    average: float = 0.995
    bfloat16: bool = True

    def rate(self, progress: float) -> float:
        """Learning rate at `progress` (0..1): a linear warm-up, then half a cosine to zero."""
        if progress < self.warm_up:
            return self.peak_rate * (0.04 + 0.96 * progress / self.warm_up)
        rest = (progress - self.warm_up) / (1 - self.warm_up)
        return self.peak_rate * 0.5 * (1 + math.cos(math.pi * rest))


class Trainer:
    """The network being trained, its running average (the one that is kept), and the optimiser."""

    def __init__(self, network: Trainable, recipe: Recipe, device: torch.device) -> None:
        self.recipe = recipe
        self.device = device
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network)
        self.optimiser = torch.optim.SGD(
            _parameter_groups(self.network, recipe.weight_decay),
            lr=recipe.peak_rate, momentum=recipe.momentum, nesterov=True,
        )  # fmt: skip
        self.epoch = 0

    def run_epoch(self, batches: Batches) -> float:
        """Train for one pass over the data; the mean loss."""
        self.network.train()
        losses: list[Tensor] = []
        strong = self.epoch < self.recipe.strong * self.recipe.epochs
        for i, (images, labels) in enumerate(batches.epoch(self.epoch, strong)):
            rate = self.recipe.rate((self.epoch + i / len(batches)) / self.recipe.epochs)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            losses.append(self._step(images, labels))
        self.epoch += 1
        return float(torch.stack(losses).mean())

    def _step(self, images: Tensor, labels: Tensor) -> Tensor:
        images = images.to(self.device, memory_format=torch.channels_last)
        labels = labels.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.bfloat16):
            logits = self.network(images)
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimiser.step()
        self._update_average()
        return loss.detach()

    @torch.no_grad()
    def _update_average(self) -> None:
        states = (self.average.state_dict(), self.network.state_dict())
        for kept, current in zip(*(state.values() for state in states), strict=True):
            if kept.is_floating_point():
                kept.lerp_(current, 1 - self.recipe.average)
            else:
                kept.copy_(current)

    def save(self, path: Path) -> None:
        """Write everything needed to go on, or to export."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint of the same architecture."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.epoch = state["epoch"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])


def _parameter_groups(network: nn.Module, decay: float) -> list[dict[str, object]]:
    """Weights decay; biases and batch normalisation do not."""
    parameters = list(network.parameters())
    return [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
    ]


@torch.no_grad()
def accuracy(network: nn.Module, data: ImageSet, batch: int = 500) -> float:
    """Share of `data` (0..1) whose largest logit is the right class, in float32."""
    device = next(network.parameters()).device
    network.eval()
    right = 0
    for part in data.parts(batch):
        images = to_float(part.images).to(device, memory_format=torch.channels_last)
        right += int((network(images).argmax(1).cpu() == part.labels).sum())
    return right / len(data)


def fit(trainer: Trainer, train: ImageSet, check: ImageSet, checkpoint: Path) -> None:
    """Train to the end of the recipe. `check` is only reported on; nothing is chosen by it."""
    recipe = trainer.recipe
    batches = Batches(train, recipe.batch, recipe.seed + trainer.epoch)
    while trainer.epoch < recipe.epochs:
        start = time.perf_counter()
        loss = trainer.run_epoch(batches)
        seconds = time.perf_counter() - start
        trainer.save(checkpoint)
        share = accuracy(trainer.average, check)
        print(
            f"epoch {trainer.epoch:3d}/{recipe.epochs}  loss {loss:.4f}"
            f"  accuracy {100 * share:.2f} %  {seconds:.1f} s",
            flush=True,
        )


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; what it leaves out is the network's own."""
    parser = argparse.ArgumentParser(prog="python -m weights.train", description=__doc__)
    add = parser.add_argument
    add("--network", default=subjects.DEFAULT, choices=subjects.NAMES, metavar="NAME",
        help=f"one of {', '.join(subjects.NAMES)}")  # fmt: skip
    add("--train-data", type=Path, required=True, help="tar.gz of <folder>/<class>/<picture>")
    add("--test-data", type=Path, required=True, help="the same, for the reported accuracy")
    add("--output", type=Path, help="folder of the results; weights/default, weights/zoo/NAME")
    add("--checkpoint", type=Path, help="build/NAME.pt")
    add("--epochs", type=int)
    add("--batch", type=int, default=128)
    add("--peak-rate", type=float, help="learning rate after the warm-up")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=1, help="CPU threads")
    add("--hold-out", type=int, default=0, help="train on less, check on these; export nothing")
    add("--resume", action="store_true", help="go on from the checkpoint")
    add("--export-only", action="store_true", help="write the results of the checkpoint")
    add("--note", default="", help="a sentence for the card, below the command")
    options = parser.parse_args(arguments)
    subject = subjects.find(options.network)
    own = {"output": subject.folder, "checkpoint": Path(f"build/{subject.name}.pt")}
    own |= {"epochs": subject.epochs, "peak_rate": subject.peak_rate}
    given = {name: value for name, value in vars(options).items() if value is not None}
    return argparse.Namespace(**own | given, subject=subject)


def reproducing_command(options: argparse.Namespace) -> str:
    """The command for the card: what decides the result, and not where the archives lay."""
    words = ["python", "-m", "weights.train"]
    if options.network != subjects.DEFAULT:
        words += ["--network", options.network]
    words += ["--train-data", options.train_data.name, "--test-data", options.test_data.name]
    for name in ("epochs", "batch", "peak_rate", "seed"):
        words += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    return shlex.join(words)


def main(arguments: list[str]) -> None:
    """Train and export, as the command line says."""
    options = parse_arguments(arguments)
    torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    subject: Subject = options.subject
    recipe = Recipe(
        options.epochs, options.batch, options.peak_rate, options.seed,
        strong=subject.strong, bfloat16=subject.bfloat16,
    )  # fmt: skip
    torch.manual_seed(recipe.seed)
    trainer = Trainer(subject.module(), recipe, device)
    if options.resume or options.export_only:
        trainer.load(options.checkpoint)
    train, test = read_archive(options.train_data), read_archive(options.test_data)
    if options.hold_out:
        train, test = split(train, options.hold_out, seed=0)
    if not options.export_only:
        fit(trainer, train, test, options.checkpoint)
    if not options.hold_out:
        history = f"    {reproducing_command(options)}\n\n{options.note}".rstrip()
        write_release(subject, options.output, trainer.average, train, test, history)


if __name__ == "__main__":
    main(sys.argv[1:])
