"""NaN and infinities never reach a JSON file."""

from __future__ import annotations

import json

import pytest

from hearth.toolchain.support import json_text
from tests.cli.test_errors import refusal


def test_numbers_pass() -> None:
    value = {"a": [1, 2.5, None, "x"], "b": {"c": (1e300,)}}
    assert json.loads(json_text.dumps(value)) == json.loads(json.dumps(value))
    assert json_text.dumps([1], indent=1) == "[\n 1\n]"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_the_place_is_named(number: float) -> None:
    value = {"notes": {"snr_db": {"conv1": 3.0, "fire2": [1.0, (number,)]}}}
    assert refusal(lambda: json_text.dumps(value)).startswith(
        f"notes/snr_db/fire2[1][0] is {number}: the network's numbers are beyond"
    )
