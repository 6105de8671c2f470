"""How the ROM holds a node's weights, said in an ONNX file's metadata.

A codebook can be seen from the weights; a trellis, or a codebook of each half of an expand stage,
cannot. A file that Hearth wrote (toolchain/saved/qdq_file.py) says it in one entry a node,

    hearth.coding:conv10    {"bits": 2, "window": 6, "group": 16, "table": "80ff0310..."}

the table as int8 in hexadecimal. Other programs pass it over. An entry that is not of this form is
refused; one that does not fit the weights, since another program has changed them, is left out
later (adopt/convolution.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from hearth.toolchain.ir import Coding
from hearth.toolchain.support.errors import HearthError

PREFIX = "hearth.coding:"
LONGEST = 4096
"""Characters of an entry: a table of 256 values takes 512."""


def written(coding: Coding) -> str:
    """The text of an entry."""
    numbers = {"bits": coding.bits, "window": coding.window, "group": coding.group}
    return json.dumps({**numbers, "table": coding.table.astype(np.int8).tobytes().hex()})


def codings(path: Path, proto: onnx.ModelProto) -> dict[str, Coding]:
    """The codings that a file names, by node; HearthError for an entry that is none."""
    return {
        entry.key.removeprefix(PREFIX): _read(path, entry.key, entry.value)
        for entry in proto.metadata_props
        if entry.key.startswith(PREFIX)
    }


def _read(path: Path, key: str, text: str) -> Coding:
    try:
        content: Any = json.loads(text) if len(text) <= LONGEST else None
        bits, window, group = (content[name] for name in ("bits", "window", "group"))
        if {type(number) for number in (bits, window, group)} != {int}:
            raise TypeError("numbers are whole")
        table = np.frombuffer(bytes.fromhex(content["table"]), np.int8)
    except (TypeError, ValueError, LookupError, RecursionError):
        raise HearthError(
            f"{path}: the metadata '{key[:100]}' should be a JSON object of bits, window, group and"
            f" table, found '{text[:60]}'; take the entry out or write the file again"
        ) from None
    try:
        return Coding(bits, table, window, group)
    except HearthError as error:
        raise HearthError(f"{path}: the metadata '{key[:100]}': {error}") from None
