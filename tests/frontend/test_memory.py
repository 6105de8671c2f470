"""Too large an input is refused before memory is spent on it, with what it would have taken."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.frontend import memory
from hearth.toolchain.frontend.file.read_onnx import read_onnx
from hearth.toolchain.quantize import calibration
from hearth.toolchain.stages import Options
from tests.cli.test_errors import refusal
from tests.nets.onnx_nets import save, small

GIB = 1 << 30


def test_what_a_frame_makes(tmp_path: Path) -> None:
    model = read_onnx(save(small().model(), tmp_path))
    # input, conv1 and its relu, pool1, squeeze and two expands with relus, concat, conv10, end
    maps = 3 * 16**2 + 2 * 8 * 7**2 + 9 * (8 + 2 * 4 + 2 * 6 + 2 * 5 + 11 + 2 * 7) + 7 + 7
    assert memory.values(model) == maps
    assert memory.values(replace(model, batch=2)) == maps // 2
    assert memory.batch(model) == 8
    assert memory.batch(model, 2) == 2


def test_a_large_input(tmp_path: Path) -> None:
    model = read_onnx(save(small().model(), tmp_path), (4096, 4096))
    assert memory.batch(model) == 1
    memory.check(model, 8 * GIB)
    assert refusal(lambda: memory.check(model, GIB)) == (
        "net.onnx: photographs of 4096x4096 pixels need about 2.9 GB of memory on their way through"
        " this network, 1.1 GB are free; choose a smaller --input-size"
    )


def test_the_limit_of_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    free = memory.available()
    assert free is not None
    assert free > 1 << 20
    monkeypatch.setattr(resource, "getrlimit", lambda _: (memory._own() + 1000, 0))
    assert (memory.available() or 0) <= 1000
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, 0))
    monkeypatch.setattr(memory, "MEMINFO", Path("/nowhere"))
    monkeypatch.setattr(memory, "GROUP", Path("/nowhere"))
    assert memory.available() is None


def test_a_control_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (
        ("memory.max", "5000"),
        ("memory.current", "3000"),
        ("memory.stat", "anon 2500\nfile 500\n"),
    ):
        (tmp_path / name).write_text(text + "\n")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    assert memory.available() == 2500
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available() != 2500


def test_memory_that_ends_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(calibration, "collect", ends)
    frames = tmp_path / "frames.npz"
    np.savez(frames, images=np.zeros((2, 16, 16, 3), np.uint8))
    options = Options(
        save(small().model(), tmp_path), preprocessing="unit", calibration=frames, lanes=200
    )
    assert refusal(lambda: pipeline.compile_model(options)) == (
        "net.onnx: there is not enough memory for the pass 'calibrate'; choose a smaller"
        " --input-size"
    )
