"""What the file does to values between one layer and the next.

A `Link` is what trace.py found, told in layers of the `Graph`: the steps that every reader of a
layer's result sees. All readers have to see the same, because hardware has one stream behind a
layer, however many read it. A quantizer that ends up in no link is refused by name: none is ever
dropped unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hearth.toolchain.frontend.quantized.kept import Kept, Quantizer, Step, Trail
from hearth.toolchain.frontend.quantized.trace import folded_late
from hearth.toolchain.ir import (
    FloatAdd,
    FloatConcat,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatLayer,
    FloatMaxPool,
    Graph,
)
from hearth.toolchain.support.errors import HearthError

KNOWN = (FloatAdd, FloatConcat, FloatConv, FloatExpand, FloatGlobalPool, FloatMaxPool)
"""Layers that work on a file's own integers."""
Trails = tuple[Trail, ...]


@dataclass(frozen=True)
class Link:
    """Steps behind a layer, and the tensor of the file that its readers read."""

    steps: tuple[Step, ...] = ()
    tensor: str = ""
    affine: str = ""
    """An operator in front of the steps that was folded into the convolutions before."""

    @property
    def quantizers(self) -> tuple[Quantizer, ...]:
        return tuple(step for step in self.steps if isinstance(step, Quantizer))


@dataclass(frozen=True)
class Links:
    """`entry` lies between the input and what reads it, `after` behind layers, by their names;
    `inner` holds the links of the two convolutions of an expand stage to their Concat, by the
    stage's name."""

    entry: Link
    after: Mapping[str, Link]
    inner: Mapping[str, tuple[Link, Link]]


def links(graph: Graph, kept: Kept) -> Links:
    """The links of a network; HearthError where readers differ or a quantizer has no place."""
    layers = list(graph.layers)
    _check_known(layers)
    readers = [_readers(layer, kept) for layer in layers]
    halves = {x.name: _inner(x, kept) for x in layers if isinstance(x, FloatExpand)}
    pairs = (trails for pair in halves.values() for trails in pair)
    _check_all_seen(kept, (*(trails for reads in readers for trails in reads), *pairs))
    if _linear_in_front(layers, readers):
        # The Linear was behind the pool: who reads what is read off the file's own order.
        _refuse_steps(layers[-2].name, readers[-2][0])
        readers[-2], readers[-1] = readers[-1], ((Trail("", layers[-2].tensor, ()),),)
    reading: dict[str, list[Trail]] = defaultdict(list)
    for layer, reads in zip(layers, readers, strict=True):
        for tensor, trails in zip(layer.inputs, reads, strict=True):
            reading[tensor] += trails
    reading[layers[-1].tensor] += kept.trails[""]
    found = Links(
        _common(reading[graph.input_tensor]),
        {layer.name: _common(reading[layer.tensor]) for layer in layers},
        {name: (_common(left), _common(right)) for name, (left, right) in halves.items()},
    )
    _check_folded(layers, found)
    return found


def _check_known(layers: Iterable[FloatLayer]) -> None:
    for layer in layers:
        if not isinstance(layer, KNOWN):
            raise HearthError(
                f"{layer.name}: layers of this kind have no form on the integers of a quantized"
                " file; give the float model"
            )


def _readers(layer: FloatLayer, kept: Kept) -> tuple[Trails, ...]:
    """The trails that end in a layer, for each of its inputs: those of its nodes that read what
    other layers made."""
    own = set(layer.nodes)
    trails = [t for node in layer.nodes for t in kept.trails.get(node, ()) if t.origin not in own]
    if not trails or len(layer.inputs) not in (1, len(trails)):
        raise HearthError(
            f"{layer.name}: cannot be found again in the quantized file; simplify the model before"
            " it is quantized"
        )
    return (tuple(trails),) if len(layer.inputs) == 1 else tuple((trail,) for trail in trails)


def _inner(layer: FloatExpand, kept: Kept) -> tuple[Trails, Trails]:
    """The trails from the 1x1 and from the windowed convolution to their Concat."""
    halves = []
    for part in (layer.centre, layer.window):
        own = set(part.nodes)
        found = (t for n in layer.nodes for t in kept.trails.get(n, ()) if t.origin in own)
        halves.append(tuple(found))
    return halves[0], halves[1]


def _linear_in_front(layers: Sequence[FloatLayer], readers: Sequence[tuple[Trails, ...]]) -> bool:
    """Whether the last convolution was a Linear behind the global pool."""
    if len(layers) < 2 or not isinstance(layers[-1], FloatGlobalPool):
        return False
    return all(trail.origin in layers[-1].nodes for trail in readers[-2][0])


def _refuse_steps(name: str, trails: Sequence[Trail]) -> None:
    for trail in trails:
        for step in trail.steps:
            raise HearthError(
                f"{step.name}: works between the global average pool and the Linear {name}, which"
                " hardware computes in the other order; quantize without it"
            )


def _common(trails: Sequence[Trail]) -> Link:
    """What all readers see; HearthError when they differ."""
    first = trails[0]
    for other in trails[1:]:
        same = len(first.steps) == len(other.steps) and all(
            _equal(a, b) for a, b in zip(first.steps, other.steps, strict=True)
        )
        if not same:
            raise HearthError(
                f"{_describe(first)} and {_describe(other)}: two layers read one result through"
                " different quantizers; hardware has one stream for both, so quantize it once"
            )
    return Link(first.steps, first.tensor, first.affine)


def _equal(first: Step, second: Step) -> bool:
    if isinstance(first, Quantizer):
        return isinstance(second, Quantizer) and first.same(second)
    return not isinstance(second, Quantizer) and (first.low, first.high) == (
        second.low,
        second.high,
    )


def _describe(trail: Trail) -> str:
    return trail.steps[-1].name if trail.steps else f"no quantizer before '{trail.tensor}'"


def _check_folded(layers: Sequence[FloatLayer], found: Links) -> None:
    """What was folded into convolutions stood in front of their quantizers, seen across layers."""
    rounded: dict[str, tuple[Quantizer, ...]] = defaultdict(tuple)
    for layer in layers:
        link = found.after[layer.name]
        before = [q for tensor in layer.inputs for q in rounded[tensor]]
        if isinstance(layer, FloatConv | FloatExpand):
            before = [q for half in found.inner.get(layer.name, ()) for q in half.quantizers]
        if link.affine and before:
            raise folded_late(link.affine, before[-1])
        rounded[layer.tensor] = (*before, *link.quantizers)


def _check_all_seen(kept: Kept, seen: Sequence[Trails]) -> None:
    """Every quantizer of the file is in a trail between two layers, or behind the last."""
    known = {id(trail) for trails in (*seen, kept.trails[""]) for trail in trails}
    for trails in kept.trails.values():
        for trail in trails:
            if id(trail) not in known and trail.quantizers:
                raise HearthError(
                    f"{trail.quantizers[0].name}: this quantizer stands where hardware has no"
                    " stream to round (inside of one layer); quantize between layers"
                )
