"""A network as ONNX Runtime computes it: the yardstick, never part of the hardware.

Of a quantized file either form can be run: the float network that it stands for, or the file. Any
tensor of it can be asked for by name. Frames go through in small batches, so that memory stays
small whatever the number of photographs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from onnxruntime.capi import onnxruntime_pybind11_state as errors

from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.runtime import session
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

FAILURES = (
    errors.Fail,
    errors.InvalidArgument,
    errors.InvalidGraph,
    errors.NotImplemented,
    errors.RuntimeException,
)


class Reference:
    """Runs a model and returns the wanted tensors, in the order asked for.

    `proto` is what is run: `model.proto` unless given, or a quantized file, operator by operator.
    The file may normalize its image itself, or want the channels last: `run` takes what the network
    behind that reads either way, and goes back to what the file reads.
    """

    def __init__(
        self, model: OnnxModel, tensors: Sequence[str], proto: onnx.ModelProto | None = None
    ) -> None:
        self.tensors = tuple(tensors)
        self.model = model
        self.whole_file = proto is not None
        self.file = model.file
        self.fixed_batch = model.batch
        wanted = _with_outputs(model.proto if proto is None else proto, self.tensors)
        try:
            self.session = session(wanted, literal=self.whole_file)
        except FAILURES as error:
            raise _refused(model.file, error) from None
        self.input_tensor = self.session.get_inputs()[0].name

    def run(self, inputs: Array) -> list[Array]:
        """inputs [n, channels, height, width] float32 -> each tensor [n, ...]."""
        count = self.fixed_batch or max(1, len(inputs))
        parts = [self._run(inputs[i : i + count], count) for i in range(0, len(inputs), count)]
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]

    def stream(self, inputs: Iterator[Array]) -> Iterator[list[Array]]:
        """One result for every batch of inputs."""
        return (self.run(batch) for batch in inputs)

    def _run(self, inputs: Array, count: int) -> list[Array]:
        """One run; a short last batch is filled up where the file fixes the batch size."""
        fill = np.repeat(inputs[-1:], count - len(inputs), axis=0)
        full = np.concatenate([inputs, fill]) if len(fill) else inputs
        if self.whole_file:
            full = _as_the_file_reads(full, self.model)
        try:
            results = self.session.run(list(self.tensors), {self.input_tensor: full})
        except FAILURES as error:
            raise _refused(self.file, error) from None
        return [np.asarray(result)[: len(inputs)] for result in results]


def _as_the_file_reads(inputs: Array, model: OnnxModel) -> Array:
    """Images as the file's own input, before what simplify took out of it."""
    if model.entry is not None:
        gain, offset = (x.reshape(1, -1, 1, 1) for x in (model.entry.gain, model.entry.offset))
        inputs = ((inputs - offset) / gain).astype(np.float32)
    return np.ascontiguousarray(inputs.transpose(0, 2, 3, 1)) if model.channels_last else inputs


def _refused(file: str, error: Exception) -> HearthError:
    reason = str(error).strip().splitlines()[0][:200]
    return HearthError(f"{file}: ONNX Runtime refuses the model: {reason}")


def as_map(tensor: Array) -> Array:
    """ONNX order [n, channels, height, width] or [n, channels] -> [n, height, width, channels]."""
    flat = tensor.reshape(*tensor.shape, *[1] * (4 - tensor.ndim))
    return flat.transpose(0, 2, 3, 1)


def _with_outputs(proto: onnx.ModelProto, tensors: Sequence[str]) -> onnx.ModelProto:
    """A copy of the model that also returns inner tensors."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    present = {output.name for output in copy.graph.output}
    for name in dict.fromkeys(tensors):
        if name not in present:
            copy.graph.output.append(onnx.ValueInfoProto(name=name))
    return copy
