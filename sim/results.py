"""What a simulation showed, from the lines the probes report (sim/rtl says what each holds)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearth.sim.harness import Net
from hearth.sim.vectors import beats_per_frame, locate, unpack
from hearth.toolchain.ir import Edge

STEADY = 3
"""Frames after which the distance of the last two is the network's pace."""


@dataclass(frozen=True)
class Mismatch:
    """The first wrong value of a network, in stream order of its edges."""

    frame: int
    layer: str
    row: int
    column: int
    channel: int
    got: int
    want: int | None
    """None: a beat that should not exist."""

    def __str__(self) -> str:
        want = "the end of the stream" if self.want is None else self.want
        return (
            f"frame {self.frame}, {self.layer}, row {self.row}, column {self.column},"
            f" channel {self.channel}: got {self.got}, want {want}"
        )


@dataclass(frozen=True)
class EdgeResult:
    """One edge: beats seen and expected, and cycles it spent waiting.

    surplus beats came after the last expected one; broken counts beats that were withdrawn or
    changed while waiting; starved, blocked and withheld are cycles (no beat; no room; stalled
    by the harness).
    """

    name: str
    beats: int
    expected: int
    errors: int
    surplus: int
    broken: int
    starved: int
    blocked: int
    withheld: int
    waiting: bool
    """A beat stood in front of this edge when the simulation ended."""
    handshakes: str = ""
    """One digit per recorded cycle: 2 * valid + ready (sim/rtl/hearth_stream_recorder.sv)."""


@dataclass(frozen=True)
class KernelResult:
    """One kernel: shares (0..1) of the cycles between its first and last unit of work."""

    name: str
    lanes: int
    model_cycles: int
    busy: float
    starved: float
    blocked: float


@dataclass(frozen=True)
class SimResult:
    """One network's simulation.

    cycles_per_frame  between the ends of the last two frames at the output, or behind the
                      slowest kernel where others skip zeros; None with fewer than STEADY frames:
                      the first two still fill an empty pipeline
    mac_utilisation   of all lanes at that pace (0..1); None likewise
    latency_cycles    first beat of the first frame in, to its last beat out; of several outputs
                      the last one counts, here as above
    ends              cycle in which the last beat of each frame left
    overlapped        frames that entered before the frame in front of them had left
    stuck             why the run ended early, naming the edge; empty when all frames arrived
    seconds           simulation alone; build_seconds is 0 when the simulator was there already
    """

    frames: int
    mismatches: int
    first_mismatch: Mismatch | None
    broken: int
    stuck: str
    cycles_per_frame: int | None
    model_cycles_per_frame: int
    latency_cycles: int
    ends: tuple[int, ...]
    overlapped: int
    total_cycles: int
    mac_lanes: int
    mac_utilisation: float | None
    seconds: float
    build_seconds: float
    edges: tuple[EdgeResult, ...]
    kernels: tuple[KernelResult, ...]

    @property
    def ok(self) -> bool:
        """Every beat of every edge was right, none was missing and no stream rule was broken."""
        return not (self.mismatches or self.broken or self.stuck)

    @property
    def verdict(self) -> str:
        """One line: what went wrong first, or that everything is equal."""
        if self.first_mismatch:
            return str(self.first_mismatch)
        if self.stuck:
            return self.stuck
        if self.broken:
            name = next(edge.name for edge in self.edges if edge.broken)
            return f"{name}: a waiting beat was withdrawn or changed"
        return f"{self.frames} frames, every beat of {len(self.edges)} edges equal"


@dataclass(frozen=True)
class Wrong:
    """Wrong beats: how many, the number of the first, its value and the expected one."""

    count: int
    first: int
    got: int
    want: int


class Report:
    """The lines of results.txt by kind and Id."""

    def __init__(self, lines: Sequence[Sequence[str]]) -> None:
        self._lines = {
            (words[0], int(words[1])): list(words[2:])
            for words in lines
            if words[0] in ("edge", "kernel", "source", "sink")
        }
        run = next(words for words in lines if words[0] == "run")
        self.cycles, self.reason = int(run[1]), run[2]
        self.seconds = next((float(w[1]) for w in lines if w[0] == "seconds"), 0.0)

    def numbers(self, kind: str, number: int) -> list[int]:
        return [int(word) for word in self._lines[kind, number]]

    def sink(self, number: int) -> tuple[Wrong, list[int]]:
        """What was wrong where an edge leaves, and the cycles in which frames had left."""
        count, first, got, want, *stamps = self._lines["sink", number]
        wrong = Wrong(int(count), int(first), int(got, 16), int(want, 16))
        return wrong, [int(word) for word in stamps]

    def edge(self, number: int) -> tuple[list[int], int, int]:
        """Counters, first wrong beat's value and the expected one."""
        *counters, got, want = self._lines["edge", number]
        return [int(word) for word in counters], int(got, 16), int(want, 16)


def _wrong(report: Report, number: int, leaves: bool) -> Wrong:
    """What was wrong with an edge: in front of its FIFO, or else where it leaves."""
    counters, got, want = report.edge(number)
    found = Wrong(counters[1], counters[9], got, want)
    return report.sink(number)[0] if leaves and not found.count else found


