"""Writes the tables of the documents that take seconds to make, and the picture.

    python -m hearth.toolchain.studies.generated            rewrite what is stale
    python -m hearth.toolchain.studies.generated --check    say what is stale, status 1

A block of a document begins with a line that names its command and ends with `<!-- end -->`; what
lies between is the command's. tests/studies/test_generated.py fails when one is stale. Tables that
take minutes or a board are not written here; fingerprints.py tells when they are stale.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hearth.toolchain.drawing import dataflow
from hearth.toolchain.studies import catalogue, chips, embedded, kinds, shapes, zoo
from hearth.toolchain.support import files, script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.xilinx import registers

DOCS = HARDWARE.parent / "docs"
PICTURE = "results/dataflow.svg"
COMMAND = "python -m hearth.toolchain.studies.generated"
BLOCKS: Mapping[str, Callable[[], str]] = {
    "embedded figures": embedded.figures,
    "embedded folding": embedded.folding,
    "v1.1 folding": shapes.folding,
    "layer kinds": kinds.table,
    "blocks": catalogue.table,
    "registers": registers.table,
    "boards": chips.boards,
    "embedded network on boards": chips.uses,
    "zoo": zoo.table,
    "zoo pointwise": zoo.pointwise_table,
}
"""Every block by its name. A document may hold any of them."""
_BLOCK = re.compile(r"^<!-- ([\w .]+), by: ([^\n]*) -->\n(.*?)^<!-- end -->$", re.M | re.S)


def renewed(text: str, name: str) -> str:
    """A document's text with every block made anew. HearthError for a block nobody makes."""

    def block(found: re.Match[str]) -> str:
        make = BLOCKS.get(found[1])
        if make is None:
            raise HearthError(
                f"{name}: no study makes the block '{found[1]}'; known are {', '.join(BLOCKS)}"
            )
        return f"<!-- {found[1]}, by: {COMMAND} -->\n{make()}<!-- end -->"

    return _BLOCK.sub(block, text)


def blocks(text: str) -> list[str]:
    """Names of the blocks of a document."""
    return [found[1] for found in _BLOCK.finditer(text)]


def documents() -> list[Path]:
    """Every document that may hold a block."""
    return [*sorted(DOCS.rglob("*.md")), HARDWARE / "README.md"]


def stale() -> Iterator[tuple[Path, str]]:
    """Files of the documents whose text is not what is made now, with what it should be."""
    if not DOCS.is_dir():
        raise HearthError(f"{DOCS}: not there; the documents are in a checkout, not in a wheel")
    for path in documents():
        text = path.read_text()
        wanted = renewed(text, str(path.relative_to(DOCS.parent)))
        if wanted != text:
            yield path, wanted
    picture = dataflow.svg(embedded.design())
    path = DOCS / PICTURE
    if not path.is_file() or path.read_text() != picture:
        yield path, picture


def main() -> int:
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    found = list(stale())
    for path, text in found:
        print(f"{path.relative_to(DOCS.parent)}: {'stale' if check else 'written'}")
        if not check:
            files.write_file(path, text.encode())
    return 1 if check and found else 0


if __name__ == "__main__":
    script.run(main)
