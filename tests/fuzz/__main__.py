"""Structure-aware fuzzing: `python -m tests.fuzz --count 2000 --seed 1`.

Every mutant is a seed model (seeds.py) with one to four mutations (mutate.py), judged (judge.py) in
a child with limits (sandbox.py). Same seed, same mutants. Those that come out wrong are reduced to
as few mutations as still show it, and kept: the model, and beside it what was done to it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from tests.fuzz import sandbox
from tests.fuzz.judge import RIGHT, Verdict, judge
from tests.fuzz.mutate import MUTATIONS, flipped
from tests.fuzz.mutate.choices import Mutation, NothingToDoError, pick
from tests.fuzz.seeds import faults, seeds
from tests.nets.onnx_nets import photographs

FRAMES = 6


@dataclass(frozen=True)
class Mutant:
    """A seed model's name and the mutations, each with a random stream of its own."""

    number: int
    name: str
    steps: tuple[tuple[int, Mutation], ...]
    bytes_too: bool
    seed: int

    def without(self, index: int) -> Mutant:
        steps = self.steps[:index] + self.steps[index + 1 :]
        return Mutant(self.number, self.name, steps, self.bytes_too, self.seed)


def mutants(seed: int, count: int, names: list[str]) -> Iterator[Mutant]:
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        steps = tuple(
            (i, pick(rng, MUTATIONS)) for i in range(int(rng.choice([1, 1, 1, 2, 2, 3, 4])))
        )
        yield Mutant(number, pick(rng, names), steps, bool(rng.integers(25) == 0), seed)


def plain(names: list[str]) -> Iterator[Mutant]:
    """The seed models themselves."""
    return (Mutant(number, name, (), False, 0) for number, name in enumerate(names))


def build(mutant: Mutant, models: dict[str, onnx.ModelProto]) -> tuple[bytes, list[str]]:
    """The mutant's file and what was done."""
    model = onnx.ModelProto()
    model.CopyFrom(models[mutant.name])
    log = []
    for stream, mutation in mutant.steps:
        rng = np.random.default_rng((mutant.seed, mutant.number, stream))
        before = model.SerializeToString()
        try:
            log.append(f"{mutation.__name__}: {mutation(rng, model)}")
        except (NothingToDoError, ValueError, OverflowError, StopIteration, TypeError):
            model.ParseFromString(before)
    data = model.SerializeToString()
    if mutant.bytes_too:
        data, text = flipped(np.random.default_rng((mutant.seed, mutant.number, 99)), data)
        log.append(text)
    return data, log


class Fuzzer:
    """Judges mutants, two at a time."""

    def __init__(self, folder: Path, models: dict[str, onnx.ModelProto], jobs: int) -> None:
        self.folder = folder
        self.jobs = jobs
        self.models = models
        self.calibration = folder / "frames.npz"
        np.savez(self.calibration, images=photographs(FRAMES, 32, 32))

    def action(self, mutant: Mutant) -> Callable[[], Verdict]:
        path = self.folder / f"m{mutant.number}.onnx"
        path.write_bytes(build(mutant, self.models)[0])
        return lambda: judge(path, self.calibration)

    def run(self, wanted: Iterator[Mutant]) -> Iterator[tuple[Mutant, Verdict]]:
        running: dict[int, Mutant] = {}
        children: list[sandbox.Child] = []
        for mutant in wanted:
            child = sandbox.start(self.action(mutant))
            children.append(child)
            running[child.process] = mutant
            if len(children) >= self.jobs:
                yield self._next(children, running)
        while children:
            yield self._next(children, running)

    def _next(
        self, children: list[sandbox.Child], running: dict[int, Mutant]
    ) -> tuple[Mutant, Verdict]:
        child, verdict = sandbox.finish(children)
        mutant = running.pop(child.process)
        (self.folder / f"m{mutant.number}.onnx").unlink(missing_ok=True)
        return mutant, verdict

    def reduced(self, mutant: Mutant, verdict: Verdict) -> tuple[Mutant, Verdict]:
        """Fewer mutations with the same kind of fault."""
        index = 0
        while index < len(mutant.steps) and len(mutant.steps) > 1:
            smaller = mutant.without(index)
            _, found = next(self.run(iter([smaller])))
            if found.kind == verdict.kind:
                mutant, verdict = smaller, found
            else:
                index += 1
        return mutant, verdict


def keep(mutant: Mutant, verdict: Verdict, fuzzer: Fuzzer, folder: Path) -> str:
    """Write the mutant and its story; returns one line about it."""
    data, log = build(mutant, fuzzer.models)
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{verdict.kind.replace(' ', '_')}_{mutant.seed}_{mutant.number}"
    (folder / f"{stem}.onnx").write_bytes(data)
    story = "\n".join([f"seed {mutant.seed}, mutant {mutant.number}, of {mutant.name}", *log])
    (folder / f"{stem}.txt").write_text(f"{story}\n\n{verdict.kind}: {verdict.detail}\n")
    last = verdict.detail.strip().splitlines()[-1] if verdict.detail.strip() else ""
    return f"{stem} of {mutant.name}: {'; '.join(log)} -> {last[:200]}"


def fuzz(
    models: dict[str, onnx.ModelProto], count: int, seed: int, folder: Path, jobs: int = 2
) -> Counter[str]:
    """How many mutants of the models came to each outcome; faults go to `folder`."""
    outcomes: Counter[str] = Counter()
    lowest: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="hearth-fuzz-") as name:
        fuzzer = Fuzzer(Path(name), models, jobs)
        wanted = mutants(seed, count, list(fuzzer.models))
        wrong = []
        for mutant, verdict in fuzzer.run(wanted):
            outcomes[verdict.kind] += 1
            if verdict.kind == "equal":
                lowest[verdict.detail].append(verdict.decibels)
            if not verdict.right:
                wrong.append((mutant, verdict))
        for mutant, verdict in sorted(wrong, key=lambda pair: pair[0].number):
            print(keep(*fuzzer.reduced(mutant, verdict), fuzzer, folder))
    for kind, found in sorted(lowest.items()):
        print(f"equal {kind} files, lowest of {len(found)}: {np.sort(found)[:8].round(1)} dB")
    return outcomes


def table(jobs: int) -> None:
    """What becomes of the seed models, unchanged."""
    with tempfile.TemporaryDirectory(prefix="hearth-fuzz-") as name:
        fuzzer = Fuzzer(Path(name), seeds() | faults(), jobs)
        judged = list(fuzzer.run(plain(list(fuzzer.models))))
    for mutant, verdict in sorted(judged, key=lambda pair: pair[0].number):
        measured = f" {verdict.decibels:.1f} dB" if verdict.decibels else ""
        last = verdict.detail.strip().splitlines()[-1][:300]
        print(f"{mutant.name}: {verdict.kind}{measured}, {last}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="folder for faults")
    parser.add_argument("--only", default="", help="seed models whose name begins like this")
    parser.add_argument("--plain", action="store_true", help="judge the seed models themselves")
    chosen = parser.parse_args()
    if chosen.plain:
        table(chosen.jobs)
        return 0
    models = {n: m for n, m in (seeds() | faults()).items() if n.startswith(chosen.only)}
    outcomes = fuzz(models, chosen.count, chosen.seed, chosen.keep, chosen.jobs)
    print(", ".join(f"{count} {kind}" for kind, count in outcomes.most_common()))
    return 0 if set(outcomes) <= RIGHT else 1


if __name__ == "__main__":
    sys.exit(main())
