"""Mutation check: single faults put into the hardware by hand, each of which simulation must catch.

    python -m tests.mutations [NAME ...]        (make mutants)

A small network with a layer of every kind is emitted once. Each mutant changes one place: a line of
a DSLX or SystemVerilog source, or one word of a ROM. It is caught when a beat differs, is missing
or surplus, when a stream rule is broken, or when a check in the hardware stops the simulation. The
program prints a table and fails if a mutant survives, or if its place is no longer found in the
source.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from sim.execute import Options
from sim.harness import Net
from sim.nets import simulate_nets
from sim.results import SimResult
from tests.every_kind import every_kind
from toolchain import golden, hls
from toolchain.passes.emit import emit, kernels

Files = dict[str, str]
CACHE = Path(__file__).resolve().parent.parent / "build" / "tests"
RUN = Options(stall_percent=15, seed=7, watchdog=5_000)


@dataclass(frozen=True)
class Mutant:
    """One fault: in `source` (a path below hw/), `old` becomes `new`."""

    name: str
    source: str
    old: str
    new: str


@dataclass(frozen=True)
class RomMutant:
    """One fault in the ROM of a kernel: `change` edits its list of words (hexadecimal)."""

    name: str
    rom: str
    change: Callable[[list[str]], None]


def _flip(bit: int) -> Callable[[list[str]], None]:
    def change(words: list[str]) -> None:
        words[0] = f"{int(words[0], 16) ^ (1 << bit):0{len(words[0])}x}"

    return change


def _swap(words: list[str]) -> None:
    words[0], words[1] = words[1], words[0]


MUTANTS: tuple[Mutant | RomMutant, ...] = (
    RomMutant("weight bit", "expand_weights", _flip(6)),
    RomMutant("weight order", "conv1_weights", _swap),
    RomMutant("bias bit", "squeeze_parameters", _flip(10)),
    RomMutant("multiplier bit", "expand_parameters", _flip(33)),
    Mutant(
        "rounding",
        "layers/conv/requantize.x",
        "product + (sN[WIDE]:1 << (SHIFT - u32:1))",
        "product",
    ),
    Mutant(
        "saturation, high end",
        "layers/conv/requantize.x",
        "rounded > (HIGH as sN[WIDE])",
        "rounded > ((HIGH + HIGH) as sN[WIDE])",
    ),
    Mutant(
        "saturation, low end",
        "layers/conv/requantize.x",
        "rounded < (LOW as sN[WIDE])",
        "rounded < (-HIGH as sN[WIDE])",
    ),
    Mutant(
        "activation sign",
        "layers/conv/mac.x",
        "(a[i] as sN[PRODUCT_BITS])",
        "((a[i] as sN[ACTIVATION_BITS]) as sN[PRODUCT_BITS])",
    ),
    Mutant("accumulator kept", "layers/conv/mac.x", "if step.first", "if step.last"),
    Mutant(
        "column counter short by one",
        "layers/conv/walk.x",
        "let last_column = place.column == (OUT_COLUMNS - u32:1)",
        "let last_column = place.column == (OUT_COLUMNS - u32:2)",
    ),
    Mutant(
        "ROM address over skipped taps",
        "layers/conv/walk.x",
        "next_row: (skipped + u32:1)",
        "next_row: (u32:1)",
    ),
    Mutant(
        "centre tap beside the centre",
        "layers/conv/walk.x",
        "(TOP as Tap) - down.outside",
        "(TOP as Tap)",
    ),
    Mutant(
        "row freed before it is read",
        "layers/conv/walk.x",
        "free: if e.pixel && s.pixel.last_column {",
        "free: if s.row_start {",
    ),
    Mutant(
        "row read before it is there",
        "core/line_ring.sv",
        "32'(claim) <= 32'(unclaimed_q)",
        "32'(claim) <= 32'(unclaimed_q) + 32'd1",
    ),
    Mutant(
        "tile begun without room for it",
        "core/line_ring.sv",
        "claim_met && (!last || room_q != '0)",
        "claim_met",
    ),
    Mutant(
        "short tile drained whole", "core/drain.sv", "LeftBits'(WindowLast)", "LeftBits'(FullBeats)"
    ),
    Mutant(
        "parameter address wraps early",
        "core/drain.sv",
        "RomBits'(PixelBeats - 1)",
        "RomBits'(PixelBeats - 2)",
    ),
    Mutant(
        "ceil mode",
        "layers/maxpool/maxpool.x",
        "position <= (count - u32:1) * STRIDE",
        "position < (count - u32:1) * STRIDE",
    ),
    Mutant(
        "maximum becomes minimum", "layers/maxpool/maxpool.x", "if a[i] > b[i]", "if a[i] < b[i]"
    ),
    Mutant(
        "pad value", "layers/border/border.x", "if in_map { mapped } else { constant }", "mapped"
    ),
    Mutant(
        "global pool misses a pixel",
        "layers/globalpool/globalpool.x",
        "(PIXELS - u32:1) as Pixel",
        "(PIXELS - u32:2) as Pixel",
    ),
    Mutant(
        "ties go to the higher class",
        "layers/topk/topk.x",
        "s.logit > s.logits[r]",
        "s.logit >= s.logits[r]",
    ),
    Mutant(
        "FIFO takes a beat too many",
        "stream/fifo.sv",
        "assign s_ready = count_q != CountBits'(Depth);",
        "assign s_ready = 1'b1;",
    ),
    Mutant(
        "FIFO forgets a waiting beat",
        "stream/fifo.sv",
        "pop || (read_valid_q && !read_ready)",
        "pop",
    ),
)


class Bench:
    """The network, its right files, and how to break and simulate them."""

    def __init__(self) -> None:
        self.design, self.frames = every_kind()
        self.jobs = {j.module: j for kernel in kernels(self.design) for j in kernel.hls}
        self.net = Net(self.design, "net", golden.run(self.design.qgraph, self.frames))
        self.files = emit(self.design)

    def simulate(self, files: Mapping[str, str]) -> SimResult:
        with tempfile.TemporaryDirectory() as folder:
            return simulate_nets([self.net], files, Path(folder), [RUN], cache=CACHE)[0][0]

    def broken(self, mutant: Mutant | RomMutant) -> Files:
        """All files with one fault."""
        if isinstance(mutant, RomMutant):
            path = f"rom/{mutant.rom}.hex"
            words = self.files[path].split()
            mutant.change(words)
            return {**self.files, path: "\n".join(words) + "\n"}
        if mutant.source.endswith(".sv"):
            path = f"rtl/{Path(mutant.source).name}"
            return {**self.files, path: _replaced(self.files[path], mutant)}
        return {**self.files, **self._recompiled(mutant)}

    def _recompiled(self, mutant: Mutant) -> Files:
        """Verilog of every process of the mutant's DSLX source."""
        right = hls.HARDWARE
        with tempfile.TemporaryDirectory() as folder:
            wrong = Path(folder) / "hw"
            shutil.copytree(right, wrong)
            text = (right / mutant.source).read_text()
            (wrong / mutant.source).write_text(_replaced(text, mutant))
            hls.HARDWARE = wrong
            hls._compile.cache_clear()
            try:
                jobs = [job for job in self.jobs.values() if job.source == mutant.source]
                return {f"rtl/{job.module}.v": hls.compile_job(job) for job in jobs}
            finally:
                hls.HARDWARE = right
                hls._compile.cache_clear()


