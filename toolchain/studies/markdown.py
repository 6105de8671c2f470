"""Tables as the documents hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_RULES = {"l": "---", "r": "--:"}


def lines(heads: Sequence[str], columns: str, rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; `columns` has a letter for each: l for text, r for numbers."""
    ruler = "".join(f"{_RULES[letter]}|" for letter in columns)
    body = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
    text = [f"| {' | '.join(heads)} |", f"|{ruler}", *(f"| {row} |" for row in body)]
    return "\n".join(text) + "\n"
