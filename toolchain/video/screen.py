"""Golden model of hw/video/hearth_screen.sv: the picture on the screen, pixel by pixel, and the
sizes and ROMs that the hardware is built with. vga.py chooses the sizes for a network.

    kept     the camera's picture, each pixel the mean of a square, as RGB565
    said     the best classes, their shares in units of a row's dots, frames per second
    picture  the kept one enlarged, an outline of what the network sees, texts, bars
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.video import font
from hearth.toolchain.video.geometry import Camera

SOURCES = (
    "memory/hearth_ram.sv",
    "video/hearth_sync.sv",
    "video/hearth_two_clock_ram.sv",
    "video/hearth_latest.sv",
    "video/hearth_dvp_rgb565.sv",
    "video/hearth_screen_keep.sv",
    "video/hearth_screen_picture.sv",
    "video/hearth_screen_rom.sv",
    "video/hearth_screen_shares.sv",
    "video/hearth_screen_rate.sv",
    "video/hearth_screen_text.sv",
    "video/hearth_screen_outline.sv",
    "video/hearth_screen_timing.sv",
    "video/hearth_tmds.sv",
    "video/hearth_screen.sv",
)
"""Files below hw/ of the hardware, in the order in which they are read."""
FONT, NAMES, SHARES = (f"rom/screen_{name}.hex" for name in ("font", "names", "shares"))
"""Its ROMs' files."""
DISTANCES = 1024
"""Entries of the table of powers."""
_LARGEST = 65535
"""Its first one."""
_WHITE, _BEST, _OTHER = (255, 255, 255), (0, 122, 160), (84, 98, 112)


@dataclass(frozen=True)
class Timing:
    """Pixels of a line, or lines of a picture: seen, and in the pause before, in and behind the
    sync."""

    seen: int
    front: int
    sync: int
    back: int

    @property
    def total(self) -> int:
        return self.seen + self.front + self.sync + self.back


@dataclass(frozen=True, eq=False)
class Said:
    """What is written on the screen.

    classes  best first, int [shown]
    shares   of a row's dots, int [shown]
    rate     frames per second, 0 to 9999
    """

    classes: Array
    shares: Array
    rate: int


