"""The dataflow of a design as a picture: every kernel in topological order, every edge.

An arrow leads from a kernel to the next where that reads it; what goes past kernels goes along the
right side, a line for each reader. An edge that leaves says under which name, unless it is the one
vector of class scores at the end.

A kernel's box holds its name, kind, folding and ROM, and a bar: its cycles beside those of the
slowest, the bottleneck, which is marked. A kernel that is not the bottleneck waits for the rest of
the frame. Where every kernel is faster than a stream, the stream is the bottleneck. Colours follow
the reader's choice of light or dark.

The text is SVG 1.1 with a style sheet, no script and nothing fetched. Names come from a model file
and are data: shown without control characters, shortened, escaped.
"""

from __future__ import annotations

import html

from hearth.toolchain.ir import Design, Edge, Stage
from hearth.toolchain.support.text import printable, shortened

WIDTH = 760
"""Of the picture, in pixels; everything below is, too."""
_HEAD, _BOX, _GAP, _LEFT = 64, 46, 34, 16
_BAR, _BAR_WIDTH = 430, 190
_TRACK = 10
SHOWN, LONGEST = 48, 1000
"""Characters of a name that are shown, and of the box's title."""
_SHORT = 20
"""Characters of an output's name that are shown."""

_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .soft { font-size: 11px; fill: #59636e; }
  .title { font-size: 16px; font-weight: 600; }
  .name { font-weight: 600; }
  .right { text-anchor: end; }
  .paper { fill: #ffffff; }
  .box { fill: #f6f8fa; stroke: #8c959f; }
  .room { fill: none; stroke: #8c959f; }
  .wire { stroke: #8c959f; stroke-width: 1.5; }
  .head { fill: #8c959f; }
  .bar { fill: #0969da; }
  .slow .box { stroke: #bc4c00; stroke-width: 2; }
  .slow .bar, .slow .mark { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .soft { fill: #9198a1; }
    .paper { fill: #0d1117; }
    .box { fill: #151b23; stroke: #656c76; }
    .bar { fill: #4493f8; }
    .slow .box { stroke: #f0883e; }
    .slow .bar, .slow .mark { fill: #f0883e; }
  }
"""


def svg(design: Design) -> str:
    """The picture as the text of an SVG file, the same for the same design."""
    slowest = max(stage.cycles for stage in design.stages)
    stream = design.cycles if slowest < design.cycles else 0  # an edge is the bottleneck
    passing = _passing(design)
    width = WIDTH + _TRACK * (max(passing.values(), default=-1) + 1)
    leave = {edge: name for name, edge in design.qgraph.leaves}
    rows = _edge(design.qgraph.input, design.beats[0], (), stream, _HEAD)
    top = _HEAD + _GAP
    for index, stage in enumerate(design.stages):
        rows += _kernel(stage, design.cycles, top)
        edge, beat = stage.layer.target, stage.fold.beat
        near = {place for place, _ in design.qgraph.readers[edge.name]} or {len(design.stages)}
        below = top + _BOX
        waiting = design.waiting(edge.name)
        name = leave.get(edge.name, "")
        rows += _edge(edge, beat, waiting, stream, below, index + 1 in near, name)
        top += _BOX + _GAP
    rows += [line for way, track in passing.items() for line in _past(*way, track)]
    height = top + _LEFT
    name = _text(design.qgraph.name)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img">',
            f"<title>Dataflow of {name}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
            _words(_LEFT, 28, name, "title"),
            _words(_LEFT, 48, _summary(design), "soft"),
            *rows,
            "</svg>\n",
        ]
    )


def _passing(design: Design) -> dict[tuple[int, int], int]:
    """Edges that go past kernels, as numbers of the kernels at both ends, -1 for the input, and the
    track at the right that each takes: the first that is free all the way."""
    made = {layer.target.name: index for index, layer in enumerate(design.qgraph.layers)}
    ways = {
        (made.get(edge.name, -1), index)
        for index, layer in enumerate(design.qgraph.layers)
        for edge in layer.sources
    }
    taken: list[int] = []
    tracks: dict[tuple[int, int], int] = {}
    for start, end in sorted(way for way in ways if way[1] > way[0] + 1):
        free = next((track for track, last in enumerate(taken) if last <= start), len(taken))
        taken[free : free + 1] = [end]
        tracks[start, end] = free
    return tracks


def _past(start: int, end: int, track: int) -> list[str]:
    """A line from the right side of one kernel to that of another further down."""
    edge, out = WIDTH - _LEFT, WIDTH - _LEFT + _TRACK * (track + 1)
    first = _HEAD + _GAP + start * (_BOX + _GAP) + _BOX - 10
    last = _HEAD + _GAP + end * (_BOX + _GAP) + 10
    return [
        f'<path class="wire past" fill="none" d="M{edge} {first} H{out} V{last} H{edge + 6}"/>',
        f'<path class="head" d="M{edge + 7} {last - 5} v10 l-7 -5 z"/>',
    ]


def _summary(design: Design) -> str:
    bits = sum(rom.bits for rom in design.roms)
    return (
        f"{len(design.stages)} kernels, {design.lanes:,} MAC lanes, {design.cycles:,} cycles per"
        f" frame, {_kib(bits)} of ROM; bars: cycles of a frame beside the bottleneck's"
    )


def _kernel(stage: Stage, slowest: int, top: int) -> list[str]:
    """A box: name and kind, folding, cycles as a number and a bar, ROM."""
    layer, fold = stage.layer, stage.fold
    bits = sum(rom.bits for rom in stage.roms)
    slow = stage.cycles == slowest
    lanes = f"PE {fold.pe} x SIMD {fold.simd} = {stage.lanes:,} lanes, " if stage.lanes else ""
    lanes += "skips zeros, " if fold.skips else "rows of taps, " if fold.gathers else ""
    length = max(1, round(_BAR_WIDTH * stage.cycles / slowest))
    mark = [_words(WIDTH - 28, top + 20, "bottleneck", "soft mark right")] if slow else []
    return [
        f'<g class="{"kernel slow" if slow else "kernel"}">',
        f"<title>{_text(layer.name, LONGEST)}</title>",
        f'<rect class="box" x="{_LEFT}" y="{top}" width="{WIDTH - 2 * _LEFT}" height="{_BOX}"'
        ' rx="5"/>',
        _words(28, top + 19, _text(layer.name), "name"),
        _words(28, top + 36, f"{html.escape(layer.kind)}, {lanes}{_rom(bits)}", "soft"),
        _words(_BAR, top + 19, f"{stage.cycles:,} cycles, {_share(stage.cycles, slowest)}", "soft"),
        *mark,
        f'<rect class="room" x="{_BAR}" y="{top + 27}" width="{_BAR_WIDTH}" height="9"/>',
        f'<rect class="bar" x="{_BAR}" y="{top + 27}" width="{length}" height="9"/>',
        "</g>",
    ]


def _edge(
    edge: Edge,
    beat: int,
    depths: tuple[int, ...],
    slowest: int,
    top: int,
    near: bool = True,
    output: str = "",
) -> list[str]:
    """What a stream carries, and an arrow down where it goes to the next kernel (`near`) or is the
    last; `depths` beats of FIFO in front of its readers. Marked where its beats are the cycles of a
    frame, `slowest`. `output`: what it is called where it leaves."""
    middle, end = _LEFT + 24, top + _GAP
    slow = edge.pixels * -(-edge.channels // beat) == slowest
    sign = "int" if edge.signed else "uint"
    waiting = " and ".join(f"{depth:,}" for depth in depths)
    room = f", FIFO{'s' if depths[1:] else ''} of {waiting}" if depths else ""
    words = (
        f"{edge.height} x {edge.width} x {edge.channels}, {sign}{edge.bits},"
        f" {beat} channel{'s' if beat > 1 else ''} a beat{room}"
        + (f", leaves as '{_text(output, _SHORT)}'" if output else "")
    )
    arrow = [
        f'<line class="wire" x1="{middle}" y1="{top}" x2="{middle}" y2="{end - 6}"/>',
        f'<path class="head" d="M{middle - 5} {end - 7} h10 l-5 7 z"/>',
    ]
    return [
        f'<g class="{"edge slow" if slow else "edge"}">',
        *(arrow if near else []),
        _words(middle + 14, top + 21, words, "soft"),
        *([_words(WIDTH - 28, top + 21, "bottleneck", "soft mark right")] if slow else []),
        "</g>",
    ]


def _words(x: int, y: int, text: str, style: str) -> str:
    """A line of text that is XML already."""
    return f'<text x="{x}" y="{y}" class="{style}">{text}</text>'


def _text(name: str, longest: int = SHOWN) -> str:
    """A name from a model as XML: it may hold quotes, brackets, escape sequences, a megabyte."""
    return html.escape(shortened(printable(name), longest))


def _rom(bits: int) -> str:
    return f"ROM {_kib(bits)}" if bits else "no ROM"


def _kib(bits: int) -> str:
    return f"{bits / 8192:,.1f} KiB"


def _share(cycles: int, slowest: int) -> str:
    percent = 100 * cycles / slowest
    return f"{percent:.0f} %" if percent >= 1 else "under 1 %"
