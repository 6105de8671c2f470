"""The trainable form of an integer network; needs PyTorch (group `train`), else skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.toolchain.few_bits.calibrated import FewBits, few_bits, sample
from hearth.toolchain.ir import QGraph, golden
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.support.errors import HearthError
from tests.few_bits.test_codebook import convs
from tests.nets.onnx_nets import PIXELS, front_end, photographs, small

torch: Any = pytest.importorskip("torch")
student: Any = pytest.importorskip("weights.student")
FRAMES = photographs(24)


def few(chosen: Format, folder: Path) -> QGraph:
    model, graph = front_end(small().model(), folder)
    statistics = calibration.collect(model, graph, [FRAMES], PIXELS, "test")
    qgraph = quantize(graph, statistics, PIXELS)
    samples = sample(qgraph, model, graph, FRAMES, FewBits(columns=600))
    return few_bits(qgraph, graph, samples, Plan(chosen))


@pytest.mark.parametrize("chosen", [Format(3, codebook=True), Format(4)], ids=str)
def test_untrained_it_is_the_golden_model(chosen: Format, tmp_path: Path) -> None:
    qgraph = few(chosen, tmp_path)
    network = student.Student(qgraph)
    found = network(torch.from_numpy(FRAMES)).detach().numpy()
    wanted = golden.logits(qgraph, golden.outputs(qgraph, FRAMES))
    assert np.abs(found - wanted).max() < 0.02 * np.abs(wanted).max()
    back = network.integers()
    for before, after in zip(convs(qgraph), convs(back), strict=True):
        assert (before.window == after.window).all()
        assert (before.bias == after.bias).all()
        assert (before.multiplier == after.multiplier).all()


def test_training_lowers_the_loss_and_keeps_the_format(tmp_path: Path) -> None:
    torch.manual_seed(0)
    qgraph = few(Format(2, codebook=True), tmp_path)
    network = student.Student(qgraph)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    frames, wanted = torch.from_numpy(FRAMES), torch.from_numpy(_float_logits(tmp_path))
    losses = []
    for _ in range(40):
        loss = (network(frames) - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        network.tidy()
        losses.append(float(loss.detach()))
    assert min(losses[-5:]) < 0.8 * losses[0]
    for layer in convs(network.integers()):
        assert layer.weight_bits == 2
        assert 0 < len(layer.codebook) <= 4


def _float_logits(folder: Path) -> np.ndarray[Any, Any]:
    """Logits of the int8 network: what training aims at."""
    model, graph = front_end(small().model(), folder)
    statistics = calibration.collect(model, graph, [FRAMES], PIXELS, "test")
    qgraph = quantize(graph, statistics, PIXELS)
    return golden.logits(qgraph, golden.outputs(qgraph, FRAMES)).astype(np.float32)


def test_trellis_codes_are_refused(tmp_path: Path) -> None:
    """Their values are not free of one another, and a table is not rising."""
    with pytest.raises(HearthError, match="trellis codes, or with several codebooks, cannot be"):
        student.Student(few(Format(2, True, 4, 8), tmp_path))
