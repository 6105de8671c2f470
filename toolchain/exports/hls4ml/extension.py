"""Teaches hls4ml the operations of our own, through the interface it offers for that.

Which they are is the layer kinds' business: an operation names its C++ header, a function of the
same name, and its attributes (toolchain/ir/operation.py). Each is registered in four places: a
handler that reads the ONNX node, a layer class, two C++ templates and the source file they call.
hls4ml's own files are left as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from hls4ml.backends import get_backend
from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.converters.onnx_to_hls import get_onnx_attribute, register_onnx_layer_handler
from hls4ml.model import layers
from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute

from hearth.toolchain.ir import Operation

_OUTPUT = ("out_height", "out_width", "out_channels")


class _OwnLayer(layers.Layer):  # type: ignore[misc]
    """One input map, one output map, sizes among the numbers; tables are arguments in C++."""

    numbers: ClassVar[tuple[str, ...]]
    tables: ClassVar[tuple[str, ...]]

    def initialize(self) -> None:
        self.add_output_variable([self.attributes[name] for name in _OUTPUT])
        for name in self.tables:
            self.add_weights_variable(name=name, var_name=f"{name}{{index}}")


class _Config(LayerConfigTemplate):  # type: ignore[misc]
    """The struct of constants that a C++ layer is parameterized with."""

    layer: ClassVar[type[_OwnLayer]]

    def __init__(self) -> None:
        super().__init__(self.layer)

    def format(self, node: Any) -> str:
        numbers = [(name, node.attributes[name]) for name in self.layer.numbers]
        types = [(name, node.get_weights(name).type.name) for name in self.layer.tables]
        lines = [f"    static const unsigned {name} = {value};" for name, value in numbers]
        lines += [f"    typedef {kind} {name}_t;" for name, kind in types]
        return "\n".join([f"struct config{node.index} {{", *lines, "};", ""])


class _Call(FunctionCallTemplate):  # type: ignore[misc]
    """The call of the C++ function."""

    layer: ClassVar[type[_OwnLayer]]
    header: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__(self.layer, include_header=[f"nnet_utils/{self.header.name}"])

    def format(self, node: Any) -> str:
        names = self._default_function_params(node)
        arguments = [names["input"], names["output"], *[w.name for w in node.get_weights()]]
        types = f"{names['input_t']}, {names['output_t']}, {names['config']}"
        return f"nnet::{self.header.stem}<{types}>({', '.join(arguments)});"


def _read_node(node: Any, input_names: list[str], input_shapes: Any, graph: Any) -> dict[str, Any]:
    """The ONNX node's attributes as hls4ml's front end wants them."""
    layer: dict[str, Any] = {}
    for item in node.attribute:
        value = get_onnx_attribute(node, item.name)
        if isinstance(value, int):
            layer[item.name] = value
        else:
            layer[f"{item.name}_data"] = np.array(value, np.float64)
    names = {"name": node.name, "class_name": node.op_type}
    return {**layer, **names, "inputs": input_names, "outputs": list(node.output)}


def register(operations: Iterable[Operation]) -> None:
    """Register what hls4ml's Vitis backend lacks of these operations, each once per process."""
    for operation in operations:
        if operation.header is not None:
            numbers = [k for k, v in operation.attributes.items() if isinstance(v, int)]
            tables = [k for k in operation.attributes if k not in numbers]
            _register(operation.header, tuple(numbers), tuple(tables))


@functools.cache
def _register(header: Path, numbers: tuple[str, ...], tables: tuple[str, ...]) -> None:
    name, backend = header.stem, get_backend("Vitis")
    expected = [Attribute(key) for key in numbers]
    expected += [form(key) for key in tables for form in (WeightAttribute, TypeAttribute)]
    fields = {"numbers": numbers, "tables": tables, "_expected_attributes": expected}
    layer = type(name, (_OwnLayer,), fields)
    register_onnx_layer_handler(name, _read_node)
    layers.register_layer(name, layer)
    backend.register_template(type(f"{name}_config", (_Config,), {"layer": layer}))
    backend.register_template(type(f"{name}_call", (_Call,), {"layer": layer, "header": header}))
    backend.register_source(header)
