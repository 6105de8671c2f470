"""A layer may be called like anything: our modules, keywords of the languages we write, itself.

The words are taken from our own sources and from the languages' lists; all of them together are one
network, which is simulated.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers import examples, kinds
from hearth.hw.layers.conv import Conv
from hearth.sim import verilator
from hearth.sim.build import RTL, bench_sources
from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.nets import bench, simulate_nets
from hearth.toolchain.ir import Design, Edge, Layer, Preprocessing, QGraph, golden
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.rtl.emit import Files, emit, shared_jobs
from hearth.toolchain.rtl.verilog import MODEL_PREFIX, identifier, packages_first, part_of
from hearth.toolchain.support.paths import HARDWARE
from tests.nets.every_kind import every_kind
from tests.nets.toy import Toy
from tests.places import CACHE

GENERATED = ("hearth_net", "hearth_harness", "hearth_board", "hearth_top", "hearth_axi", "build_id")
"""Modules whose text Python writes, and the ROM that only boards have."""
# Names that another layer's parts, wires or instances might have.
RELATIVES = """
    conv1 conv1_walk conv1__walk conv1_weights CONV1 conv1/walk conv1_parameters conv1_probe conv1_d
    conv1_q conv1_d_data conv1_busy hearth_layer_conv1 layer_conv1 layer layer_ 1 _ input output
    s_data m_valid load_0 u_edge_0 edge_0 edge0 in0 out0 unused observed ROM.hex con nul aux prn
    com1
"""
EMITTED = """
    hearth_net hearth_harness hearth_fifo hearth_mac_1x1_a8w8 net harness fifo ram rom skid gearbox
    line_ring drain walk mac mac_1x1_a8w8 border
"""
# IEEE 1800-2017, Annex B (its SystemVerilog half and what VHDL, UVM and tools add).
SYSTEM_VERILOG = """
    accept_on alias always always_comb always_ff always_latch and assert assign assume automatic
    before begin bind bins binsof bit break buf bufif0 byte case casex cell chandle checker class
    clocking cmos config const constraint context continue cover covergroup coverpoint cross
    deassign default defparam design disable dist do edge else end endmodule enum event export
    extends extern final for force foreach forever fork function generate genvar global if iff
    implements import include initial inout input inside instance int integer interface interconnect
    join let liblist library local localparam logic longint macromodule matches medium modport
    module nand negedge nettype new nexttime nmos nor not null or output package packed parameter
    pmos posedge primitive priority program property protected pull0 pure rand randc real realtime
    ref reg release repeat restrict return sequence shortint signed soft solve specify static string
    strong struct super supply0 table tagged task this throughout time timeunit tri type typedef
    union unique unsigned use uwire var vectored virtual void wait wand while wildcard wire with
    within wor xnor xor entity architecture uvm_component uvm_info cocotb clk rst top TOP Vtop
"""
# Tcl, make, shell and C++.
OTHERS = """
    proc set source eval exec exit puts upvar namespace create_project read_verilog synth_design all
    clean help test setup .PHONY MAKEFLAGS define endef ifeq vpath SHELL PATH done fi esac double
    template namespace using operator delete explicit auto nullptr main std nnet ap_fixed frame
    defines parameters weights config2 layer2_out result
