"""The benches that mutants are put before: each says whether it noticed.

`NetworkBench` simulates one small network, in this process. `ProofBench` has Yosys look for a run
of a block that breaks a property. `TestsBench` copies the repository, breaks the copy and runs the
tests of one area in it, so it can judge any source, Python too.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from hearth.sim.execute import Options
from hearth.sim.formal.proofs import PROOFS
from hearth.sim.formal.prove import PROVED, REFUTED, prove, refute
from hearth.sim.harness import Net
from hearth.sim.nets import simulate_nets
from hearth.sim.results import SimResult
from hearth.toolchain.ir import golden
from hearth.toolchain.rtl import xls
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.support.errors import HearthError
from tests.mutants.kinds import NETWORK, PROOF, Mutant, RomMutant, Verdict
from tests.nets.every_kind import every_kind
from tests.places import CACHE, ROOT

Files = dict[str, str]
RUN = Options(stall_percent=15, seed=7, watchdog=5_000)
TESTS: dict[str, tuple[str, ...]] = {
    "link": ("tests/hw/test_link.py", "-k", "not lint"),  # it would notice for another reason
    "board": ("tests/sim/test_virtual_board.py",),
    "axi": ("tests/hw/test_axi.py", "-k", "not lint"),
    "axi scaler": ("tests/hw/test_axi.py", "-k", "frames_are_marked"),
    "scaler": ("tests/video/test_scaler.py", "-k", "hardware and (odd or wide)"),
    "camera": ("tests/video/test_camera.py", "-k", "pins"),
    "video board": ("tests/sim/test_virtual_camera.py",),
    "registers": ("tests/video/test_camera.py", "-k", "registers_are"),
    "screen board": ("tests/sim/test_virtual_screen.py",),
    "dvi": ("tests/video/test_dvi.py", "-k", "timing or encoder or bits"),
    "screen": ("tests/video/test_screen.py", "-k", "hardware"),
    "load": ("tests/hw/test_axi.py", "-k", "ultra"),
    "host": ("tests/host/test_packets.py", "tests/host/test_pynq.py", "tests/host/test_host.py"),
    "front": (
        "tests/frontend/test_recognise.py",
        "tests/frontend/test_float_forms.py",
        "tests/frontend/test_graphs.py",
    ),
    "inputs": (
        "tests/frontend/test_float_inputs.py",
        "tests/frontend/test_float_ends.py",
        "tests/data/test_grey.py",
    ),
    "constants": ("tests/frontend/test_fold_constants.py",),
    "quantize": ("tests/quantize/test_requantize.py", "tests/quantize/test_quantize.py"),
    "fold": ("tests/hw/test_conv_roms.py", "tests/mapping"),
    "golden": ("tests/ir/test_golden.py",),
    "coding": ("tests/ir/test_coding.py",),
    "sums": ("tests/hw/test_sums.py", "-k", "not hardware"),
    "decode": ("tests/hw/test_decode.py",),
    "memory plan": (
        "tests/targets/test_memory_plan.py",
        "-k",
        "no_other or logic or fewest or sixteen",
    ),
    "pictures": (
        "tests/data/test_decode.py",
        "tests/data/test_decode_refusals.py",
        "tests/data/test_arrays.py",
        "tests/data/test_sets.py",
        "tests/data/test_clips.py",
    ),
    "rom": ("tests/rtl/test_rom.py",),
    "quantized": (
        "tests/adopt/test_quantizers.py",
        "tests/adopt/test_qonnx.py",
        "tests/adopt/test_qdq.py",
        "tests/adopt/test_graphs.py",
    ),
    # Without the tools that not every machine has.
    "bits": ("tests/targets/test_xc7_bits.py", "tests/targets/test_brams.py", "-k", "not real"),
    "xc7": (
        "tests/targets/test_pipeline_registers.py",
        "tests/targets/test_xc7_timing.py",
        "tests/targets/test_xc7.py",
        "-k",
        "not database and not every and not yosys and (registers or timing or clock or flip)",
    ),
    "ecp5": (
        "tests/targets/test_memory_registers.py",
        "tests/targets/test_memory_choices.py",
        "tests/targets/test_operand_registers.py",
        "tests/targets/test_lane_copies.py",
        "tests/targets/test_resets.py",
        "tests/targets/test_placement.py",
    ),
    "forms": ("tests/hw/test_forms.py",),
    "gating": ("tests/hw/test_contract.py", "-k", "gating"),
    "addition": ("tests/hw/test_contract.py", "-k", "addition"),
    "rescale": ("tests/hw/test_contract.py", "-k", "rescale"),
    "table": ("tests/hw/test_contract.py", "-k", "table"),
    "packing": ("tests/ir/test_packing.py", "tests/ir/test_scaling.py", "-k", "not triple or ECP5"),
    "packed": ("tests/hw/test_packed.py",),
    "packed boards": ("tests/targets/test_lanes.py", "-k", "not yosys and not projects"),
    "skipping": ("tests/sim/test_skipping.py",),
    "graphs": ("tests/sim/test_graphs.py", "-k", "equal or schedules"),
}
"""pytest's arguments of each bench that is not NETWORK. The tests stop at the first failure; quick
ones first."""
_COPIED = (
    "hearth",
    "hw",
    "sim",
    "tests",
    "toolchain",
    "weights",
    "docs",
    "README.md",
    "pyproject.toml",
)
RUNS = (4, 10)
"""Lengths of the runs that are searched, in cycles: short ones of all parameters first."""
RUN_OF_CLOCKS = 14
"""The same with several clocks, in edges of any: a beat takes six to cross."""
_TESTS_FAILED = 1
"""pytest's exit status; others say that it could not run."""


