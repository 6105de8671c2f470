"""What hw/video/hearth_scaler.sv takes of an ECP5, counted by Yosys, as Markdown.

    python -m hearth.toolchain.studies.scaler_cells

A row for each camera and network, with multipliers in DSP blocks and without; the FIFO of a row and
the border that mends broken frames included. docs/results/camera.md quotes the table.
"""

from __future__ import annotations

from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.studies.ecp5_cells import KINDS, counts
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import SOURCES, scaler

CASES = (
    (Camera(640, 480), 256, 224),
    (Camera(640, 480), 0, 32),
)
"""Camera, the preprocessing's `resize`, side of the network's frames."""


def table() -> str:
    """Two rows per case."""
    rows = []
    for camera, resize, side in CASES:
        built = scaler(camera, Preprocessing(resize=resize), (side, side))
        name = f"{camera}, resized to {built.x.scaled}x{built.y.scaled}, middle {side}x{side}"
        for option in ("", "-nodsp"):
            rows.append((name, *counts("hearth_scaler", SOURCES, built.parameters, option)))
    return lines(("camera and network", *KINDS), "l" + "r" * len(KINDS), rows)


def main() -> None:
    print(table(), end="")


if __name__ == "__main__":
    script.run(main)
