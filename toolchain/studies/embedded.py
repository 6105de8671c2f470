"""The embedded network's figures and folding, as Markdown.

    python -m hearth.toolchain.studies.embedded

Compiles it up to the schedule, without synthesis (some seconds). docs/results/embedded.md holds
what this prints, and docs/results/dataflow.svg the picture (generated.py writes both).
"""

from __future__ import annotations

from functools import cache

from hearth.toolchain import pipeline
from hearth.toolchain.ir import Design
from hearth.toolchain.mapping.figures import table
from hearth.toolchain.rtl import rom
from hearth.toolchain.stages import Options
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.support.paths import HARDWARE

MODEL = HARDWARE.parent / "weights/default/squeezenet_cifar10.onnx"
LANES = 256
"""What make asks for; the folding takes at most so many."""


@cache
def design() -> Design:
    """The embedded network, folded and scheduled as `make` does it."""
    passes = pipeline.FRONT_END + pipeline.QUANTIZATION + pipeline.MAPPING
    return pipeline.run(passes, Options(model=MODEL, lanes=LANES)).design


def figures() -> str:
    """What README quotes."""
    made = design()
    rows = [
        ("kernels", f"{len(made.stages)}"),
        ("multiply-accumulates of a frame", f"{made.qgraph.macs:,}"),
        ("MAC lanes", f"{made.lanes:,}"),
        ("cycles per frame", f"{made.cycles:,}"),
        ("lanes at work (MACs / lanes x cycles)", f"{100 * made.utilisation:.1f} %"),
        ("weight and parameter ROM", f"{rom.total_bytes(made.roms):,} bytes"),
    ]
    return lines(("", ""), "lr", rows)


def folding() -> str:
    """One row per kernel."""
    keys = ("macs", "pe", "simd", "beat", "lanes", "cycles", "rom_bits", "buffer_bits", "fifo_bits")
    heads = ("kernel", "kind", *(key.replace("_", " ") for key in keys))
    rows = [
        (row["kernel"], row["kind"], *(f"{row[key]:,}" if row[key] else "" for key in keys))
        for row in table(design())
    ]
    return lines(heads, "ll" + "r" * len(keys), rows)


def main() -> None:
    print(figures(), folding(), sep="\n")


if __name__ == "__main__":
    script.run(main)
