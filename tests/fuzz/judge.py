"""What becomes of one model file, and whether that is what should.

Everything of `hearth compile` that depends on the file runs (all passes up to the synthesis, the
files of the build folder as text). Right is: refused with one sentence, or compiled to integers
whose scores are those of ONNX Runtime on the file itself. Scores are compared as signal-to-noise
over six frames. A quantized file leaves only rounding to differ, a float one is quantized here, on
the very frames that it is calibrated with; the bars below tell a wrong network (15 dB and less
where a quantizer or a window is wrong) from a badly conditioned one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from hearth.toolchain import pipeline
from hearth.toolchain.adopt.convolution import parts_of
from hearth.toolchain.data import images
from hearth.toolchain.frontend import runtime
from hearth.toolchain.ir import Array, Graph, QGraph, convolutions, golden
from hearth.toolchain.saved import design_file, qgraph_file
from hearth.toolchain.stages import Mapped, Options
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from tests.fuzz.seeds import QONNX, elementary

RIGHT = {"equal", "refused"}
LONGEST_SENTENCE = 1200
ENOUGH_DB = {"float": 25.0, "lopsided": 6.0, "quantized": 30.0}
"""Float files with a weight that dwarfs the others of its channel lose these to 8 bits."""
SHAPING = ("Cast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
RANKING = ("ArgMax", "HardSigmoid", "LogSoftmax", "Sigmoid", "Softmax", "TopK")
FUNCTIONS = ("Dropout", "HardSigmoid", "Identity", "Sigmoid")
"""What hardware computes behind a map, or what does nothing."""


@dataclass(frozen=True)
class Verdict:
    """`kind` is equal, refused, or the name of what went wrong."""

    kind: str
    detail: str = ""
    decibels: float = 0.0

    @property
    def right(self) -> bool:
        return self.kind in RIGHT


def judge(path: Path, calibration: Path) -> Verdict:
    """Compile a file and compare. Exceptions other than HearthError are the caller's to catch."""
    try:
        state = _front_half(path, calibration)
    except HearthError as error:
        return _sentence(str(error))
    try:
        return _against_the_file(path, calibration, state)
    except YardstickError as error:
        return Verdict("no yardstick", f"compiled, but {error}")


def _against_the_file(path: Path, calibration: Path, state: Mapped) -> Verdict:
    qgraph, front = state.design.qgraph, state.quantized.front
    frames = images.open_set(calibration).whole(
        qgraph.preprocessing, (qgraph.input.height, qgraph.input.width)
    )
    kind = "quantized" if _quantized(front.onnx.original) else "float"
    if kind == "float" and _beyond_8_bits(front.graph):
        kind = "lopsided"
    if not qgraph.classes:
        return _outputs(qgraph, front.onnx.original, frames, kind)
    ours = golden.logits(qgraph, golden.outputs(qgraph, frames))
    theirs, final = _theirs(path, front.onnx.original, frames)
    return compare(ours, theirs, final, ENOUGH_DB[kind], kind)


def _outputs(qgraph: QGraph, original: onnx.ModelProto, frames: Array, kind: str) -> Verdict:
    """Maps, and vectors beside others: the worst of the outputs."""
    verdicts = []
    for output, values in zip(qgraph.outputs, golden.results(qgraph, frames), strict=True):
        real = golden.dequantized(output.edge, values).transpose(0, 3, 1, 2)
        ours = real.reshape(len(frames), -1)
        theirs = _leaving(original, output.name, frames)
        verdicts.append(compare(ours, theirs, theirs, ENOUGH_DB[kind], kind))  # none ranks
    return min(verdicts, key=lambda verdict: (verdict.right, verdict.decibels))


def _leaving(original: onnx.ModelProto, output: str, frames: Array) -> Array:
    """What an output is made of, [n, values] in ONNX order: shapes and rankings are the host's, but
    for a function right behind a map."""
    writers = {name: node for node in original.graph.node for name in node.output if name}
    tensors = [output]
    while (node := writers.get(tensors[0])) is not None and node.op_type in SHAPING + RANKING:
        tensors.insert(0, node.input[0])
    values = run(original, tensors, frames)
    is_map = values[0].ndim == 4 and values[0][0, 0].size > 1
    at = 0
    while is_map and at + 1 < len(tensors) and writers[tensors[at + 1]].op_type in FUNCTIONS:
        at += 1
    return values[at].reshape(len(frames), -1)


def _beyond_8_bits(graph: Graph) -> bool:
    """Whether a channel has one weight so large that most others are less than a step of int8."""
    for conv in convolutions(graph).values():
        for part in parts_of(conv):
            sizes = np.abs(part.weights.reshape(len(part.weights), -1))
            if (sizes.max(axis=1) / 127 > np.median(sizes, axis=1)).any():
                return True
    return False


def _theirs(path: Path, original: onnx.ModelProto, frames: Array) -> tuple[Array, Array]:
    """Scores of the file, or of its live part where what does not reach the output stops it."""
    try:
        return yardstick(_whole(path), frames)
    except YardstickError:
        return yardstick(original, frames)


