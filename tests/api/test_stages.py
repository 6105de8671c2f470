"""The list of passes and the records between them."""

from __future__ import annotations

import dataclasses
import types
from typing import get_args, get_type_hints

from hearth.toolchain import pipeline, stages

RECORDS = (
    stages.Order,
    stages.Described,
    stages.Loaded,
    stages.FrontEnd,
    stages.Calibrated,
    stages.Quantized,
    stages.Mapped,
    stages.Emitted,
)


def test_no_record_has_a_part_that_may_be_missing() -> None:
    for record in RECORDS:
        assert dataclasses.fields(record)
        for name, kind in get_type_hints(record).items():
            assert types.NoneType not in get_args(kind), f"{record.__name__}.{name}"


def test_each_pass_takes_what_the_one_before_it_gives() -> None:
    """What mypy proves of the list, seen once more where it runs; each has a name and a reason."""
    steps = pipeline.PASSES.steps
    assert len({step.name for step in steps}) == len(steps) == 14
    assert all(len(step.reason.split()) > 4 for step in steps)
    known: type = stages.Order
    for step in steps:
        hints = get_type_hints(step.run)
        given = hints.pop("return")
        assert list(hints.values()) == [known], step.name
        known = given
    assert known is stages.Emitted
