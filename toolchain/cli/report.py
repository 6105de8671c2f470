"""The command `hearth report`: what a build holds."""

from __future__ import annotations

from hearth.toolchain.cli import tables
from hearth.toolchain.cli.options import BuildFolder, Json
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.saved import build_folder


def report(build: BuildFolder, as_json: Json = False) -> None:
    """Show a build's speed, folding, memories and accuracy of layers."""
    loaded = build_folder.load(build)
    if as_json:
        print_json(loaded.figures)
        return
    print_lines(*tables.whole(loaded.figures, build))
    tell_next("report done", "sim", build, "IMAGES...")