"""


def declared() -> set[str]:
    """Modules and packages of hw/ and sim/, and the DSLX processes."""
    sources = [*HARDWARE.rglob("*.sv"), *HARDWARE.rglob("*.v"), *RTL.parent.rglob("*.sv")]
    pattern = r"^(?:module|package|interface)\s+(?:automatic\s+)?(\w+)"
    found = {
        name for path in sources for name in re.findall(pattern, path.read_text(), re.MULTILINE)
    }
    processes = {path.stem for path in HARDWARE.rglob("*.x")}
    return found | processes | set(GENERATED)


def test_nothing_of_ours_begins_like_a_layer() -> None:
    ours = declared()
    assert {"hearth_fifo", "hearth_ram", "hearth_drain", "hearth_harness", "walk", "mac"} <= ours
    assert {"hearth_kernel_probe", "hearth_link", "hearth_axi_video", "hearth_sim_pkg"} <= ours
    assert not [name for name in ours if name.startswith(MODEL_PREFIX)]


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_processes_and_roms_are_parts_of_their_layer(kind: str) -> None:
    """Or shared by what they compute, and then not called after a layer."""
    layer, chosen, beat = next(iter(examples(kind, np.random.default_rng(1))))
    kernel = layer.kernel(chosen, beat, "hearth_layer_x")
    for name in (
        *(job.module for job in kernel.hls),
        *(rom.name for rom in layer.roms(chosen, kernel.module)),
    ):
        assert name.startswith(part_of("hearth_layer_x", "")) or not name.startswith(MODEL_PREFIX)


def chain(names: list[str], convolutions: int) -> tuple[Design, dict[str, str]]:
    """Layers of these names, the first few of them convolutions; and all files."""
    rng = np.random.default_rng(7)
    edge = Edge("image", 1, 2, 3)
    layers = list[Layer]()
    for index, name in enumerate(names):
        target = replace(edge, name=name)
        layers.append(Toy(name, edge, target))
        if index < convolutions:
            window = rng.integers(-60, 120, (3, 1, 1, 3)).astype(np.int8)
            bias, gain = np.array([5, 50, -9], np.int32), np.array([300, 400, 500], np.uint16)
            none, pads = np.zeros((0, 3), np.int8), (0, 0, 0, 0)
            layers[-1] = Conv(name, edge, target, (1, 1), pads, none, window, bias, gain, 16)
        edge = target
    design = fold(QGraph("names", tuple(layers), Preprocessing()), lanes=convolutions)
    return design, emit(design)


def test_names_of_what_is_beside_them_simulate(tmp_path: Path) -> None:
    """Names of what is in the same simulation, or might come to be."""
    bench = {path.stem for path in RTL.glob("*.sv")} - {"hearth_sim_pkg"}
    words = [*RELATIVES.split(), *sorted(bench), *EMITTED.split()]
    design, files = chain(words, 3)
    frames = np.random.default_rng(3).integers(0, 256, (2, 1, 2, 3)).astype(np.uint8)
    net = Net(design, "hearth_net", golden.run(design.qgraph, frames))
    result = simulate_nets([net], files, tmp_path, [Options()], cache=CACHE)[0][0]
    assert result.ok, result.verdict
    assert [edge.name for edge in result.edges[1:]] == words


def test_every_word_is_read_by_verilator(tmp_path: Path) -> None:
    """All words of all languages and all modules of ours, as one network with probes and bench."""
    said = [*sorted(declared()), *SYSTEM_VERILOG.split(), *OTHERS.split(), *keyword.kwlist]
    words = list(dict.fromkeys(said))  # an edge's name is its wire
    design, emitted = chain(words, 3)
    net = Net(design, "hearth_net", [np.zeros((1, 1, 2, 3), np.uint8)] * (len(words) + 1))
    files = {**bench([net]), **emitted}
    assert len({path.casefold() for path in files}) == len(files)
    (tmp_path / "rtl").mkdir()
    sources = sorted((path for path in files if path[:4] != "rom/"), key=packages_first)
    for path in sources:
        (tmp_path / path).write_text(files[path])
    flags = ["-Wno-fatal", "-Wno-lint", "-DHEARTH_SIM"]
    result = verilator.lint("hearth_harness", [*flags, *bench_sources(), *sources], tmp_path)
    assert result.returncode == 0, result.stderr
    assert "MODDUP" not in result.stderr


def test_names_are_files_of_their_own() -> None:
    """Where capitals do not count, too; and a process is never the name of another layer."""
    taken: set[str] = set()
    first, second, third = (identifier(name, taken) for name in ("conv1", "CONV1", "conv1 walk"))
    assert len({first, second, third}) == 3
    assert all(name == name.lower() and "__" not in name for name in taken)
    assert part_of(first, "walk") not in taken


@pytest.mark.parametrize("path", ["rtl/layer_a.sv", "rtl/LAYER_A.sv", "rtl/layer_a.v"])
def test_nothing_is_emitted_twice(path: str) -> None:
    files = Files()
    files.add("rtl/layer_a.sv", "1")
    with pytest.raises(ValueError, match="emitted twice"):
        files.add(path, "2")


def test_equal_names_of_unequal_processes_are_noticed() -> None:
    parts = every_kind()[0].kernels
    job = parts[0].hls[0]
    other = replace(job, constants={**job.constants, "TOP": 7})
    with pytest.raises(ValueError, match="two different processes"):
        shared_jobs([*(job for part in parts for job in part.hls), other])
