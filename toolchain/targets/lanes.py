"""A build with the lanes of a chip: where two of them share a multiplier block, or blocks are far
from their sums, they are another process of the same name (Layer.special). What was compiled is for
any chip, and so are its ROMs and cycles; nothing else of it changes."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from hearth.toolchain.ir import Block
from hearth.toolchain.rtl import emit
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support.errors import HearthError

_PORT = re.compile(r"^ +(?:input|output) .*$", re.MULTILINE)


def on(build: Build, block: Block | None, plain: Collection[str] = ()) -> Build:
    """The build on a chip with such blocks; modules of the names `plain` stay as they are.
    HearthError when it was compiled by a version whose processes have other ports."""
    if block is None:
        return build
    made = emit.special(build.design, block, plain)
    for path, text in made.items():
        if _PORT.findall(build.content.get(path, "")) != _PORT.findall(text):
            raise HearthError(
                f"{build.path}: compiled by an earlier version, whose {path} has other ports than"
                " the lanes of this chip; compile the model again"
            )
    return replace(build, content={**build.content, **made})
