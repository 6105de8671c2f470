"""A Design's decisions as JSON. The QGraph they belong to is a file of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from hearth.toolchain.ir import Design, Fold, Layer, QGraph, Stage, Sums
from hearth.toolchain.mapping.fold import widths
from hearth.toolchain.rtl.verilog import MODEL_PREFIX
from hearth.toolchain.support import json_text, reading
from hearth.toolchain.support.errors import HearthError

_VERSION = 4
MOST = 1 << 24
"""Largest number of a stage: FIFO depths of the largest maps are far below."""
LONGEST = 1 << 40
"""Cycles of a frame."""
LARGEST = 64 << 20
FLAGS = ("skips", "gathers")
"""Of a folding; left out where they are not set."""
MODULE = rf"{MODEL_PREFIX}[a-z0-9_]{{1,100}}"
DAMAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading, and computing with, numbers that mean nothing may raise."""


def dumps(design: Design) -> str:
    """The folding and FIFO depths of every stage as JSON text, and what shallow FIFOs cost."""
    stages = [
        {
            "layer": stage.layer.name,
            "module": stage.module,
            "pe": stage.fold.pe,
            "simd": stage.fold.simd,
            "beat": stage.fold.beat,
            **{flag: True for flag in FLAGS if getattr(stage.fold, flag)},
            **({"sums": list(astuple(stage.fold.sums))} if stage.fold.sums else {}),
            "in_beat": stage.in_beat,
            "depths": list(stage.depths),
        }
        for stage in design.stages
    ]
    costs = {"period": design.period} if design.period else {}
    return json_text.dumps({"version": _VERSION, **costs, "stages": stages}, indent=1) + "\n"


def load(path: Path, qgraph: QGraph) -> Design:
    """Read a design back; HearthError when the file is not one or belongs to another network."""
    return loads(reading.content(path, LARGEST), path, qgraph)


def loads(data: bytes, path: Path, qgraph: QGraph) -> Design:
    """As `load`, from the bytes of the file `path`."""
    try:
        content = json.loads(data)
        rows = content["stages"]
        if content["version"] != _VERSION:
            raise HearthError(
                f"{path}: written by another version of Hearth (format {content['version']},"
                f" this is {_VERSION}); compile the model again"
            )
        if [row["layer"] for row in rows] != [layer.name for layer in qgraph.layers]:
            raise HearthError(f"{path}: its layers are not those of {qgraph.name}; compile again")
        stages = [_stage(*pair) for pair in zip(qgraph.layers, rows, strict=True)]
        _check(qgraph, stages)
        period = content.get("period", 0)
        if type(period) is not int or not 0 <= period <= LONGEST:
            raise ValueError(f"period should be a number from 0 to {LONGEST}")
    except DAMAGE as error:
        raise HearthError(
            f"{path}: not a readable design file ({str(error)[:100]}); compile again"
        ) from None
    return Design(qgraph, tuple(stages), period)


def _stage(layer: Layer, row: Mapping[str, Any]) -> Stage:
    pe, simd, beat, in_beat = (_number(row, key) for key in ("pe", "simd", "beat", "in_beat"))
    depths = tuple(_checked(row, "depths", depth) for depth in row["depths"])
    if len(depths) != len(layer.sources):
        raise ValueError(f"{layer.name}: {len(layer.sources)} sources need as many depths")
    flags = {flag: row.get(flag, False) is True for flag in FLAGS}
    fold = Fold(pe, simd, beat, sums=_sums(row), **flags)
    return Stage(layer, fold, in_beat, str(row["module"]), depths)


def _sums(row: Mapping[str, Any]) -> Sums | None:
    """Widths of another network's hardware."""
    if "sums" not in row:
        return None
    bits, biased = (_checked(row, "sums", width) for width in row["sums"])
    return Sums(bits, biased)


def _number(row: Mapping[str, Any], key: str) -> int:
    return _checked(row, key, row[key])


def _checked(row: Mapping[str, Any], key: str, value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MOST:
        raise ValueError(f"{row['layer']}: {key} should be a number from 1 to {MOST}")
    return value


def _check(qgraph: QGraph, stages: Sequence[Stage]) -> None:
    """ValueError unless every kernel can be built like this and takes what those before give."""
    if len({stage.module for stage in stages}) != len(stages):
        raise ValueError("two layers have one module")
    beats = {qgraph.input.name: stages[0].in_beat}
    for stage in stages:
        name = stage.layer.name
        given = [beats[edge.name] for edge in stage.layer.sources]
        beats[stage.layer.target.name] = stage.fold.beat
        if not re.fullmatch(MODULE, stage.module):
            raise ValueError(f"{name}: '{stage.module}' is not the name of a layer's module")
        if stage.in_beat not in widths(stage.layer, given):
            raise ValueError(f"{name}: takes {stage.in_beat} channels a beat")
        if not stage.layer.can_be(replace(stage.fold, sums=None), stage.in_beat):
            raise ValueError(f"{name}: {stage.fold} is not a folding of it")
        stage.layer.taken_over(stage.fold, stage.layer)  # refuses sums that are too narrow