def _whole(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except Exception as error:  # dead external data, for example
        raise YardstickError(f"onnx: {str(error)[:300]}") from None


def _front_half(path: Path, calibration: Path) -> Mapped:
    options = Options(path, preprocessing="unit", calibration=calibration, lanes=200)
    state = pipeline.run(pipeline.FRONT_END + pipeline.QUANTIZATION + pipeline.MAPPING, options)
    _written(state)
    return state


def _written(state: Mapped) -> None:
    """The parts of the build folder that hold the file's numbers, which must be readable again."""
    json.dumps(pipeline.figures(state), allow_nan=False)
    design_file.dumps(state.design)
    qgraph_file.dumps(state.design.qgraph)


def _sentence(message: str) -> Verdict:
    if not message or printable(message) != message or len(message) > LONGEST_SENTENCE:
        return Verdict("bad sentence", message[:LONGEST_SENTENCE])
    return Verdict("refused", message)


def _quantized(model: onnx.ModelProto) -> bool:
    return any("Linear" in n.op_type or n.op_type == "Quant" for n in model.graph.node)


# ------------------------------------------------------------------------------- comparison


def compare(ours: Array, theirs: Array, final: Array, enough: float, kind: str) -> Verdict:
    """Scores [frames, classes] against the file's, and against the ranking of its output."""
    if theirs.shape != ours.shape:
        return Verdict("wrong", f"{list(ours.shape)} scores, the file has {list(theirs.shape)}")
    if not np.isfinite(theirs).all():
        return Verdict("wrong", "compiled, but the file's scores are not finite")
    signal = np.square(theirs, dtype=np.float64).sum()
    noise = np.square(ours - theirs.astype(np.float64)).sum()
    decibels = float(10 * np.log10(max(signal, 1e-300) / max(noise, 1e-300)))
    if noise > 0 and decibels < enough:
        return Verdict("wrong", f"{decibels:.1f} dB for a {kind} file", decibels)
    if not _ranks(theirs, final):
        return Verdict("wrong", "the file's output ranks the classes in another way", decibels)
    return Verdict("equal", kind, decibels)


def _ranks(scores: Array, final: Array) -> bool:
    """Whether the class with the highest score is the best in the file's output, or one of them."""
    best = scores.argmax(axis=1)[:, None]
    if final.dtype.kind in "iu" and final.shape[1] < scores.shape[1]:
        chosen = np.take_along_axis(scores, final[:, :1], 1)
        return bool((chosen == np.take_along_axis(scores, best, 1)).all())
    if final.shape != scores.shape:
        return True
    ends = np.take_along_axis(final, best, 1)[:, 0]
    return bool(np.isclose(ends, final.max(axis=1), rtol=1e-4, atol=1e-6).all())


# -------------------------------------------------------------------------------- yardstick


class YardstickError(Exception):
    """ONNX Runtime does not run the file either."""


def yardstick(model: onnx.ModelProto, frames: Array) -> tuple[Array, Array]:
    """The file's own scores before any Softmax [n, classes], and its output [n, ...] flattened."""
    if any(node.domain == QONNX for node in model.graph.node):
        model = elementary(model)
    found = run(model, [_scores(model), model.graph.output[-1].name], frames)
    theirs, final = (values.reshape(len(frames), -1) for values in found)
    return theirs, final


def run(model: onnx.ModelProto, tensors: Sequence[str], frames: Array) -> list[Array]:
    """Tensors of the file, [n, ...] each."""
    present = {output.name for output in model.graph.output}
    added = [name for name in dict.fromkeys(tensors) if name not in present]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in added)
    try:
        session = runtime.session(model, literal=True)
        parts = _parts(session, frames)
        rows = [session.run(list(tensors), _feed(session, part)) for part in parts]
    except Exception as error:
        raise YardstickError(f"ONNX Runtime: {str(error)[:300]}") from None
    finally:
        del model.graph.output[len(model.graph.output) - len(added) :]
    count, batch = len(frames), len(parts[0])
    return [
        np.concatenate([row[i].reshape(batch, *_frame(row[i], batch)) for row in rows])[:count]
        for i in range(len(tensors))
    ]


def _frame(values: Array, batch: int) -> tuple[int, ...]:
    """Extents of one frame's values, flat where the first axis is not the batch."""
    return values.shape[1:] if values.shape[:1] == (batch,) else (values.size // batch,)


def _scores(model: onnx.ModelProto) -> str:
    """The tensor in front of everything that only shapes or ranks scores."""
    writers = {name: node for node in model.graph.node for name in node.output if name}
    tensor = found = str(model.graph.output[-1].name)
    while (node := writers.get(tensor)) is not None and node.op_type in SHAPING + RANKING:
        tensor = node.input[0]
        if node.op_type in RANKING:
            found = tensor
    return found


def _parts(session: onnxruntime.InferenceSession, frames: Array) -> list[Array]:
    size = session.get_inputs()[0].shape[0]
    count = size if isinstance(size, int) and size > 0 else 1
    filled = np.concatenate([frames, np.repeat(frames[-1:], -len(frames) % count, axis=0)])
    return [filled[i : i + count] for i in range(0, len(filled), count)]


def _feed(session: onnxruntime.InferenceSession, frames: Array) -> dict[str, Array]:
    entry = session.get_inputs()[0]
    pixels = frames.astype(np.float32) / np.float32(255)
    if entry.shape[-1] != frames.shape[-1] or entry.shape[1] == frames.shape[-1]:
        pixels = pixels.transpose(0, 3, 1, 2)
    return {entry.name: np.ascontiguousarray(pixels)}
