"""Every table and every line for people at 80 columns: none longer, no cell cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table

from hearth.sim import bench
from hearth.sim.results import KernelResult, SimResult
from hearth.toolchain.cli import chips, sim, tables
from hearth.toolchain.cli import eval as evaluation
from hearth.toolchain.cli.output import COLUMNS, print_lines, wrapped
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.mapping.figures import design_figures
from tests.nets import tiny

LONG = "features/backbone/stage4/block17/residual/expand3x3/convolution_with_bias_and_relu"
NOTES = {
    "calibration_images": 200,
    "calibration_source": "photographs/of/a/folder/with/a/long/name/calibration_set_2.npz",
    "activation_range": "percentile",
    "snr_db": {"conv1": 41.8, LONG: 9.0},
    "left_to_the_host": ["Sigmoid", "Softmax", "ArgMax", "Reshape", "Squeeze", "Identity"] * 2,
    "own_normalization": True,
    "quantized_file": [
        "fire2/squeeze1x1: a rounding differs",
        "conv1: weights were scaled anew by 2",
    ],
    "weight_kilobytes": dict.fromkeys(
        ("int8", "fixed", "bitmap", "runs", "huffman", "runs_huffman", "entropy"), 12345.6
    ),
    "channel_bytes": 40960,
    "mixed": {
        "bits": {"conv1": 4, **{f"fire{i}/expand": 3 for i in range(2, 10)}},
        "curve": [{"bytes": 1_234_567, "expected_loss_nats": 0.01234}],
    },
}
KERNEL = KernelResult("conv1", 850, 12_432_640, 1.0, 0.123, 1.0)
SIMULATION = {
    "frames": 16,
    "overlapped": 15,
    "cycles_per_frame": 12_432_640,
    "model_cycles_per_frame": 12_432_640,
    "latency_cycles": 112_432_640,
    "mac_lanes": 1700,
    "mac_utilisation": 0.952,
    "seconds": 1234.5,
    "build_seconds": 123.4,
}


def large_figures() -> dict[str, Any]:
    """Of a network with the largest numbers that chips of today can hold, one name too long."""
    figures = design_figures(tiny.design(), 10_000_000)
    row = {
        **figures["kernels"][0],
        "macs": 349_151_936,
        "pe": 64,
        "simd": 27,
        "beat": 64,
        "lanes": 1728,
        "cycles": 12_432_640,
        "rom_bits": 80_000_000,
        "rom_shape": "147456 x 2304",
        "buffer_bits": 8_000_000,
        "fifo_bits": 999_999,
    }
    kernels = [*figures["kernels"], row, {**row, "kernel": LONG}]
    coding = {"kernel": LONG, "taps": 49, "bits": 2, "window": 6, "group": 8}
    codings = [{**coding, "index_bytes": 12_345_678, "table_bytes": 256}]
    return {
        **figures,
        "kernels": kernels,
        "codings": codings,
        "notes": NOTES,
        "model_cycles_per_frame": 12_432_640,
    }


BENCH = SimResult(
    frames=12,
    mismatches=0,
    first_mismatch=None,
    broken=0,
    stuck="",
    cycles_per_frame=12_432_640,
    model_cycles_per_frame=12_432_640,
    latency_cycles=12_432_640,
    ends=(),
    overlapped=0,
    total_cycles=123_432_640,
    mac_lanes=1700,
    mac_utilisation=1.013,
    seconds=12.5,
    build_seconds=0.0,
    edges=(),
    kernels=(),
)
CHIPS = chips.rows(tiny.design(), chips.Clock(1234.5, "as a clock of many words says, and more"))
PARTS: dict[str, list[Table | list[str]]] = {
    "folding": [tables.folding(large_figures())],
    "memories": [tables.memories(large_figures())],
    "report": tables.whole(large_figures(), Path("/nowhere")),
    "chips": [chips.table(CHIPS), chips.notes(CHIPS), [chips.line(CHIPS), chips.Clock().sentence]],
    "kernels": [tables.kernels([dataclasses.asdict(k) for k in (KERNEL,)])],
    "kernels, long name": [
        tables.kernels([dataclasses.asdict(dataclasses.replace(KERNEL, name=LONG))])
    ],
    "simulation": [sim.lines(SIMULATION)],
    "short simulation": [sim.lines({**SIMULATION, "cycles_per_frame": None})],
    "bench": [bench.table("network", [(45, BENCH), (0, BENCH)])],
    "accuracy": [
        evaluation.lines(fidelity.Accuracy(57.1, 80.2, 57.4, 80.3, 95.1, 50_000, fidelity.FLOAT))
    ],
}


@pytest.mark.parametrize("name", PARTS)
def test_fits_80_columns(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    print_lines(*PARTS[name])
    output = capsys.readouterr().out
    assert max(map(len, output.splitlines())) <= COLUMNS
    assert "…" not in output
    assert "\x1b" not in output
    for cell in _cells(PARTS[name]):
        assert cell in output or cell == LONG
        assert cell[:10] in output


def _cells(parts: Iterable[Table | list[str]]) -> list[str]:
    """What must be seen: every cell of every column but the first, which may be folded."""
    found = []
    for part in parts:
        if isinstance(part, Table):
            for column in part.columns[1:]:
                found += [str(cell) for cell in (*column.cells, column.header) if str(cell)]
    return found


def test_a_wider_terminal_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    print_lines(tables.folding(large_figures()))
    assert any(line.startswith(LONG) for line in capsys.readouterr().out.splitlines())


def test_weights_are_in_kib_and_the_slowest_kernel_is_named() -> None:
    figures = {**large_figures(), "rom_bytes": 185_614, "rom_budget_bytes": 10_240_000}
    assert design_figures(tiny.design(), 0)["bottleneck"] == "conv"
    text = "\n".join(tables.summary(figures))
    slowest = figures["kernels"][-2]["kernel"]
    assert f"12,432,640 cycles per frame, set by {slowest} (conv)" in text
    assert "ROM 181.3 KiB of 10,000.0 KiB allowed" in text


@pytest.mark.parametrize(
    ("line", "width", "expected"),
    [
        ("", 9, ""),
        ("one two three", 8, "one two\n  three"),
        ("  a bb cc", 6, "  a bb\n    cc"),
        ("a wordthatislong b", 8, "a\n  wordthatislong\n  b"),
        ("a  two", 9, "a  two"),
    ],
)
def test_lines_are_broken_at_spaces(line: str, width: int, expected: str) -> None:
    assert wrapped(line, width) == expected
