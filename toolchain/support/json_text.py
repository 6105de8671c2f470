"""The one way to write JSON: numbers that JSON has, or a sentence.

Python writes NaN and Infinity, which no other reader takes and which mean that something went wrong
before. The sentence says where they are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from hearth.toolchain.support.errors import HearthError


def dumps(value: Any, indent: int | None = None) -> str:
    """The value as JSON; HearthError when it holds NaN or an infinity."""
    try:
        return json.dumps(value, indent=indent, allow_nan=False)
    except ValueError:
        where, number = next(_strange(value, ""), ("a figure", "no number"))
        raise HearthError(
            f"{where} is {number}: the network's numbers are beyond what can be computed with;"
            " check the model's weights and --preprocessing"
        ) from None


def _strange(value: Any, where: str) -> Iterator[tuple[str, float]]:
    """The places of numbers that are not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        yield where or "a figure", value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _strange(inner, f"{where}/{key}".lstrip("/"))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _strange(inner, f"{where}[{index}]")