@dataclass(frozen=True)
class Screen:
    """What is built.

    across, down  the screen's timing
    shrink, zoom  bits: camera's pixels, and screen's, along a side of a kept one
    window        what the network sees, in pixels of the screen: left, top, right, bottom
    line          pixels of the outline's width
    names         of all classes
    ranked        indices of classes in a result
    shown         rows, of the best classes
    letters, panel, text  bits: letters of a name, of a row, pixels of a letter's dot
    shift, step   a power's distance is that of the logits >> shift; what one of it stands for, in
                  units of the scores
    clock_hz      the network's
    """

    across: Timing
    down: Timing
    shrink: int
    zoom: int
    window: tuple[int, int, int, int]
    line: int
    names: tuple[str, ...]
    ranked: int
    shown: int
    letters: int
    panel: int
    text: int
    shift: int
    step: float
    clock_hz: int

    @property
    def parameters(self) -> dict[str, int]:
        """Of the hardware."""
        left, top, right, bottom = self.window
        return {
            "Width": self.across.seen,
            "HFront": self.across.front,
            "HSync": self.across.sync,
            "HBack": self.across.back,
            "Height": self.down.seen,
            "VFront": self.down.front,
            "VSync": self.down.sync,
            "VBack": self.down.back,
            "ShrinkBits": self.shrink,
            "ZoomBits": self.zoom,
            "Left": left,
            "Top": top,
            "Right": right,
            "Bottom": bottom,
            "Line": self.line,
            "Classes": len(self.names),
            "Ranked": self.ranked,
            "Shown": self.shown,
            "LogitShift": self.shift,
            "LetterBits": self.letters,
            "PanelBits": self.panel,
            "TextBits": self.text,
            "ClockHz": self.clock_hz,
        }

    @property
    def cycles(self) -> int:
        """Of the pixel clock, in a picture with its pauses."""
        return self.across.total * self.down.total

    @property
    def camera(self) -> Camera:
        """Whose picture it is."""
        return Camera(
            self.across.seen >> self.zoom << self.shrink, self.down.seen >> self.zoom << self.shrink
        )

    def roms(self) -> dict[str, str]:
        """The text of every ROM by its file."""
        letters = 1 << self.letters
        names = np.concatenate([font.codes(name, letters) for name in self.names])
        dots = np.packbits(font.cells(), axis=2).reshape(-1)
        return {FONT: _hex(dots, 2), NAMES: _hex(names, 2), SHARES: _hex(self.powers, 4)}

    @cached_property
    def powers(self) -> Array:
        """exp(-step distance) in units of 1 / 65535, int64 [1024]; the last one stands for all
        farther ones and is 0."""
        real = _LARGEST * np.exp(-self.step * np.arange(DISTANCES))
        found: Array = np.rint(real).astype(np.int64)
        found[-1] = 0
        return found

    def kept(self, picture: Array) -> Array:
        """uint8 [camera's height, width, 3] as RGB565, uint16 [kept height, width]: means of
        squares, rounded down."""
        side = 1 << self.shrink
        height, width = picture.shape[0] // side, picture.shape[1] // side
        squares = picture.astype(int).reshape(height, side, width, side, 3)
        red, green, blue = np.moveaxis(squares.sum(axis=(1, 3)) >> 2 * self.shrink, 2, 0)
        words: Array = (red >> 3 << 11 | green >> 2 << 5 | blue >> 3).astype(np.uint16)
        return words

    def said(self, result: Array, rate: int) -> Said:
        """Of the words of a result, int64 [classes + ranked], and of frames per second."""
        logits, ranking = result[: len(self.names)], result[len(self.names) :][: self.shown]
        distance = np.minimum((logits[ranking[0]] - logits) >> self.shift, DISTANCES - 1)
        powers = self.powers[distance]
        shares = (powers[ranking] << self.panel + 3) // powers.sum()
        return Said(ranking, shares, rate)

    def picture(self, kept: Array, said: Said) -> Array:
        """The screen, uint8 [height, width, 3]."""
        return self.drawn(self.enlarged(kept), said)

    def enlarged(self, kept: Array) -> Array:
        """[kept height, width] as [height, width] of the screen."""
        return _squares(kept, self.zoom)

    def drawn(self, words: Array, said: Said) -> Array:
        """The screen over RGB565, uint16 [height, width]; uint8 [height, width, 3]."""
        below = self._outlined(_rgb(words))
        panel, bars, letters = self._written(said)
        found = np.where(panel[..., None], below >> 2, below)
        for rank in range(self.shown):
            found[bars == rank] = _OTHER if rank else _BEST
        found[letters] = _WHITE
        return found

    def _outlined(self, pixels: Array) -> Array:
        left, top, right, bottom = self.window
        for colour, border in ((0, 0), (255, self.line), (0, 2 * self.line)):
            inner = pixels[top + border : bottom - border, left + border : right - border]
            for edge in (
                inner[: self.line],
                inner[-self.line :],
                inner[:, : self.line],
                inner[:, -self.line :],
            ):
                edge[...] = colour
        return pixels

    def _written(self, said: Said) -> tuple[Array, Array, Array]:
        """[height, width] each: where text may stand; whose bar, or -1; letters' dots."""
        rows, columns = self.down.seen >> 4 + self.text, self.across.seen >> 3 + self.text
        height, width = 16 * rows, 8 * columns
        panel, letters = np.zeros((2, height, width), bool)
        bars = np.full((height, width), -1)

        def write(row: int, text: Array) -> None:
            dots = np.concatenate(list(font.cells()[text]), axis=1)
            letters[16 * row : 16 * row + 16, : dots.shape[1]] = dots[:, :width]

        panel[:16, : 8 * 8] = True
        write(0, font.codes(f"{said.rate:4} fps", 8))
        for rank, (index, share) in enumerate(zip(said.classes, said.shares, strict=True)):
            row = rows - self.shown + rank
            panel[16 * row : 16 * row + 16, : 8 << self.panel] = True
            bars[16 * row + 1 : 16 * row + 16, :share] = rank
            write(row, font.codes(self.names[index], 1 << self.letters))
        return self._dots(panel, False), self._dots(bars, -1), self._dots(letters, False)

    def _dots(self, cells: Array, rest: int) -> Array:
        """Dots as squares of pixels; `rest` where the screen has none."""
        large = _squares(cells, self.text)
        room = self.down.seen - large.shape[0], self.across.seen - large.shape[1]
        return np.pad(large, ((0, room[0]), (0, room[1])), constant_values=rest)


def _squares(values: Array, bits: int) -> Array:
    """Each value of the first two axes as a square of 2^bits times as many."""
    return np.repeat(np.repeat(values, 1 << bits, 0), 1 << bits, 1)


def _rgb(kept: Array) -> Array:
    """RGB565 as uint8 [..., 3]: the highest bits of a colour are repeated below it."""
    red, green, blue = kept >> 11, kept >> 5 & 63, kept & 31
    colours = (red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2)
    return np.stack(colours, axis=-1).astype(np.uint8)


def _hex(values: Array, digits: int) -> str:
    return "\n".join(f"{value:0{digits}x}" for value in values.tolist()) + "\n"
