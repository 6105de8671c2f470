"""The dataflow of a design as a picture: every kernel in topological order, every edge.

An arrow leads from a kernel to the next where that reads it; what goes past kernels goes along the
right side, a line for each reader. An edge that leaves says under which name, unless it is the one
vector of class scores at the end.

A kernel's box holds its name, kind, folding and ROM, and a bar: its cycles beside those of the
slowest, the bottleneck, which is marked. A kernel that is not the bottleneck waits for the rest of
the frame. Where every kernel is faster than a stream, the stream is the bottleneck. Colours follow
the reader's choice of light or dark.

`svg` is a file of its own, SVG 1.1 with a style sheet, no script and nothing fetched. `inline` is
the same picture for a page that has STYLE: wide or narrow (layout.py), its kernels links, and each
bar what a simulation saw of the kernel where there was one. Names come from a model file and are
data: shown without control characters, shortened, escaped.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from hearth.toolchain.drawing.layout import HEAD, LEFT, NARROW, TRACK, WIDE, Layout
from hearth.toolchain.ir import Design, Edge, Stage
from hearth.toolchain.support.text import printable, shortened

LONGEST = 1000
"""Characters of a name in the box's title."""
_SHORT = 20
"""Characters of an output's name that are shown."""

STYLE = """
  .dataflow text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .dataflow .soft { font-size: 11px; fill: #59636e; }
  .dataflow .title { font-size: 16px; font-weight: 600; }
  .dataflow .name { font-weight: 600; }
  .dataflow .right { text-anchor: end; }
  .dataflow .paper { fill: #ffffff; }
  .dataflow .box { fill: #f6f8fa; stroke: #8c959f; }
  .dataflow .room { fill: none; stroke: #8c959f; }
  .dataflow .wire { stroke: #8c959f; stroke-width: 1.5; }
  .dataflow .head { fill: #8c959f; }
  .dataflow .bar { fill: #0969da; }
  .dataflow .blocked { fill: #59636e; }
  .dataflow .slow .box { stroke: #bc4c00; stroke-width: 2; }
  .dataflow .slow .bar, .dataflow .slow .mark { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    .dataflow text { fill: #f0f6fc; }
    .dataflow .soft { fill: #9198a1; }
    .dataflow .paper { fill: #0d1117; }
    .dataflow .box { fill: #151b23; stroke: #656c76; }
    .dataflow .bar { fill: #4493f8; }
    .dataflow .blocked { fill: #9198a1; }
    .dataflow .slow .box { stroke: #f0883e; }
    .dataflow .slow .bar, .dataflow .slow .mark { fill: #f0883e; }
  }
"""


@dataclass(frozen=True)
class Spent:
    """How a kernel spent a simulation: shares of its cycles (0..1) at work, waiting for input and
    waiting for room."""

    busy: float
    starved: float
    blocked: float


def svg(design: Design) -> str:
    """The picture as the text of an SVG file, the same for the same design."""
    name = _text(design.qgraph.name, WIDE.name)
    head = [
        f"<style>{STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        _words(LEFT, 28, name, "title"),
        _words(LEFT, 48, _summary(design), "soft"),
    ]
    plain = _Extras(("",) * len(design.stages), ())
    return _picture(design, WIDE, HEAD, head, plain, 'role="img"')


def inline(
    design: Design, links: Sequence[str], spent: Sequence[Spent] = (), narrow: bool = False
) -> str:
    """The same as an element of an HTML page, without head and style. `links`: what each kernel
    leads to, written as an attribute already; `spent`: of each kernel, or nothing."""
    layout = NARROW if narrow else WIDE
    return _picture(design, layout, 0, [], _Extras(tuple(links), tuple(spent)), 'role="group"')


@dataclass(frozen=True)
class _Extras:
    """What each kernel leads to, '' for nothing, and how it spent a simulation, if it did."""

    links: tuple[str, ...]
    spent: tuple[Spent, ...]


def _picture(
    design: Design, layout: Layout, head: int, first: list[str], extras: _Extras, role: str
) -> str:
    """An svg element whose rows begin `head` pixels down, behind what is `first`."""
    slowest = max(stage.cycles for stage in design.stages)
    stream = design.cycles if slowest < design.cycles else 0  # an edge is the bottleneck
    passing = _passing(design)
    width = layout.width + TRACK * (max(passing.values(), default=-1) + 1)
    leave = {edge: name for name, edge in design.qgraph.leaves}
    rows = _edge(layout, design.qgraph.input, design.beats[0], (), stream, head)
    top = head + layout.gap
    for index, stage in enumerate(design.stages):
        rows += _kernel(layout, stage, design.cycles, top, index, extras)
        edge, beat = stage.layer.target, stage.fold.beat
        near = {place for place, _ in design.qgraph.readers[edge.name]} or {len(design.stages)}
        waiting, name = design.waiting(edge.name), leave.get(edge.name, "")
        below = top + layout.box
        rows += _edge(layout, edge, beat, waiting, stream, below, index + 1 in near, name)
        top += layout.pitch
    ways = passing.items()
    rows += [line for way, track in ways for line in _past(layout, head, *way, track)]
    height = top + LEFT
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" class="dataflow" {role}>',
            f"<title>Dataflow of {_text(design.qgraph.name, WIDE.name)}</title>",
            *first,
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