def _replaced(text: str, mutant: Mutant) -> str:
    if text.count(mutant.old) != 1:
        raise SystemExit(f"mutant '{mutant.name}': '{mutant.old}' is not once in {mutant.source}")
    return text.replace(mutant.old, mutant.new)


def _outcome(bench: Bench, mutant: Mutant | RomMutant) -> tuple[bool, str]:
    """Whether the mutant survived, and what simulation said."""
    try:
        result = bench.simulate(bench.broken(mutant))
    except RuntimeError as error:
        stopped = re.search(r"Assertion failed in \S+ (.*)", str(error))
        if stopped is None:
            raise
        return False, stopped[1]
    return result.ok, result.verdict


def main(names: Sequence[str]) -> int:
    """Simulate every mutant; the number that survived."""
    console = Console()
    bench = Bench()
    right = bench.simulate(bench.files)
    if not right.ok:
        console.print(f"the network is wrong before it is broken: {right.verdict}")
        return 1
    chosen = [m for m in MUTANTS if not names or m.name in names]
    survivors = 0
    for mutant in chosen:
        survived, verdict = _outcome(bench, mutant)
        survivors += survived
        state = "[red]SURVIVED[/]" if survived else "caught"
        console.print(f"{state:8}  {mutant.name:32} {verdict}", soft_wrap=True)
    console.print(f"{len(chosen) - survivors} of {len(chosen)} mutants caught")
    return survivors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
