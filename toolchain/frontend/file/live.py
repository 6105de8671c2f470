"""What of an ONNX file is looked at: the nodes that lead to its outputs, and nothing else.

    data -> conv1 -> relu -> logits          data -> conv1 -> relu -> logits
    data -> Loop (2^62 rounds) -> x     =>
    30,000 initializers, 26 inputs           the initializers that are read, one input

A file may come from anyone, and ONNX Runtime would run, fold and allocate all that it holds. So
everything that does not reach the output is left out before any other code sees the network. The
result is a model of the same meaning in topological order, with every tensor written once,
initializers constant (not inputs with a default), functions written out, control flow refused.
"""

from __future__ import annotations

import graphlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import onnx

from hearth.toolchain.frontend.file import functions
from hearth.toolchain.frontend.file.names import LONGEST_NAME, label, standard
from hearth.toolchain.frontend.quantized.codings import PREFIX
from hearth.toolchain.support.errors import HearthError

LIMIT_NODES = 2000
"""Most nodes that may lead to the output; SqueezeNet has 66. Some passes take their square."""
LIMIT_EDGES = 20_000
"""Most tensors that these nodes may read and write together."""
CONTROL_FLOW = ("Loop", "If", "Scan", "SequenceMap")
MOST_ENDS = 8
"""Most outputs that are looked at: a file may give scores, probabilities and the best class."""
ENDS = (
    "ArgMax",
    "Cast",
    "Flatten",
    "Identity",
    "LogSoftmax",
    "ReduceMax",
    "Reshape",
    "Sigmoid",
    "Softmax",
    "Squeeze",
    "TopK",
    "Unsqueeze",
)
"""Operators that may make several outputs of the same scores."""
CONSTANT_SINCE = 4
"""The first IR version in which an initializer need not be an input too."""


