"""What the file does to values between one layer of the chain and the next.

A `Link` is what trace.py found, told in layers of the `Graph`: the steps that every reader of a
layer's result sees. All readers have to see the same, because hardware has one stream between two
layers. A quantizer that ends up in no link is refused by name: none is ever dropped unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearth.toolchain.frontend.quantized.kept import Kept, Quantizer, Step, Trail
from hearth.toolchain.frontend.quantized.trace import folded_late
from hearth.toolchain.ir import FloatConv, FloatExpand, FloatGlobalPool, FloatLayer, Graph
from hearth.toolchain.support.errors import HearthError


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
    """`entry` lies between the input and the first layer, `after[i]` behind layer i; `inner` holds
    the links of the two convolutions of an expand stage to their Concat, by the stage's name."""

    entry: Link
    after: tuple[Link, ...]
    inner: dict[str, tuple[Link, Link]]


def links(graph: Graph, kept: Kept) -> Links:
    """The links of a chain; HearthError where readers differ or a quantizer has no place."""
    layers = list(graph.layers)
    readers = [_readers(layer, kept) for layer in layers]
    halves = {x.name: _inner(x, kept) for x in layers if isinstance(x, FloatExpand)}
    outputs = kept.trails[""]
    _check_all_seen(kept, (*readers, *(trails for pair in halves.values() for trails in pair)))
    moved = _linear_in_front(layers, readers)
    if moved:
        # The Linear was behind the pool: who reads what is read off the file's own order.
        _refuse_steps(layers[-2].name, readers[-2])
        readers[-2], readers[-1] = readers[-1], (Trail("", layers[-2].tensor, ()),)
    found = Links(
        _common(readers[0]),
        (*(_common(trails) for trails in readers[1:]), _common(outputs)),
        {name: (_common(left), _common(right)) for name, (left, right) in halves.items()},
    )
    _check_folded(layers, found)
    return found


def _readers(layer: FloatLayer, kept: Kept) -> tuple[Trail, ...]:
    """The trails that end in a layer: those of its nodes that read what other layers made."""
    own = set(layer.nodes)
    trails = [t for node in layer.nodes for t in kept.trails.get(node, ()) if t.origin not in own]
    if not trails:
        raise HearthError(
            f"{layer.name}: cannot be found again in the quantized file; simplify the model before"
            " it is quantized"
        )
    return tuple(trails)


def _inner(layer: FloatExpand, kept: Kept) -> tuple[tuple[Trail, ...], tuple[Trail, ...]]:
    """The trails from the 1x1 and from the windowed convolution to their Concat."""
    halves = []
    for part in (layer.centre, layer.window):
        own = set(part.nodes)
        found = (t for n in layer.nodes for t in kept.trails.get(n, ()) if t.origin in own)
        halves.append(tuple(found))
    return halves[0], halves[1]


def _linear_in_front(layers: Sequence[FloatLayer], readers: Sequence[tuple[Trail, ...]]) -> bool:
    """Whether the last convolution was a Linear behind the global pool."""
    if len(layers) < 2 or not isinstance(layers[-1], FloatGlobalPool):
        return False
    return all(trail.origin in layers[-1].nodes for trail in readers[-2])


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
    rounded: tuple[Quantizer, ...] = ()
    for layer, link in zip(layers, found.after, strict=True):
        if isinstance(layer, FloatConv | FloatExpand):
            rounded = tuple(q for half in found.inner.get(layer.name, ()) for q in half.quantizers)
        if link.affine and rounded:
            raise folded_late(link.affine, rounded[-1])
        rounded = (*rounded, *link.quantizers)


def _check_all_seen(kept: Kept, seen: Sequence[tuple[Trail, ...]]) -> None:
    """Every quantizer of the file is in a trail between two layers, or behind the last."""
    known = {id(trail) for trails in (*seen, kept.trails[""]) for trail in trails}
    for trails in kept.trails.values():
        for trail in trails:
            if id(trail) not in known and trail.quantizers:
                raise HearthError(
                    f"{trail.quantizers[0].name}: this quantizer stands where hardware has no"
                    " stream to round (inside of one layer); quantize between layers"
                )
