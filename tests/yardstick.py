"""The yardstick for other people's files: golden logits against ONNX Runtime on the file itself.

    python -m tests.yardstick FILE.onnx ... --frames frames.npz [--preprocessing unit]

Both get the same prepared pixels. ONNX Runtime reads the file as it is on the disk, quantizers and
all; only QONNX's Quant nodes, which it does not know, are spelled out in operators that it does
(https://github.com/fastmachinelearning/qonnx, docs/qonnx-custom-ops). A last Softmax, Sigmoid,
ArgMax or TopK is left out on both sides, since hardware ranks what goes into it. Of several
outputs, or maps, every one is compared, and the worst counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hearth.toolchain import pipeline
from hearth.toolchain.data import manifest
from hearth.toolchain.data.images import as_float, fit
from hearth.toolchain.frontend import runtime
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.stages import Options
from hearth.toolchain.support.errors import HearthError

RANKING = ("ArgMax", "Cast", "LogSoftmax", "Sigmoid", "Softmax", "TopK")
QUANT_DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")


@dataclass(frozen=True)
class Outcome:
    """Signal-to-noise ratio of the logits, or of a map, in dB, and frames with the same first
    class; None where an output has several pixels."""

    decibels: float
    agreeing: int | None
    frames: int

    def __str__(self) -> str:
        first = "" if self.agreeing is None else f", first class {self.agreeing}/{self.frames}"
        return f"{self.decibels:5.1f} dB{first}"


def compare(
    model: Path,
    frames: Path,
    more: Array | None = None,
    preprocessing: str = "unit",
    **options: Any,
) -> Outcome:
    """Calibrate and compile up to the integer network, then compare; HearthError if refused.

    `frames` is an .npz of calibration frames, `more` further frames to compare on.
    """
    qgraph = integers(Options(model, preprocessing=preprocessing, calibration=frames, **options))
    shown = np.load(frames)["images"]
    shown = shown if more is None else np.concatenate([shown, more])
    prepared = manifest.PRESETS[preprocessing]
    if qgraph.input.channels == 1:
        grey, size = qgraph.preprocessing, qgraph.input.shape[:2]
        shown = np.stack([fit("frames", frame, grey, size) for frame in shown])
        mean, scale = prepared.mean[:1], prepared.scale[:1]
        prepared = replace(prepared, channel_order="L", mean=mean, scale=scale)
    elif qgraph.input.channels == 4:
        mean, scale = prepared.mean[:1] * 4, prepared.scale[:1] * 4
        prepared = replace(prepared, channel_order="RGBA", mean=mean, scale=scale)
    inputs = as_float(shown, prepared)
    if qgraph.classes:
        wanted = reference(model, inputs)
        return _outcome(wanted, golden.logits(qgraph, golden.outputs(qgraph, shown)), True)
    every = [
        _outcome(
            reference(model, inputs, output.name),
            golden.dequantized(output.edge, values).transpose(0, 3, 1, 2).reshape(len(shown), -1),
            output.edge.pixels == 1,
        )
        for output, values in zip(qgraph.outputs, golden.results(qgraph, shown), strict=True)
    ]
    agreeing = [found.agreeing for found in every if found.agreeing is not None]
    whole = len(agreeing) == len(every)
    decibels = min(found.decibels for found in every)
    return Outcome(decibels, min(agreeing) if whole else None, len(shown))


def _outcome(wanted: Array, found: Array, ranked: bool) -> Outcome:
    """One output [n, values], whose values are scores of classes where it is `ranked`."""
    assert wanted.shape == found.shape, (wanted.shape, found.shape)
    noise = np.square(wanted - found).sum()
    decibels = 10 * np.log10(max(np.square(wanted).sum(), 1e-300) / max(noise, 1e-300))
    chosen = np.take_along_axis(wanted, found.argmax(axis=1)[:, None], axis=1)[:, 0]
    same = int((chosen == wanted.max(axis=1)).sum()) if ranked else None
    return Outcome(float(decibels), same, len(wanted))


def integers(options: Options) -> QGraph:
    """The integer network of a file, by the passes up to where folding begins."""
    return pipeline.run(pipeline.FRONT_END + pipeline.QUANTIZATION, options).qgraph


def reference(model: Path, inputs: Array, output: str | None = None) -> Array:
    """Logits [n, classes] of the file's first output, or of `output`, by ONNX Runtime, in ONNX
    order where it is a map; inputs is float32 [n, channels, h, w]."""
    proto = onnx.load(model)
    logits = _logits(proto.graph, output or str(proto.graph.output[0].name))
    if logits not in {output.name for output in proto.graph.output}:
        proto.graph.output.append(onnx.ValueInfoProto(name=logits))
    session = runtime.session(_spelled_out(proto), literal=True)
    entry = session.get_inputs()[0]
    if len(entry.shape) == 4 and entry.shape[3] in (1, 3, 4) and entry.shape[1] not in (1, 3, 4):
        inputs = inputs.transpose(0, 2, 3, 1)
    batch = entry.shape[0] if isinstance(entry.shape[0], int) else 1
    parts = [inputs[i : i + batch] for i in range(0, len(inputs), batch)]
    results = [session.run([logits], {entry.name: part})[0] for part in parts]
    return np.concatenate(results).reshape(len(inputs), -1).astype(np.float64)


def _logits(graph: onnx.GraphProto, name: str) -> str:
    """What goes into a last Softmax, Sigmoid, ArgMax or TopK; else the output itself."""
    producers = {tensor: node for node in graph.node for tensor in node.output}
    while name in producers and producers[name].op_type in RANKING:
        name = producers[name].input[0]
    return name


def _spelled_out(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The model with each Quant node as Div, Add, Round, Clip, Sub, Mul."""
    constants = {t.name: numpy_helper.to_array(t) for t in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    nodes: list[onnx.NodeProto] = []
    for node in proto.graph.node:
        if node.op_type in ("Quant", "IntQuant") and node.domain in QUANT_DOMAINS:
            bits = float(constants[node.input[3]].reshape(-1)[0])
            nodes += _quant(node, bits, proto.graph)
        else:
            nodes.append(node)
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(copies)
    known = [o for o in proto.opset_import if o.domain not in QUANT_DOMAINS]
    del proto.opset_import[:]
    proto.opset_import.extend(known)
    return proto


def _quant(node: onnx.NodeProto, bits: float, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """One Quant node in standard operators."""
    settings = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    signed, narrow = settings.get("signed", 1), settings.get("narrow", 0)
    low = -(2 ** (bits - 1)) + narrow if signed else 0.0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
    value, scale, zero = node.input[:3]
    made = node.output[0]
    for name, bound in (("low", low), ("high", high)):
        graph.initializer.append(
            numpy_helper.from_array(np.array(bound, np.float32), f"{made}/{name}")
        )
    steps = [
        ("Div", [value, scale], "scaled"),
        ("Add", [f"{made}/scaled", zero], "shifted"),
        ("Round", [f"{made}/shifted"], "rounded"),
        ("Clip", [f"{made}/rounded", f"{made}/low", f"{made}/high"], "clipped"),
        ("Sub", [f"{made}/clipped", zero], "centred"),
    ]
    nodes = [helper.make_node(op, inputs, [f"{made}/{end}"]) for op, inputs, end in steps]
    return [*nodes, helper.make_node("Mul", [f"{made}/centred", scale], [made])]


def outcome(model: Path, frames: Path, more: Array | None, preprocessing: str) -> str:
    """What `compare` finds, the sentence of a refusal, or a defect of ours."""
    try:
        return str(compare(model, frames, more, preprocessing))
    except HearthError as error:
        return f"refused: {error}"
    except Exception as error:
        return f"DEFECT: {type(error).__name__}: {error}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--frames", type=Path, required=True, help="calibration frames, .npz")
    parser.add_argument("--preprocessing", default="unit", choices=sorted(manifest.PRESETS))
    given = parser.parse_args(arguments)
    table = Table("file", "outcome", box=None)
    for model in given.models:
        found = outcome(model, given.frames, None, given.preprocessing)
        table.add_row(model.name, escape(found))
    Console().print(table)


if __name__ == "__main__":
    main()
