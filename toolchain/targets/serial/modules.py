"""Camera modules whose registers are known here: tables in hw/video, written by hearth_sccb."""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.video.geometry import Camera


@dataclass(frozen=True)
class Module:
    """A camera with a parallel port.

    name            as --camera takes it; its table is hw/video/<name>_rgb565.hex
    device          address of writes
    register_bytes  of a register's address
    pclk_mhz        the most that its pixel clock is with that table
    only            the picture that the table makes, if another may not be asked for
    """

    name: str
    device: int
    register_bytes: int
    pclk_mhz: float
    only: Camera | None = None

    def table(self) -> str:
        """Registers and values, one a line, without the file's comments."""
        text = (HARDWARE / f"video/{self.name}_rgb565.hex").read_text()
        lines = (line.split("//")[0].strip() for line in text.splitlines())
        return "\n".join(line for line in lines if line) + "\n"

    @property
    def entries(self) -> int:
        """Lines of the table."""
        return len(self.table().split())

    def check(self, size: Camera, clock_hz: float) -> None:
        """HearthError for a picture that the table does not make, or a network's clock that is too
        slow for the camera's (hw/video/hearth_dvp.sv: three edges for four)."""
        if self.only not in (None, size):
            raise HearthError(
                f"--camera-size {size}: the table of registers of an {self.name} makes"
                f" {self.only}; leave --camera-size out, or give another --camera"
            )
        least = 0.75 * self.pclk_mhz
        if clock_hz < 1e6 * least:
            raise HearthError(
                f"--camera {self.name}: its pixel clock of {self.pclk_mhz:g} MHz needs a clock of"
                f" {least:g} MHz or more, found {clock_hz / 1e6:g}; give a higher --clock"
            )


OV7670 = Module("ov7670", 0x42, 1, 25)
"""The oscillator's 25 MHz, undivided; the table halves them."""
OV5640 = Module("ov5640", 0x78, 2, 50, Camera(640, 480))
MODULES = (OV7670, OV5640)


def find(name: str) -> Module:
    """The module called `name`; HearthError that lists all when there is none."""
    found = next((module for module in MODULES if module.name == name), None)
    if found is None:
        known = ", ".join(module.name for module in MODULES)
        raise HearthError(f"--camera: no camera is called '{name}'; known are {known}")
    return found
