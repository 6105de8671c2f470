"""Has Yosys prove or refute a property: temporal induction by its own SAT solver, no other tool.

Base case: no run of up to n cycles from reset breaks a property. Step: n cycles in any state at all
that break none are followed by one that breaks none. Both together hold for all time. State that
reset does not set, what is not driven, and what the sources leave undefined is free: the solver
chooses it, in every cycle or once, against us.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hearth.sim.formal.proofs import Proof
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import tools

PROVED = "proved"
REFUTED = "refuted"
OPEN = "open"
"""Not refuted, but the induction does not close: the proof needs more strengthening or depth."""
_BASE = "-tempinduct-baseonly"


@dataclass(frozen=True)
class Outcome:
    """state is PROVED, REFUTED or OPEN; steps is the length of the induction, or of the shortest
    run that breaks a property."""

    state: str
    steps: int
    seconds: float


def prove(proof: Proof) -> Outcome:
    """Prove it for all time. Raises HearthError when Yosys is missing or refuses the sources."""
    return _run(proof, {}, "-tempinduct")


def _run(proof: Proof, changed: Mapping[str, str], how: str) -> Outcome:
    """Search in the way `how`, with the texts of `changed` (by path below hw/) in place of the
    sources."""
    paths = [f"formal/hearth_{proof.block}_proof.sv", *proof.sources]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, path in enumerate(paths):
            text = changed.get(path) or (HARDWARE / path).read_text()
            (folder / f"{number}.sv").write_text(text)
        names = [f"{number}.sv" for number in range(len(paths))]
        (folder / "prove.ys").write_text(script(proof, names, how))
        started = time.perf_counter()
        run = tools.run("yosys", ["-s", "prove.ys"], folder, "prove.log")
        seconds = time.perf_counter() - started
    if run.status:
        raise HearthError(f"{proof.name}: {tools.first_error(run)}")
    state, steps = _read(run.text)
    return Outcome(state, steps, seconds)


def refute(proof: Proof, changed: Mapping[str, str], steps: int) -> Outcome:
    """Look for a run from reset of at most `steps` cycles that breaks what users are promised: a
    real fault, not an induction that does not close or a strengthening that does not hold."""
    return _run(replace(proof, depth=steps), changed, _BASE)


def script(proof: Proof, names: list[str], how: str) -> str:
    """Yosys' commands for sources of these file names; `how` to search."""
    top = f"hearth_{proof.block}_proof"
    defines = ["-DHEARTH_PROPERTIES_ONLY"] if how == _BASE else []
    numbers = " ".join(f"-chparam {name} {value}" for name, value in proof.parameters.items())
    # The proof module reads the block's state by its flattened name ((* hierconn *)).
    lines = [
        f"read_verilog -sv -formal -defer {' '.join([*defines, *names])}",
        f"hierarchy -top {top} {numbers}",
        "prep -nordff",
        "memory_map",
        "flatten",
        *_joined(proof),
        "opt -full",
        # With several clocks all of them become signals, and time goes in steps between edges.
        "async2sync" if proof.clocks == 1 else "clk2fflogic",
        "dffunmap",
        "setundef -undriven -anyseq",
        "opt_clean",
        f"sat {how} -prove-asserts -set-assumes -seq 1 -maxsteps {proof.depth} {top}",
    ]
    return "\n".join(lines) + "\n"


def _joined(proof: Proof) -> list[str]:
    """Join `words` of the proof module to memories that have become registers."""
    registers = [f"\\{memory}[{i}]" for memory, count in proof.words for i in range(count)]
    return [f"connect -set words {','.join(reversed(registers))}"] if registers else []


def _read(log: str) -> tuple[str, int]:
    """What Yosys found, and the number of steps it took."""
    steps = len(re.findall(r"^\[base case \d+\]", log, re.MULTILINE))
    if "Induction step proven: SUCCESS!" in log:
        return PROVED, steps
    if "model found for base case: FAIL!" in log:
        return REFUTED, steps
    if "Reached maximum number of time steps" in log:
        return OPEN, steps
    raise HearthError(f"Yosys ended without an answer:\n{log[-2000:]}")
