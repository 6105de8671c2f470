"""The study of calibration photographs, on a network of seconds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.studies import calibration
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import photographs, save, small


def test_a_row_for_each_count_and_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = save(small().model(), tmp_path)
    frames, labelled, plan = (tmp_path / name for name in ("c.npz", "d.npz", "mine.json"))
    np.savez(frames, images=photographs(12))
    np.savez(labelled, images=photographs(6, seed=2), labels=np.arange(6))
    plan.write_text(json.dumps({"conv1": {"bits": 2, "window": 3, "group": 2}}))
    calibration.study(model, frames, labelled, preset="torchvision", counts="4,12", layers=plan)
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    names = ["int8", "4-bit codebook", "mine"]
    assert [row[0] for row in rows] == ["| 4"] * 3 + ["| 12"] * 3
    assert [row[1] for row in rows] == names * 2
    noise = [float(row[4]) for row in rows]
    assert all(0 < value < 5 for value in noise)
    assert len({noise[i] for i in (1, 2, 4, 5)}) == 4  # other photographs, other weights


@pytest.mark.parametrize("counts", ["", "0", "16,", "many"])
def test_counts_that_are_none(counts: str) -> None:
    with pytest.raises(HearthError, match=f"--counts: .* found '{counts}'"):
        calibration.parsed(counts)
