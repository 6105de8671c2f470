"""Names from a model are data: made harmless before they reach a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control characters (escape sequences, newlines) shown as \\xNN."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and end when it has more than `longest` characters."""
    if len(text) <= longest:
        return text
    kept = (longest - 5) // 2
    return f"{text[:kept]} ... {text[-kept:]}"