class Bench(Protocol):
    """Judges mutants. SystemExit when it cannot: the mutant does not compile, a tool is missing."""

    def untouched(self) -> Verdict:
        """Of the sources as they stand: `survived` if they are right."""

    def judge(self, mutant: Mutant | RomMutant) -> Verdict: ...


@functools.cache
def bench(name: str) -> Bench:
    """A bench by its name."""
    if name == NETWORK:
        return NetworkBench()
    return ProofBench() if name == PROOF else TestsBench(TESTS[name])


class NetworkBench:
    """The network, its right files, and how to break and simulate them."""

    def __init__(self) -> None:
        self.design, self.frames = every_kind()
        self.jobs = {j.module: j for kernel in self.design.kernels for j in kernel.hls}
        self.net = Net(self.design, "hearth_net", golden.run(self.design.qgraph, self.frames))
        self.files = emit(self.design)

    def untouched(self) -> Verdict:
        return self._verdict(self.files)

    def judge(self, mutant: Mutant | RomMutant) -> Verdict:
        return self._verdict(self._broken(mutant))

    def _verdict(self, files: Mapping[str, str]) -> Verdict:
        """What simulation says; an assertion in the hardware that stops it counts, too."""
        try:
            result = self._simulate(files)
        except HearthError as error:
            stopped = re.search(r"Assertion failed in \S+ (.*); see ", str(error))
            if stopped is None:
                raise
            return Verdict(False, stopped[1])
        return Verdict(result.ok, result.verdict)

    def _simulate(self, files: Mapping[str, str]) -> SimResult:
        with tempfile.TemporaryDirectory() as folder:
            return simulate_nets([self.net], files, Path(folder), [RUN], cache=CACHE)[0][0]

    def _broken(self, mutant: Mutant | RomMutant) -> Files:
        """All files with one fault."""
        if isinstance(mutant, RomMutant):
            path = f"rom/{mutant.rom}.hex"
            words = self.files[path].split()
            mutant.change(words)
            return {**self.files, path: "\n".join(words) + "\n"}
        if mutant.source.endswith(".sv"):
            path = f"rtl/{Path(mutant.source).name}"
            return {**self.files, path: mutant.applied(self.files[path])}
        return {**self.files, **self._recompiled(mutant)}

    def _recompiled(self, mutant: Mutant) -> Files:
        """Verilog of every process that the mutant's DSLX source is part of."""
        right = ROOT / mutant.source
        with tempfile.TemporaryDirectory() as folder:
            wrong = Path(folder)
            for source in right.parent.glob("*.x"):
                shutil.copy(source, wrong)
            (wrong / right.name).write_text(mutant.applied(right.read_text()))
            broken = [
                dataclasses.replace(job, source=wrong / job.source.name)
                for job in self.jobs.values()
                if job.source.parent.samefile(right.parent)
                and right.name in xls.sources(job.source)
            ]
            return {f"rtl/{job.module}.v": xls.compile_job(job) for job in broken}


