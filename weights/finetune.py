"""Fine-tune the embedded default model with few-bit weights and write weights/default_4bit/.

    python -m weights.finetune --train-data train.tar.gz --test-data test.tar.gz

Starts from the committed float ONNX file: the compiler quantizes it and rounds its weights to
codebooks (toolchain/few_bits/calibrated.py, calibrated on the committed images), and the integer
network is then trained further (student.py) to give the float network's class probabilities on
augmented training images, so that no label is needed (distillation: Hinton et al. 2015, arXiv
1503.02531).
What is written is a QDQ file whose integers `hearth compile` keeps (toolchain/saved/qdq_file.py),
its manifest and its card. `--hold-out` keeps training images back, reports on them instead of the
test images and writes nothing: that is how a recipe is chosen.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import math
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hearth.toolchain.data import images, manifest
from hearth.toolchain.few_bits import compression
from hearth.toolchain.few_bits.calibrated import few_bits, sample
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import Graph, QGraph, golden
from hearth.toolchain.pipeline import front_end
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.saved.qdq_file import OPSET, qdq_model
from weights.classes import LABELS
from weights.data import Batches, ImageSet, read_archive, split, to_float
from weights.student import Student

FLOAT = Path(__file__).parent / "default" / "squeezenet_cifar10.onnx"
CALIBRATION_IMAGES = 40
WARM_UP = 20
"""Steps until the learning rates are reached."""


@dataclass(frozen=True)
class Recipe:
    """How to train. Rates are Adam's: for latent weights and codebooks in units of the int8
    entries, for gains in shares, for biases in steps of the layer's result."""

    bits: int
    epochs: int
    batch: int
    seed: int
    rate: float
    book_rate: float = 0.01
    gain_rate: float = 3e-4
    bias_rate: float = 0.01

    def share(self, step: int, steps: int) -> float:
        """Of the rates at a step: a short warm-up, then half a cosine to zero."""
        return min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


def rounded(model: OnnxModel, graph: Graph, found: manifest.Manifest, bits: int) -> QGraph:
    """The few-bit network that the compiler makes of the float one, before any training."""
    assert found.calibration is not None, "the default model brings its calibration images"
    chosen = images.open_set(found.calibration)
    frames = chosen.whole(found.preprocessing, (graph.height, graph.width))
    statistics = calibration.collect(model, graph, [frames], found.preprocessing, chosen.source)
    qgraph = quantize(graph, statistics, found.preprocessing)
    samples = sample(qgraph, model, graph, frames)
    return few_bits(qgraph, graph, samples, Plan(Format(bits, codebook=True)))


def optimiser(student: Student, recipe: Recipe) -> torch.optim.Adam:
    """Adam with a rate for each kind of parameter; `base` keeps it."""
    convs = student.convs()
    latents = [p for c in convs for p in (c.window, c.centre) if p is not None]
    kinds = [
        (latents, recipe.rate),
        ([c.book for c in convs], recipe.book_rate),
        ([c.gain for c in convs], recipe.gain_rate),
        ([c.bias for c in convs], recipe.bias_rate),
    ]
    groups = [{"params": parameters, "lr": rate, "base": rate} for parameters, rate in kinds]
    return torch.optim.Adam(groups, betas=(0.9, 0.99))


def train(student: Student, teacher: Reference, data: ImageSet, recipe: Recipe) -> None:
    """Bring the student's class probabilities to the teacher's."""
    batches = Batches(data, recipe.batch, recipe.seed)
    adam, steps, step = optimiser(student, recipe), recipe.epochs * len(batches), 0
    for epoch in range(recipe.epochs):
        start, losses = time.perf_counter(), list[Tensor]()
        for pictures, _ in batches.epoch(epoch, strong=False):
            for group in adam.param_groups:
                group["lr"] = group["base"] * recipe.share(step, steps)
            wanted = torch.from_numpy(teacher.run(pictures.contiguous().numpy())[0]).flatten(1)
            frames = (pictures * 255).round().permute(0, 2, 3, 1)
            loss = divergence(wanted, student(frames))
            adam.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            adam.step()
            student.tidy()
            losses.append(loss.detach())
            step += 1
        mean, seconds = float(torch.stack(losses).mean()), time.perf_counter() - start
        print(f"epoch {epoch + 1}  divergence {mean:.5f}  {seconds:.0f} s", flush=True)


