"""Codings in a saved network: they come back, and files from before them are still read."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.ir import Coding, Edge, Preprocessing, QGraph
from hearth.toolchain.saved import qgraph_file
from hearth.toolchain.support.errors import HearthError
from tests.mapping.test_fold import conv

RNG = np.random.default_rng(3)
TRELLIS = Coding(2, RNG.integers(-128, 128, 16).astype(np.int8), 4, 4)
BOOK = Coding(2, np.array([-3, 0, 2, 7], np.int8))


def expand(centre: Coding, window: Coding) -> QGraph:
    """One expand stage of four and five channels, three in."""
    layer = conv("expand", Edge("x", 6, 7, 3), 5, 3, centre=4)
    some = [RNG.integers(0, 4, shape).astype(np.uint8) for shape in ((4, 3), (8, 27))]
    parts = [coding.values(codes) for coding, codes in zip((centre, window), some, strict=True)]
    made = layer.with_matrices([parts[0], parts[1][:5]], codings=(centre, window))
    return QGraph("one", (replace(made, bias=np.arange(9, dtype=np.int32)),), Preprocessing())


def test_codings_come_back(tmp_path: Path) -> None:
    graph = expand(TRELLIS, BOOK)
    data = qgraph_file.dumps(graph)
    found = qgraph_file.loads(data, tmp_path / "x")
    (before,), (after,) = graph.weighted, found.weighted
    assert [coding.key for coding in after.codings] == [coding.key for coding in before.codings]
    assert qgraph_file.dumps(found) == data


def rewritten(data: bytes, change: str) -> bytes:
    """The file as an older version had it, or with a number of the first coding replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header = json.loads(members["header.json"])
    fields = header["layers"][0]["fields"]
    if change.startswith("version"):
        header["version"] = int(change.split()[1])
        fields["stride"] = fields.pop("strides")["tuple"][0]
        del fields["dilations"], fields["groups"]
        if change == "version 1":
            bits, table, *_ = fields.pop("codings")["tuple"][0]["coding"]
            fields |= {"weight_bits": bits, "codebook": table}
    else:
        fields["codings"]["tuple"][0]["coding"] = json.loads(change)
    members["header.json"] = json.dumps(header).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("coding", [BOOK, Coding(3)], ids=str)
@pytest.mark.parametrize("version", [1, 2])
def test_older_files_are_read(version: int, coding: Coding, tmp_path: Path) -> None:
    graph = expand(coding, coding)
    old = rewritten(qgraph_file.dumps(graph), f"version {version}")
    found = qgraph_file.loads(old, tmp_path / "x")
    assert qgraph_file.dumps(found) == qgraph_file.dumps(graph)


@pytest.mark.parametrize(
    ("coding", "reason"),
    [
        ('[2, {"array": "layers/0/bias.npy"}, 4, 4]', "should be int8"),
        ('[9, {"array": "layers/0/fraction.npy"}, 0, 0]', "."),
        ('[2, {"array": "layers/0/codings.0.table.npy"}, 5, 4]', "a trellis of 2 bits has"),
        ("[2, 3, 5, 4]", "table of Coding should not be 3"),
        ('[2.5, {"array": "layers/0/codings.0.table.npy"}, 4, 4]', "bits of Coding"),
        ("[2]", "."),
    ],
)
def test_damaged_codings_are_refused(coding: str, reason: str, tmp_path: Path) -> None:
    data = rewritten(qgraph_file.dumps(expand(TRELLIS, BOOK)), coding)
    with pytest.raises(HearthError, match=f"not a quantized network.*{reason}"):
        qgraph_file.loads(data, tmp_path / "x")


def test_every_matrix_needs_a_coding_that_says_its_weights() -> None:
    (layer,) = expand(TRELLIS, BOOK).weighted
    with pytest.raises(HearthError, match="expand: 2 matrices of weights need as many codings"):
        layer.with_matrices(layer.matrices, codings=(BOOK,))
    with pytest.raises(HearthError, match=r"expand: weights .* codebook of 4 values of 2 bits"):
        layer.with_matrices(layer.matrices, codings=(BOOK, BOOK))
