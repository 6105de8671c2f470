"""What the user may ask of the weights, and its fulfilment: one call for the pipeline.

    as they are      int8 per channel, nothing to do
    a plan           --weight-bits, --codebook / --uniform, --layer-bits
    mixed            --mixed with --rom-budget, or --max-loss; --trellis for more to choose from;
                     or as much as a board has room for (room.py)
    kept codebooks   --keep-codebooks: the model's own shared weights and zeros

The passes themselves: few_bits/calibrated.py, mixed.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hearth.toolchain.data.images import as_float
from hearth.toolchain.few_bits import compression, mixed
from hearth.toolchain.few_bits.calibrated import (
    FEW_IMAGES,
    Samples,
    few_bits,
    keep_codebooks,
    sample,
)
from hearth.toolchain.few_bits.mixed import Offer
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import Array, FloatExpand, Graph, QGraph, convolutions, golden
from hearth.toolchain.quantize.precision import INT8, Plan, Size
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

EVEN = 0.01
"""How far the sizes of one channel's weights may differ, relatively, to count as signs alone."""


@dataclass(frozen=True)
class Request:
    """What the user chose. `budget` is in bytes, `max_loss` in points of agreement."""

    plan: Plan = field(default_factory=Plan)
    mixed: bool = False
    max_loss: float | None = None
    keep_codebooks: bool = False
    keep_zeros: bool = False
    trellis: bool = False
    """Whether the mixture may have trellis codes."""
    choose: Callable[[Offer], Plan] | None = None
    """How the mixture is chosen, instead of by bytes."""

    def __post_init__(self) -> None:
        chosen = [self.plan != Plan(), self.mixed or self.max_loss is not None, self.keep_codebooks]
        if sum(chosen) > 1:
            raise HearthError(
                "--weight-bits, --mixed (or --max-loss) and --keep-codebooks exclude each other"
            )
        if self.trellis and not chosen[1]:
            raise HearthError(
                "--trellis widens the choice of --mixed or --max-loss, but neither is given; for"
                " single layers name a window in --layer-bits"
            )

    @property
    def idle(self) -> bool:
        """Nothing beyond int8 is wanted."""
        return self == Request() or self == Request(plan=Plan(INT8))


def fulfil(
    request: Request,
    qgraph: QGraph,
    model: OnnxModel,
    graph: Graph,
    frames: Array,
    sizes: Mapping[str, Size],
    budget: int,
    report: progress.Report = progress.silent,
) -> QGraph:
    """`qgraph` (int8) with the weights asked for; notes say what was chosen and its bytes.

    `sizes` are what every layer stores in the folding at hand (mixed.sizes_in)."""
    check_frames(frames)
    samples = sample(qgraph, model, graph, frames, report=report)
    notes: dict[str, Any] = {}
    if request.keep_codebooks:
        found = keep_codebooks(qgraph, graph, samples, report)
    elif request.mixed or request.max_loss is not None:
        mixture = _mixture(request, qgraph, model, graph, samples, sizes, budget, report)
        found, notes = mixture.qgraph, {"mixed": mixture.notes()}
    else:
        check_signs(graph, request.plan)
        found = few_bits(qgraph, graph, samples, request.plan, report, request.keep_zeros)
    notes["weight_kilobytes"] = compression.network(found).kilobytes()
    notes["channel_bytes"] = compression.channel_bytes(found)
    return replace(found, notes={**qgraph.notes, **notes})


def check_frames(frames: Array) -> None:
    """Warn when there is too little to learn from."""
    if len(frames) < FEW_IMAGES:
        warnings.warn(
            f"few-bit weights are calibrated on {len(frames)} photographs; with fewer than"
            f" {FEW_IMAGES} they fit these photographs rather than the task",
            stacklevel=2,
        )
    if all((frame == frame[:1, :1]).all() for frame in frames):
        warnings.warn(
            "every calibration photograph is of one colour; few-bit weights learn nothing from"
            " them and are rounded almost independently",
            stacklevel=2,
        )


def check_signs(graph: Graph, plan: Plan) -> None:
    """Warn where one bit is given to weights that are more than signs."""
    rich = []
    for layer in convolutions(graph).values():
        parts = (layer.centre, layer.window) if isinstance(layer, FloatExpand) else (layer,)
        sizes = [np.abs(part.weights.reshape(len(part.weights), -1)) for part in parts]
        even = all((s.max(axis=1) - s.min(axis=1) <= EVEN * s.max(axis=1)).all() for s in sizes)
        if plan.format(layer.name).bits == 1 and not even:
            rich.append(layer.name)
    if rich:
        warnings.warn(
            f"one bit is little for {', '.join(rich)}: weights there are more than a sign each;"
            " --layer-bits gives single layers more",
            stacklevel=2,
        )


def _mixture(
    request: Request,
    qgraph: QGraph,
    model: OnnxModel,
    graph: Graph,
    samples: Samples,
    sizes: Mapping[str, Size],
    budget: int,
    report: progress.Report,
) -> mixed.Mixture:
    if request.choose is not None:
        trellis = request.trellis
        offer = mixed.Offer.of(qgraph, graph, samples, sizes, trellis=trellis, report=report)
        return mixed.rounded(qgraph, graph, samples, offer, request.choose(offer), report)
    if request.max_loss is None:
        return mixed.within_budget(
            qgraph, graph, samples, sizes, budget, report, trellis=request.trellis
        )
    same = agreement(model, graph, qgraph, samples.frames)
    return mixed.within_loss(
        qgraph, graph, samples, sizes, request.max_loss, same, report, trellis=request.trellis
    )


def agreement(
    model: OnnxModel, graph: Graph, qgraph: QGraph, frames: Array
) -> Callable[[QGraph], float]:
    """Percent of `frames` for which a network names the float network's first class."""
    reference = Reference(model, [graph.layers[-1].tensor])
    wanted = np.concatenate(
        [
            reference.run(as_float(frame[None], qgraph.preprocessing))[0].reshape(1, -1).argmax(1)
            for frame in frames
        ]
    )

    def measured(candidate: QGraph) -> float:
        best = golden.top(candidate, golden.outputs(candidate, frames))[:, 0]
        return 100 * float((best == wanted).mean())

    return measured
