"""Transposes between channels-first and channels-last are followed until they cancel (tf2onnx).

    image [n, h, w, c] -> Transpose -> Conv -> Transpose -> Relu -> Transpose -> Conv
    image [n, c, h, w] -> Conv -> Relu -> Conv

A tensor behind a Transpose is remembered as a view of the tensor in front (`_View`): axis i of the
tensor is axis perm[i] of its base. Operators that work value by value, or along axes that can be
named, are put on the base; what cannot be is given the Transpose back, and is then refused for it.
An image whose last axis is the channels is such a view from the start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.frontend.file.image_input import shapes
from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import fresh
from hearth.toolchain.frontend.simplify.linear import POOLS
from hearth.toolchain.frontend.simplify.means import MAP, axes_of
from hearth.toolchain.frontend.simplify.proto import written
from hearth.toolchain.frontend.simplify.tail import MONOTONE, RANKING, RESHAPING
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

TO_LAST = (0, 2, 3, 1)
IN_ORDER = (0, 1, 2, 3)
UNARY = ("Cast", "Clip", "Dropout", "Identity", "Relu", "Sigmoid")
BINARY = ("Add", "Div", "Max", "Min", "Mul", "Sub")


@dataclass(frozen=True)
class _View:
    """A tensor that is `base` with its axes permuted."""

    base: str
    perm: tuple[int, ...]


def cancel_transposes(model: OnnxModel) -> OnnxModel:
    """The model without Transposes, as far as they cancel."""
    if not model.channels_last and all(node.op != "Transpose" for node in model.nodes):
        return model
    walk = _Walk(model)
    for node in model.nodes:
        walk.take(node)
    return walk.result()


class _Walk:
    """Goes through the nodes in order and knows what each tensor is a view of."""

    def __init__(self, model: OnnxModel) -> None:
        self.model = model
        self.entry = model.input_tensor
        self.views: dict[str, _View] = {}
        self.nodes: list[Node] = []
        self.constants = dict(model.constants)
        self.pixels: set[str] = set()
        """Tensors of one pixel: there the order of the axes is that of the values anyway."""
        if model.channels_last:
            self.entry = fresh(model, f"{model.input_tensor}/channels_first")
            self.views[model.input_tensor] = _View(self.entry, TO_LAST)

    def take(self, node: Node) -> None:
        """Put one node on the bases of its inputs."""
        seen = [self.views[name] for name in node.inputs if name in self.views]
        view = seen[0] if seen else None
        if node.op == "Transpose":
            self._transpose(node)
        elif view is None:
            self._append(node)
        elif view.base in self.pixels and node.op in RESHAPING:
            self._append(Node(node.name, "Flatten", (view.base,), node.outputs, {}))
        elif node.op == "Reshape" and self._is_the_base(node, view):
            self._append(Node(node.name, "Identity", (view.base,), node.outputs, {}))
        elif view.base in self.pixels and node.op == "MatMul":
            flat = fresh(self.model, f"{node.source}/flat")
            self._append(Node(flat, "Flatten", (view.base,), (flat,), {}))
            self._append(node.renamed({node.source: flat}))
        elif node.op in UNARY:
            self._moved(node, view)
        elif node.op in (*MONOTONE, *RANKING):
            self._along_axis(node, view)
        elif node.op in BINARY:
            self._with_constant(node, view)
        elif node.op == "BatchNormalization" and view.perm[1] == 1:
            self._moved(node, view)
        elif node.op == "Concat" and {s.perm for s in seen} == {view.perm}:
            self._concat(node, view)
        elif node.op == "ReduceMean" and self._over_map(node, view):
            self._mean(node, view)
        else:
            self._transposed_back(node)

    def result(self) -> OnnxModel:
        names = {}
        for output in self.model.outputs:
            view = self.views.get(output)
            if view is not None and view.base in self.pixels:
                names[output] = view.base
            elif view is not None:
                order = {"perm": list(view.perm)}
                self._append(Node(f"{output}/order", "Transpose", (view.base,), (output,), order))
        made = replace(
            self.model,
            nodes=tuple(self.nodes),
            constants=self.constants,
            input_tensor=self.entry,
            rewritten=True,
        ).ended(names)
        return replace(made, shapes=shapes(written(made)))

    # ---------------------------------------------------------------- kinds of nodes

    def _append(self, node: Node) -> None:
        self.nodes.append(node)
        flat = node.op in (*RESHAPING, *UNARY, *BINARY) and node.source in self.pixels
        if flat or (node.op in POOLS and self._one_pixel(node)):
            self.pixels.add(node.target)

    def _one_pixel(self, node: Node) -> bool:
        """Whether a pool leaves one pixel, as far as the file says."""
        return math.prod(self.model.shapes.get(node.target, ())[2:]) == 1

    def _is_the_base(self, node: Node, view: _View) -> bool:
        """Whether a Reshape of a grey image does what a Transpose would do."""
        first = (1, self.model.height, self.model.width)
        found = self.model.shapes.get(node.target, ())[1:]
        return self.model.channels == 1 and view.base == self.entry and found == first

    def _transpose(self, node: Node) -> None:
        perm = tuple(node.attributes.get("perm") or ())
        view = self.views.get(node.source, _View(node.source, IN_ORDER))
        if sorted(perm) != list(IN_ORDER):
            self._transposed_back(node)
            return
        if sorted(perm) != sorted(IN_ORDER):
            raise HearthError(
                f"{node.name}: perm should be {list(IN_ORDER)} in some order, found {list(perm)}"
            )
        through = tuple(view.perm[axis] for axis in perm)
        if through != IN_ORDER:
            self.views[node.target] = _View(view.base, through)
            return
        same = Node(node.name, "Identity", (view.base,), node.outputs, {})
        self._append(same)
        if view.base in self.pixels:
            self.pixels.add(node.target)

    def _moved(self, node: Node, view: _View, **attributes: object) -> None:
        """The node on the base; its result is the same view of the new base."""
        base = fresh(self.model, f"{node.target}/channels_first")
        inputs = (view.base, *node.inputs[1:])
        given = {**node.attributes, **attributes}
        self._append(replace(node, inputs=inputs, outputs=(base,), attributes=given))
        self.views[node.target] = _View(base, view.perm)

    def _along_axis(self, node: Node, view: _View) -> None:
        """Softmax, ArgMax and the like: only the axis has another number."""
        axis = int(node.attributes.get("axis", 0 if node.op == "ArgMax" else -1))
        inputs = (view.base, *node.inputs[1:])
        given = {**node.attributes, "axis": view.perm[axis % len(view.perm)]}
        self._append(replace(node, inputs=inputs, attributes=given))

    def _with_constant(self, node: Node, view: _View) -> None:
        """Arithmetic with a constant, whose axes are permuted as the tensor's are undone."""
        names = [name for name in node.inputs if name in self.constants]
        if len(names) != 1 or len(node.inputs) != 2 or self.constants[names[0]].ndim > len(MAP) + 2:
            self._transposed_back(node)
            return
        name = fresh(self.model, f"{names[0]}/for {node.name}")
        self.constants[name] = _permuted(self.constants[names[0]], view.perm)
        data = next(n for n in node.inputs if n not in names)
        base = fresh(self.model, f"{node.target}/channels_first")
        self._append(replace(node.renamed({names[0]: name, data: view.base}), outputs=(base,)))
        self.views[node.target] = _View(base, view.perm)

    def _concat(self, node: Node, view: _View) -> None:
        if not all(name in self.views for name in node.inputs):
            self._transposed_back(node)
            return
        base = fresh(self.model, f"{node.target}/channels_first")
        inputs = tuple(self.views[name].base for name in node.inputs)
        axis = view.perm[int(node.attributes.get("axis", 1)) % len(view.perm)]
        self._append(replace(node, inputs=inputs, outputs=(base,), attributes={"axis": axis}))
        self.views[node.target] = _View(base, view.perm)

    def _over_map(self, node: Node, view: _View) -> bool:
        return sorted(view.perm[axis % 4] for axis in axes_of(self.model, node)) == MAP

    def _mean(self, node: Node, view: _View) -> None:
        """A mean over the map is the global pool, whatever the axes are called."""
        base = fresh(self.model, f"{node.target}/pooled")
        self._append(Node(node.name, "GlobalAveragePool", (view.base,), (base,), {}))
        if node.flag("keepdims", True):
            self.views[node.target] = _View(base, view.perm)
        else:
            self._append(Node(f"{node.name}/flat", "Flatten", (base,), node.outputs, {}))

    def _transposed_back(self, node: Node) -> None:
        """The node as it is, behind Transposes of the views that it reads."""
        names = {}
        for tensor in node.inputs:
            view = self.views.get(tensor)
            if view is not None:
                names[tensor] = fresh(self.model, f"{tensor}/order")
                order = {"perm": list(view.perm)}
                made = Node(f"{tensor}/order", "Transpose", (view.base,), (names[tensor],), order)
                self.nodes.append(made)
        self._append(node.renamed(names))


def _permuted(constant: Array, perm: tuple[int, ...]) -> Array:
    """A constant that broadcasts over a view, so that it broadcasts over the base."""
    if constant.size == 1:
        return constant
    whole = constant.reshape((1,) * (len(perm) - constant.ndim) + constant.shape)
    return np.ascontiguousarray(whole.transpose(np.argsort(perm)))