def _mismatch(wrong: Wrong, edge: Edge, beat: int, frames: int) -> Mismatch:
    frame, row, column, channel = locate(wrong.first, edge, beat)
    values = unpack(wrong.got, edge, beat)
    if frame >= frames:
        return Mismatch(frame, edge.name, row, column, channel, values[0], None)
    wanted = unpack(wrong.want, edge, beat)
    offset = next(i for i in range(beat) if values[i] != wanted[i])
    where = (frame, edge.name, row, column, channel + offset)
    return Mismatch(*where, values[offset], wanted[offset])


def _edge(
    report: Report, number: int, edge: Edge, beat: int, frames: int, wave: str, wrong: int
) -> EdgeResult:
    counters, _, _ = report.edge(number)
    beats, _, surplus, broken, starved, blocked, withheld, valid, *_ = counters
    expected = beats_per_frame(edge, beat) * frames
    counts = (wrong, surplus, broken, starved, blocked, withheld)
    return EdgeResult(edge.name, beats, expected, *counts, waiting=bool(valid), handshakes=wave)


def _kernels(report: Report, net: Net) -> tuple[KernelResult, ...]:
    results = []
    for index, stage in enumerate(net.design.stages):
        first, last, *counts = report.numbers("kernel", net.kernel_base + index)
        span = max(1, last - first + 1)
        shares = (count / span for count in counts)
        results.append(KernelResult(stage.layer.name, stage.lanes, stage.cycles, *shares))
    return tuple(results)


def _stuck(report: Report, edges: Sequence[EdgeResult], frames: int, delivered: int) -> str:
    missing = [edge for edge in edges if edge.beats < edge.expected]
    if report.reason == "limit" or (delivered >= frames and not missing):
        return ""  # complete, or cut on purpose for a waveform
    waiting = [edge for edge in missing if edge.waiting]
    where = waiting[-1] if waiting else missing[0]
    state = "is not taken" if waiting else "never comes"
    cause = {"stuck": "stuck", "errors": "ended after too many wrong beats"}
    return (
        f"{cause.get(report.reason, 'ended')} with {delivered} of {frames} frames delivered: beat"
        f" {where.beats} of {where.expected} of {where.name} {state}"
    )


def _model(net: Net) -> int:
    """Cycles that the last frame takes by the model."""
    edges = net.design.qgraph.edges
    return net.design.cycles_of(
        {edge.name: values for edge, values in zip(edges, net.golden, strict=True)}
    )


def _pace(report: Report, net: Net, ends: Sequence[int]) -> int:
    """Cycles between the last two frames: at the output, or behind the slowest kernel where others
    skip zeros. These end one frame a little sooner and the next one later, as their values are."""
    stages = net.design.stages
    slowest = max(stages, key=lambda stage: stage.cycles)
    if slowest.fold.skips or not any(stage.fold.skips for stage in stages):
        return ends[-1] - ends[-2]
    names = [edge.name for _, edge, _ in net.edges]
    number = net.edges[names.index(slowest.layer.target.name)][0]
    earlier, ended = report.edge(number)[0][-2:]
    return ended - earlier


def assemble(
    net: Net, lines: Sequence[Sequence[str]], build_seconds: float, waves: Sequence[str]
) -> SimResult:
    """The result of one network of a simulation; `waves` is what was recorded of its edges."""
    report, frames, design = Report(lines), len(net.golden[0]), net.design
    sinks = [number for number, _, _ in net.outputs.values()]
    faults = [_wrong(report, number, number in sinks) for number, _, _ in net.edges]
    recorded = zip(net.edges, waves, faults, strict=True)
    edges = tuple(_edge(report, *edge, frames, w, fault.count) for edge, w, fault in recorded)
    wrong = [
        _mismatch(fault, edge, beat, frames)
        for fault, (_, edge, beat) in zip(faults, net.edges, strict=True)
        if fault.count
    ]
    starts = report.numbers("source", net.edges[0][0])
    stamps = [report.sink(number)[1] for number in sinks]
    ends = [max(frame) for frame in zip(*stamps, strict=False)]
    latency = ends[0] - starts[0] if ends else 0
    per_frame = _pace(report, net, ends) if len(ends) >= STEADY else None
    capacity = design.lanes * (per_frame or 0)
    return SimResult(
        frames=len(ends),
        mismatches=sum(edge.errors for edge in edges),
        first_mismatch=wrong[0] if wrong else None,
        broken=sum(edge.broken for edge in edges),
        stuck=_stuck(report, edges, frames, len(ends)),
        cycles_per_frame=per_frame,
        model_cycles_per_frame=_model(net),
        latency_cycles=latency,
        ends=tuple(ends),
        overlapped=sum(start < end for start, end in zip(starts[1:], ends, strict=False)),
        total_cycles=report.cycles,
        mac_lanes=design.lanes,
        mac_utilisation=design.qgraph.macs / capacity if capacity else None,
        seconds=report.seconds,
        build_seconds=build_seconds,
        edges=edges,
        kernels=_kernels(report, net),
    )