def divergence(wanted: Tensor, found: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence of class probabilities, nats."""
    p, q = wanted.log_softmax(1), found.log_softmax(1)
    return F.kl_div(q, p, log_target=True, reduction="batchmean")


def golden_logits(qgraph: QGraph, data: ImageSet) -> np.ndarray:
    """Logits [n, classes] of the integer golden model."""
    parts = [golden.run(qgraph, part.images.numpy())[-1] for part in data.parts(50)]
    return golden.logits(qgraph, np.concatenate(parts))


def report(name: str, logits: np.ndarray, wanted: np.ndarray, data: ImageSet) -> float:
    """Print accuracy, agreement with the float network, and divergence; the accuracy."""
    best = logits.argmax(axis=1)
    right = 100 * float((best == data.labels.numpy()).mean())
    same = 100 * float((best == wanted.argmax(axis=1)).mean())
    apart = float(divergence(torch.from_numpy(wanted).double(), torch.from_numpy(logits)))
    print(f"{name:12s} {right:.2f} % right, {same:.2f} % as float, KL {apart:.5f}", flush=True)
    return right


CARD = """\
# {name}

The network of `weights/default` with {bits}-bit codebooks in place of float weights: at most
{entries} int8 values for every convolution or expand stage. Written by `weights/finetune.py`; do
not edit by hand.

| | |
|---|---|
| task | ten classes: {labels} |
| accuracy | **{accuracy:.2f} %** of the {tests:,} test images, integer golden model |
| float model | {float:.2f} % |
| before training | {before:.2f} % with codebooks from calibration alone |
| weight ROM | {rom:,} bytes of indices and codebooks; int8 {int8:,} |
| biases and multipliers | {channels:,} bytes |
| input | `image` [batch, 3, 32, 32], RGB, pixel / 255, no mean subtracted |
| file | `{name}.onnx`, {size:,} bytes, QDQ, opset {opset} |
| date | {date} |
| licence of the weights | Apache-2.0 |

`hearth compile` keeps the file's integers, finds that they take few values per layer, and stores
indices. Data, preprocessing and layers are those of [the float model](../default/CARD.md).

## Command

    {command}

Only training images are learned from. The recipe was chosen on training images held back
(`--hold-out`); the test images were reported on at the end, never chosen by.
"""


@dataclass(frozen=True)
class Accuracy:
    """Shares of the test images in percent: float network, rounded, and trained."""

    real: float
    before: float
    after: float
    images: int


def card(qgraph: QGraph, name: str, size: int, found: Accuracy, command: str, bits: int) -> str:
    """The model card."""
    sizes = compression.network(qgraph)
    return CARD.format(
        name=name,
        bits=bits,
        entries=1 << bits,
        labels=", ".join(LABELS),
        accuracy=found.after,
        float=found.real,
        before=found.before,
        tests=found.images,
        rom=math.ceil(sizes.fixed / 8),
        int8=math.ceil(sizes.int8 / 8),
        channels=compression.channel_bytes(qgraph),
        size=size,
        opset=OPSET,
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        command=command,
    )


def write(folder: Path, serialized: bytes, card_text: str, name: str) -> None:
    """The QDQ file, its manifest, its card, and a few photographs: the file has every scale, so
    calibration only measures."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(serialized)
    about = json.loads((FLOAT.parent / "manifest.json").read_text())
    digest = hashlib.sha256(serialized).hexdigest()
    about |= {"name": name, "file": f"{name}.onnx", "sha256": digest}
    with np.load(FLOAT.parent / "calibration.npz") as found:
        few = {name: found[name][:CALIBRATION_IMAGES] for name in ("images", "labels")}
    np.savez_compressed(folder / about["calibration"], **few)
    (folder / "manifest.json").write_text(json.dumps(about, indent=2) + "\n")
    (folder / "CARD.md").write_text(card_text)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m weights.finetune", description=__doc__)
    add = parser.add_argument
    add("--train-data", type=Path, required=True, help="tar.gz of <folder>/<class>/<picture>")
    add("--test-data", type=Path, required=True, help="the same, for the reported accuracy")
    add("--output", type=Path, default=FLOAT.parents[1] / "default_4bit")
    add("--bits", type=int, default=4)
    add("--epochs", type=int, default=1)
    add("--batch", type=int, default=64)
    add("--rate", type=float, default=0.03, help="learning rate of the latent weights")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=1, help="CPU threads")
    add("--hold-out", type=int, default=0, help="train on less, check on these; write nothing")
    return parser.parse_args(arguments)


def reproducing_command(options: argparse.Namespace) -> str:
    """The command for the card: what decides the result, and not where the archives lay."""
    words = ["python", "-m", "weights.finetune", "--train-data", options.train_data.name]
    words += ["--test-data", options.test_data.name]
    for name in ("bits", "epochs", "batch", "rate", "seed"):
        words += [f"--{name}", str(getattr(options, name))]
    return shlex.join(words)


def main(arguments: list[str]) -> None:
    """Round, train, measure, and write."""
    options = parse_arguments(arguments)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    recipe = Recipe(options.bits, options.epochs, options.batch, options.seed, options.rate)
    found = manifest.find(FLOAT, None)
    model, graph = front_end(FLOAT, None)
    teacher = Reference(model, [graph.layers[-1].tensor])
    data, check = read_archive(options.train_data), read_archive(options.test_data)
    if options.hold_out:
        data, check = split(data, options.hold_out, seed=0)
    wanted = teacher.run(to_float(check.images).contiguous().numpy())[0].reshape(len(check), -1)
    real = report("float", wanted, wanted, check)
    start = rounded(model, graph, found, recipe.bits)
    before = report("rounded", golden_logits(start, check), wanted, check)
    student = Student(start).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    train(student, teacher, data, recipe)
    trained = student.integers()
    after = report("trained", golden_logits(trained, check), wanted, check)
    if not options.hold_out:
        name = f"{FLOAT.stem}_{recipe.bits}bit"
        serialized = qdq_model(trained, graph).SerializeToString(deterministic=True)
        shares = Accuracy(real, before, after, len(check))
        command = reproducing_command(options)
        text = card(trained, name, len(serialized), shares, command, recipe.bits)
        write(options.output, serialized, text, name)


if __name__ == "__main__":
    main(sys.argv[1:])