def _past(layout: Layout, head: int, start: int, end: int, track: int) -> list[str]:
    """A line from the right side of one kernel to that of another further down."""
    edge, out = layout.right, layout.right + TRACK * (track + 1)
    first = head + layout.gap + start * layout.pitch + layout.box - 10
    last = head + layout.gap + end * layout.pitch + 10
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


def _kernel(
    layout: Layout, stage: Stage, slowest: int, top: int, index: int, extras: _Extras
) -> list[str]:
    """A box: name and kind, folding, cycles as a number and a bar, ROM."""
    layer, slow = stage.layer, stage.cycles == slowest
    link = extras.links[index]
    spent = extras.spent[index] if extras.spent else None
    share = f"{100 * spent.busy:.1f} % busy" if spent else _share(stage.cycles, slowest)
    mark = (layout.right - 12, top + layout.mark, "bottleneck", "soft mark right")
    said = [
        _words(LEFT + 12, top + y, words, "soft")
        for y, words in zip(layout.lines, _said(layout, stage), strict=True)
    ]
    return [
        *([f'<a href="{link}">'] if link else []),
        f'<g class="{"kernel slow" if slow else "kernel"}">',
        f"<title>{_text(layer.name, LONGEST)}</title>",
        f'<rect class="box" x="{LEFT}" y="{top}" width="{layout.right - LEFT}"'
        f' height="{layout.box}" rx="5"/>',
        _words(LEFT + 12, top + 19, _text(layer.name, layout.name), "name"),
        *said,
        _words(layout.bar, top + layout.cycles, f"{stage.cycles:,} cycles, {share}", "soft"),
        *([_words(*mark)] if slow else []),
        *_bar(layout, top + layout.cycles + 8, stage.cycles / slowest, spent),
        "</g>",
        *(["</a>"] if link else []),
    ]


def _said(layout: Layout, stage: Stage) -> list[str]:
    """Kind, folding and ROM, in as many lines as the layout has for them."""
    fold, bits = stage.fold, sum(rom.bits for rom in stage.roms)
    lanes = f"PE {fold.pe} x SIMD {fold.simd} = {stage.lanes:,} lanes" if stage.lanes else ""
    form = "skips zeros" if fold.skips else "rows of taps" if fold.gathers else ""
    folded = ", ".join(filter(None, (lanes, form)))
    rom, kind = f"ROM {_kib(bits)}" if bits else "no ROM", html.escape(stage.layer.kind)
    if len(layout.lines) == 1:
        return [", ".join(filter(None, (kind, folded, rom)))]
    return [f"{kind}, {rom}", folded]


def _bar(layout: Layout, y: int, share: float, spent: Spent | None) -> list[str]:
    """The room of a frame and how much of it is work; of a simulation also, half as high, how much
    was spent waiting for room. What stays empty is spent waiting for input."""
    x, work = layout.bar, share if spent is None else spent.busy
    length = max(1, round(layout.bar_width * work))
    blocked = 0 if spent is None else round(layout.bar_width * spent.blocked)
    return [
        f'<rect class="room" x="{x}" y="{y}" width="{layout.bar_width}" height="9"/>',
        f'<rect class="bar" x="{x}" y="{y}" width="{length}" height="9"/>',
        *(
            [f'<rect class="blocked" x="{x + length}" y="{y + 5}" width="{blocked}" height="4"/>']
            if blocked
            else []
        ),
    ]


def _edge(
    layout: Layout,
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
    middle, end = LEFT + 24, top + layout.gap
    slow = edge.pixels * -(-edge.channels // beat) == slowest
    sign = "int" if edge.signed else "uint"
    waiting = " and ".join(f"{depth:,}" for depth in depths)
    room = f", FIFO{'s' if depths[1:] else ''} of {waiting}" if depths else ""
    shape = f"{edge.height} x {edge.width} x {edge.channels}, {sign}{edge.bits}"
    stream = f"{beat} channel{'s' if beat > 1 else ''} a beat{room}"
    leaves = f"leaves as '{_text(output, _SHORT)}'" if output else ""
    carried = [shape, ", ".join(filter(None, (stream, leaves)))]
    lines = carried if len(layout.edge) > 1 else [", ".join(carried)]
    arrow = [
        f'<line class="wire" x1="{middle}" y1="{top}" x2="{middle}" y2="{end - 6}"/>',
        f'<path class="head" d="M{middle - 5} {end - 7} h10 l-5 7 z"/>',
    ]
    mark = (layout.right - 12, top + layout.edge[0], "bottleneck", "soft mark right")
    said = [
        _words(middle + 14, top + y, words, "soft")
        for y, words in zip(layout.edge, lines, strict=True)
    ]
    return [
        f'<g class="{"edge slow" if slow else "edge"}">',
        *(arrow if near else []),
        *said,
        *([_words(*mark)] if slow else []),
        "</g>",
    ]


def _words(x: int, y: int, text: str, style: str) -> str:
    """A line of text that is XML already."""
    return f'<text x="{x}" y="{y}" class="{style}">{text}</text>'


def _text(name: str, longest: int) -> str:
    """A name from a model as XML: it may hold quotes, brackets, escape sequences, a megabyte."""
    return html.escape(shortened(printable(name), longest))


def _kib(bits: int) -> str:
    return f"{bits / 8192:,.1f} KiB"


def _share(cycles: int, slowest: int) -> str:
    percent = 100 * cycles / slowest
    return f"{percent:.0f} %" if percent >= 1 else "under 1 %"
