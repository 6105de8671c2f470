"""Names from a model are data: made harmless before they reach a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control characters (escape sequences, newlines) shown as \\xNN."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