class ProofBench:
    """The proofs of the blocks that a mutant's source is part of: a fault must be found as a run
    from reset that breaks a property."""

    def untouched(self) -> Verdict:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for proof, outcome in zip(PROOFS, pool.map(prove, PROOFS), strict=True):
                if outcome.state != PROVED:
                    return Verdict(False, f"{proof.name}: {outcome.state}")
        return Verdict(True, f"{len(PROOFS)} proofs hold")

    def judge(self, mutant: Mutant | RomMutant) -> Verdict:
        assert isinstance(mutant, Mutant)
        path = mutant.source.removeprefix("hw/")
        changed = {path: mutant.applied((ROOT / mutant.source).read_text())}
        concerned = [proof for proof in PROOFS if path in proof.sources]
        concerned.sort(key=lambda proof: sum(proof.parameters.values()))
        runs = [pair for pair in itertools.product(RUNS, concerned) if pair[1].clocks == 1]
        runs += [(RUN_OF_CLOCKS, proof) for proof in concerned if proof.clocks > 1]
        for steps, proof in runs:
            outcome = refute(proof, changed, steps)
            if outcome.state == REFUTED:
                return Verdict(False, f"{proof.name}: broken in cycle {outcome.steps + 1}")
        return Verdict(True, f"no run breaks any of {len(concerned)} proofs")


class TestsBench:
    """Tests of one area, run in a copy of the repository."""

    __test__ = False  # not a class of tests

    def __init__(self, tests: tuple[str, ...]) -> None:
        self.tests = tests

    def untouched(self) -> Verdict:
        return self._verdict(None)

    def judge(self, mutant: Mutant | RomMutant) -> Verdict:
        assert isinstance(mutant, Mutant)
        return self._verdict(mutant)

    def _verdict(self, mutant: Mutant | None) -> Verdict:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            _copy(root)
            if mutant:
                path = root / mutant.source
                path.write_text(mutant.applied(path.read_text()))
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
            run = subprocess.run(
                [*command, *self.tests],
                cwd=root,
                env={**os.environ, "PYTHONPATH": folder},
                capture_output=True,
                text=True,
                check=False,
            )
        return _judged(run.returncode, run.stdout)


def _copy(target: Path) -> None:
    """The repository's sources; what was built before is shared."""
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source,
                target / name,
                symlinks=True,  # those of the package hearth
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        else:
            shutil.copy(source, target / name)
    CACHE.mkdir(parents=True, exist_ok=True)
    (target / "build").symlink_to(CACHE.parent)


def _judged(status: int, output: str) -> Verdict:
    """What pytest's end means. A skipped test saw nothing, so the bench cannot judge."""
    if status == 0 and " skipped" not in output:
        return Verdict(True, "every test passed")
    failed = re.search(r"^FAILED (?:tests/)?(.*?)(?: - .*)?$", output, flags=re.MULTILINE)
    if status != _TESTS_FAILED or failed is None:
        raise SystemExit(f"the tests could not run:\n{output[-2000:]}")
    return Verdict(False, failed[1])
