"""The page that shows results as they come; what comes is toolchain/live's business."""

from __future__ import annotations

from hearth.toolchain.page import template


def html(name: str, source: str, answers: str) -> str:
    """The text of the page for a network, a source of frames, and whoever answers."""
    return template.filled(
        "live.html.j2",
        template.part("page.css"),
        template.part("live.js"),
        name=name,
        source=source,
        answers=answers,
    )
