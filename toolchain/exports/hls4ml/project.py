"""The hls4ml project: written, compiled with g++ and run in C simulation, edge by edge.

hls4ml is chatty and works in the current directory of the process; both stay in here.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hls4ml.backends import get_backend
from hls4ml.converters import convert_from_onnx_model

from hearth.toolchain.exports.hls4ml import channels_last, extension
from hearth.toolchain.exports.hls4ml.lower import INPUT
from hearth.toolchain.ir import Array, Edge, Operation
from hearth.toolchain.ir.operation import ACCUMULATOR, precision
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class Project:
    """A converted project; `reuse` is the reuse factor of every convolution."""

    path: Path
    model: Any
    operations: tuple[Operation, ...]
    reuse: Mapping[str, int]


def convert(
    name: str,
    source: Edge,
    operations: Sequence[Operation],
    path: Path,
    part: str,
    clock_ns: float,
) -> Project:
    """Convert operations to an hls4ml project that will be written to `path`.

    name      a C++ identifier: the project's top function
    part      AMD part name such as xczu7ev-ffvc1156-2-e
    """
    extension.register(operations)
    reuse = {item.name: reuse_factor(item) for item in operations if item.cycles}
    with _quietly():
        model = convert_from_onnx_model(
            channels_last.model(name, source, operations),
            output_dir=str(path),
            project_name=name,
            backend="Vitis",
            io_type="io_stream",
            part=part,
            clock_period=clock_ns,
            hls_config=_settings(source, operations, reuse),
        )
    return Project(path, model, tuple(operations), reuse)


def write(project: Project) -> None:
    """Write the project's files."""
    with _quietly():
        project.model.write()


def simulate(project: Project, frames: Array) -> dict[str, Array]:
    """Compile the project with g++ and run frames through it: values of every QGraph edge by name.

    frames [n, height, width, channels] are integers; so is what comes back, as int64.
    """
    inputs = np.ascontiguousarray(frames, np.float64)
    with _quietly() as told:
        try:
            last, traced = project.model.trace(inputs)
        except Exception as error:
            tail = told.getvalue().strip().splitlines()[-1:] or [str(error)]
            raise HearthError(
                f"{project.path}: hls4ml's C simulation could not be built or run: {tail[0]}"
            ) from error
    values = {}
    for operation in project.operations:
        if operation.edge:
            found = last if operation is project.operations[-1] else traced[operation.name]
            values[operation.edge] = _integers(found, len(frames), operation)
    return values


def reuse_factor(operation: Operation) -> int:
    """How often each multiplier is used per output pixel: the folding's cycles per pixel, rounded
    down to what hls4ml can do, so that its hardware is at least as fast as ours."""
    if operation.kind != "Conv" or _depthwise(operation):
        return operation.cycles
    backend = get_backend("Vitis")
    weights = operation.weights["weight"]
    valid = backend.get_valid_reuse_factors(weights[0].size, weights.shape[0])
    return int(max([factor for factor in valid if factor <= operation.cycles] or valid[:1]))


def _depthwise(operation: Operation) -> bool:
    return operation.kind == "Conv" and operation.attributes["group"] != 1


def _settings(
    source: Edge, operations: Sequence[Operation], reuse: Mapping[str, int]
) -> dict[str, Any]:
    """hls4ml's configuration: a type for everything, nothing left to its inference."""
    rows: dict[str, Any] = {INPUT: {"Precision": {"result": precision(source)}}}
    for operation in operations:
        rows[operation.name] = {
            "Precision": dict(operation.precision),
            "ReuseFactor": reuse.get(operation.name, 1),
            # hls4ml 1.3 takes depthwise weights to be in the order of Keras under Resource.
            "Strategy": "Latency" if _depthwise(operation) else "Resource",
            "Trace": bool(operation.edge),
        }
    model = {"Precision": {"default": ACCUMULATOR}, "ReuseFactor": 1, "Strategy": "Resource"}
    return {"Model": model, "LayerName": rows}


def _integers(values: Any, count: int, operation: Operation) -> Array:
    result = np.asarray(values, np.float64).reshape(count, *operation.shape)
    if not np.array_equal(result, np.rint(result)):
        raise ValueError(f"{operation.name}: hls4ml returned values that are no integers")
    return result.astype(np.int64)


@contextlib.contextmanager
def _quietly() -> Iterator[io.StringIO]:
    """Keeps hls4ml's prints off standard output and gives them to the caller."""
    told = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(told),
        contextlib.redirect_stderr(told),
    ):
        warnings.simplefilter("ignore")  # attributes that hls4ml's own passes override
        yield told