def live(path: Path, proto: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with what leads to the output; HearthError where that is not one plain network."""
    _check_names(path, (entry.name for entry in (*proto.graph.input, *proto.graph.output)))
    outputs = _outputs(path, proto.graph)
    nodes = _path(path, proto.graph, outputs)
    if functions.calls(proto, nodes):
        proto = functions.inlined(path, _only(proto, nodes))
        nodes = _path(path, proto.graph, outputs)
    graph = proto.graph
    used = {name for node in nodes for name in node.input} | set(outputs)
    written = {name for node in nodes for name in node.output}
    stored = _stored(path, graph, used)
    for name in sorted(written & (stored.keys() | {entry.name for entry in graph.input}) - {""}):
        raise HearthError(f"{path}: tensor '{name}' is written by a node and stored or fed as well")
    copy = onnx.ModelProto(ir_version=max(proto.ir_version, CONSTANT_SINCE))
    copy.producer_name = proto.producer_name
    copy.metadata_props.extend(e for e in proto.metadata_props if e.key.startswith(PREFIX))
    copy.opset_import.extend(_opsets(path, proto, nodes))
    copy.graph.name = graph.name or "network"
    copy.graph.node.extend(nodes)
    _name_apart(copy.graph.node)
    copy.graph.initializer.extend(stored.values())
    copy.graph.input.extend(e for e in graph.input if e.name in used and e.name not in stored)
    declared = {entry.name: entry for entry in graph.output}
    copy.graph.output.extend(declared[output] for output in outputs)
    return copy


def _path(path: Path, graph: onnx.GraphProto, outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """The nodes that lead to the outputs, in order and checked."""
    nodes = _ordered(path, _reaching(path, graph, outputs))
    _check_nodes(path, nodes)
    return nodes


def _only(proto: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> onnx.ModelProto:
    """The same file with no other nodes than these."""
    copy, kept = onnx.ModelProto(), onnx.GraphProto()
    kept.node.extend(nodes)
    copy.CopyFrom(proto)
    del copy.graph.node[:], copy.graph.value_info[:]
    copy.graph.node.extend(kept.node)
    return copy


def _outputs(path: Path, graph: onnx.GraphProto) -> list[str]:
    """The outputs; of several that tell the same scores in different ways, the first such."""
    names = list(dict.fromkeys(str(entry.name) for entry in graph.output))
    if not 1 <= len(names) <= MOST_ENDS:
        found = ", ".join(names[:MOST_ENDS]) or "none"
        raise HearthError(
            f"{path}: 1 to {MOST_ENDS} outputs are expected, found {len(names)}: {found}"
        )
    writers = {tensor: node for node in graph.node for tensor in node.output}
    same: dict[str, list[str]] = {}
    for name in names:
        same.setdefault(_scores(writers, name), []).append(name)
    return [_plainest(writers, group) for group in same.values()]


def _plainest(writers: Mapping[str, onnx.NodeProto], names: list[str]) -> str:
    """Of outputs that tell the same scores, the first that is more than the largest of them."""
    ranked = (n for n in names if n not in writers or writers[n].op_type != "ReduceMax")
    return next(ranked, names[0])


def _scores(writers: Mapping[str, onnx.NodeProto], tensor: str) -> str:
    """What a last Softmax, ArgMax and the like were computed from."""
    seen: set[str] = set()
    while tensor in writers and writers[tensor].op_type in ENDS and tensor not in seen:
        seen.add(tensor)
        tensor = next(iter(writers[tensor].input), "")
    return tensor


def _reaching(path: Path, graph: onnx.GraphProto, outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """The nodes from which an output can be reached, in the file's order."""
    writers = _writers(graph)
    for output in outputs:
        if output not in writers:
            raise HearthError(f"{path}: no node writes the output '{output}'")
    found: set[int] = set()
    pending = list(outputs)
    seen = set(outputs)
    while pending:
        tensor = pending.pop()
        writing = writers.get(tensor, [])
        if len(writing) > 1:
            raise HearthError(f"{path}: tensor '{tensor}' is written by {len(writing)} nodes")
        for index in writing:
            if index not in found:
                found.add(index)
                fresh = [name for name in graph.node[index].input if name and name not in seen]
                seen.update(fresh)
                pending.extend(dict.fromkeys(fresh))
        if len(found) > LIMIT_NODES or len(seen) > LIMIT_EDGES:
            raise HearthError(
                f"{path}: more than {LIMIT_NODES} nodes or {LIMIT_EDGES} tensors lead to the output"
                f" '{outputs[0]}'{' and others' if outputs[1:] else ''}; not a SqueezeNet"
            )
    return [graph.node[index] for index in sorted(found)]


def _writers(graph: onnx.GraphProto) -> dict[str, list[int]]:
    """The positions of the nodes that write each tensor."""
    writers: dict[str, list[int]] = {}
    for index, node in enumerate(graph.node):
        for name in node.output:
            if name:
                writers.setdefault(name, []).append(index)
    return writers


def _ordered(path: Path, nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """The nodes so that each follows those whose results it reads; the file's order if it does."""
    writer = {name: index for index, node in enumerate(nodes) for name in node.output if name}
    before = {
        index: sorted({writer[name] for name in node.input if name in writer})
        for index, node in enumerate(nodes)
    }
    if all(earlier < index for index, earliest in before.items() for earlier in earliest):
        return nodes
    try:
        return [nodes[index] for index in graphlib.TopologicalSorter(before).static_order()]
    except graphlib.CycleError as error:
        names = ", ".join(f"'{label(nodes[index])}'" for index in error.args[1][:4])
        raise HearthError(f"{path}: nodes wait for each other's results: {names}") from None


def _name_apart(nodes: Sequence[onnx.NodeProto]) -> None:
    """Give later nodes of a name another one; ONNX Runtime wants every node to have its own."""
    taken = {node.name for node in nodes}
    seen: set[str] = set()
    count: Counter[str] = Counter()
    for node in nodes:
        wanted = node.name
        while node.name and node.name in (seen if node.name == wanted else taken):
            count[wanted] += 1
            node.name = f"{wanted}_{count[wanted] + 1}"
        seen.add(node.name)
        taken.add(node.name)


def _check_nodes(path: Path, nodes: list[onnx.NodeProto]) -> None:
    """Refuse control flow, and names that are no names."""
    for node in nodes:
        attributes = (attribute.name for attribute in node.attribute)
        _check_names(
            path, (node.name, node.op_type, node.domain, *node.input, *node.output, *attributes)
        )
        graphs = any(a.HasField("g") or a.graphs for a in node.attribute)
        if node.op_type in CONTROL_FLOW or graphs:
            raise HearthError(
                f"{path}: node '{label(node)}' is a {node.op_type}; control flow on the way to the"
                " output is not supported, export the model without it"
            )
        if any(a.HasField("sparse_tensor") or a.sparse_tensors for a in node.attribute):
            raise _sparse(path, label(node))
        if sum(map(len, (node.input, node.output, node.attribute))) > LIMIT_EDGES:
            raise HearthError(f"{path}: node '{label(node)}' has more than {LIMIT_EDGES} tensors")


def _check_names(path: Path, names: Iterable[str | bytes]) -> None:
    """Refuse what is too long for a name, and what is no text (protobuf hands out bytes then)."""
    for name in names:
        if not isinstance(name, str):
            raise HearthError(f"{path}: holds a name that is not UTF-8 text; the file is damaged")
        if len(name) > LONGEST_NAME:
            raise HearthError(
                f"{path}: a name has {len(name)} characters, up to {LONGEST_NAME} are expected; it"
                f" begins with '{name[:40]}'"
            )


def _stored(path: Path, graph: onnx.GraphProto, used: set[str]) -> dict[str, onnx.TensorProto]:
    """The initializers that are read, by name."""
    for sparse in graph.sparse_initializer:
        if sparse.values.name in used:
            raise _sparse(path, sparse.values.name)
    stored: dict[str, onnx.TensorProto] = {}
    for tensor in graph.initializer:
        if tensor.name in used:
            if tensor.name in stored:
                raise HearthError(f"{path}: weight '{tensor.name}' is stored more than once")
            stored[tensor.name] = tensor
    return stored


def _opsets(
    path: Path, proto: onnx.ModelProto, nodes: list[onnx.NodeProto]
) -> list[onnx.OperatorSetIdProto]:
    """The operator sets in use, one version each."""
    used = {standard(node.domain) for node in nodes} | {""}
    found: dict[str, onnx.OperatorSetIdProto] = {}
    for entry in proto.opset_import:
        domain = standard(entry.domain)
        if domain in used and found.setdefault(domain, entry).version != entry.version:
            raise HearthError(
                f"{path}: versions {found[domain].version} and {entry.version} of one operator set"
                f" '{domain or 'ai.onnx'}' are asked for; export the model again"
            )
    return list(found.values())


def _sparse(path: Path, name: str) -> HearthError:
    return HearthError(
        f"{path}: '{name}' is a sparse tensor, which is not supported; export the model with dense"
        " weights"
    )
