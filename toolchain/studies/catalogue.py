"""The hand-written blocks of hw/, as Markdown: each with the first sentence of its header.

    python -m hearth.toolchain.studies.catalogue

hw/README.md holds what this prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.support.paths import HARDWARE

FOLDERS = ("stream", "memory", "layers", "link", "axi", "video")
SUFFIXES = (".sv", ".x")


def sentence(text: str) -> str:
    """The first sentence of a source's header comment."""
    header = re.match(r"(?://[^\n]*\n)*", text)
    words = re.sub(r"^// ?", "", header[0] if header else "", flags=re.M).split("\n\n")[0]
    return re.split(r"(?<=[\w)])[.]\s", " ".join(words.split()))[0].rstrip(".:")


def blocks() -> list[Path]:
    """Every source, folder by folder."""
    return [
        path
        for folder in FOLDERS
        for path in sorted((HARDWARE / folder).rglob("*"))
        if path.suffix in SUFFIXES
    ]


def _rows() -> Iterator[tuple[str, str]]:
    for path in blocks():
        yield f"`{path.relative_to(HARDWARE)}`", sentence(path.read_text())


def table() -> str:
    """One row per source."""
    return lines(("file", "what it is"), "ll", _rows())


def main() -> None:
    print(table(), end="")


if __name__ == "__main__":
    script.run(main)
