"""Calls of a file's own functions are replaced by what the functions do, within a budget.

    logits = local.Head(pool10)      =>      pooled = GlobalAveragePool(pool10)
                                             logits = Flatten(pooled)

Ten functions that each call the next one ten times stand for 10^10 nodes, so what will come out is
counted before anything is written out; onnx.inliner does the writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import inliner

from hearth.toolchain.frontend.file.names import LONGEST_NAME, label, standard
from hearth.toolchain.support.errors import HearthError

LIMIT_NODES = 20_000
LIMIT_BYTES = 64 << 20
DEEPEST = 50
"""How deep calls may lie inside each other."""

Key = tuple[str, str, str]


def inlined(path: Path, model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without calls of functions; HearthError for calls that never end or grow."""
    counter = _Counter(path, model)
    size = counter.of(model.graph.node, ())
    if size.nodes > LIMIT_NODES or size.bytes > LIMIT_BYTES:
        raise HearthError(
            f"{path}: its functions stand for more than {LIMIT_NODES} nodes or"
            f" {LIMIT_BYTES >> 20} MiB when written out; export the model without functions"
        )
    try:
        result = inliner.inline_local_functions(model)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0][:200]
        raise HearthError(f"{path}: a function cannot be written out: {reason}") from None
    for node in result.graph.node:
        if _key(node) in counter.functions:
            raise HearthError(
                f"{path}: node '{label(node)}' calls the function {node.op_type}, which is made for"
                " another operator set than the model; export the model without functions"
            )
    del result.functions[:]
    return result


def calls(model: onnx.ModelProto, nodes: Iterable[onnx.NodeProto]) -> bool:
    """Whether one of the nodes is a call."""
    keys = {_function_key(function) for function in model.functions}
    return any(_key(node) in keys for node in nodes)


@dataclass(frozen=True)
class _Size:
    nodes: int = 0
    bytes: int = 0

    def __add__(self, other: _Size) -> _Size:
        # More than the limit need not be told apart; sums stay small numbers.
        nodes = min(self.nodes + other.nodes, LIMIT_NODES + 1)
        return _Size(nodes, min(self.bytes + other.bytes, LIMIT_BYTES + 1))


class _Counter:
    """What nodes amount to when every call is written out; each function is counted once."""

    def __init__(self, path: Path, model: onnx.ModelProto) -> None:
        self.path = path
        self.functions: dict[Key, onnx.FunctionProto] = {}
        for function in model.functions:
            key = _function_key(function)
            if key in self.functions:
                raise HearthError(f"{path}: function '{function.name}' is defined more than once")
            self.functions[key] = function
        self.known: dict[Key, _Size] = {}

    def of(self, nodes: Iterable[onnx.NodeProto], inside: tuple[Key, ...]) -> _Size:
        total = _Size()
        for node in _everywhere(nodes):
            names = len(node.input) + len(node.output)
            total += _Size(1, node.ByteSize() + names * LONGEST_NAME)
            if _key(node) in self.functions:
                self._check_call(node, self.functions[_key(node)])
                total += self._call(_key(node), inside)
        return total

    def _check_call(self, node: onnx.NodeProto, function: onnx.FunctionProto) -> None:
        given = (len(node.input), len(node.output))
        known = (len(function.input), len(function.output))
        if given[0] > known[0] or given[1] > known[1]:
            raise HearthError(
                f"{self.path}: node '{label(node)}' calls the function '{function.name}' with"
                f" {given[0]} inputs and {given[1]} outputs, but it has {known[0]} and {known[1]}"
            )

    def _call(self, key: Key, inside: tuple[Key, ...]) -> _Size:
        if key in self.known:
            return self.known[key]
        if key in inside:
            raise HearthError(f"{self.path}: function '{key[1]}' calls itself")
        if len(inside) >= DEEPEST:
            raise HearthError(
                f"{self.path}: functions call each other more than {DEEPEST} deep; export the model"
                " without functions"
            )
        self.known[key] = self.of(self.functions[key].node, (*inside, key))
        return self.known[key]


def _everywhere(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    """The nodes and those of the graphs inside them."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                pending.extend(graph.node)


def _key(node: onnx.NodeProto) -> Key:
    return (standard(node.domain), node.op_type, node.overload)


def _function_key(function: onnx.FunctionProto) -> Key:
    return (standard(function.domain), function.name, function.overload)
