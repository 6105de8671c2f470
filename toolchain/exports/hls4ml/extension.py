"""Teaches hls4ml our layers, through the interface it offers for that.

hls4ml 1.3 streams a max-pool only when its windows do not overlap (it asserts pool == stride), has
no exact global sum and no top-k. Each such layer is registered in four places: a handler that reads
the ONNX node, a layer class, two C++ templates and the source file they call. hls4ml's own files
are left as they are.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from hls4ml.backends import get_backend
from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.converters.onnx_to_hls import get_onnx_attribute, register_onnx_layer_handler
from hls4ml.model import layers
from hls4ml.model.attributes import Attribute, TypeAttribute, WeightAttribute

SOURCE = Path(__file__).parent / "nnet_utils" / "nnet_hearth.h"
_SIZES = ("in_height", "in_width", "in_channels", "out_height", "out_width", "out_channels")


class _OwnLayer(layers.Layer):  # type: ignore[misc]
    """One input map, one output map, sizes as attributes."""

    _expected_attributes = [Attribute(name) for name in _SIZES]  # noqa: RUF012 (hls4ml's protocol)

    def initialize(self) -> None:
        self.add_output_variable([self.attributes[name] for name in _SIZES[3:]])


class HearthMaxPool(_OwnLayer):
    """Max-pool with overlapping windows, padding and partly covered last windows."""

    constants = ("pool", "stride", "pad_top", "pad_left")


class HearthGlobalSum(_OwnLayer):
    """Sum over all pixels of each channel."""

    constants = ()


class HearthTopK(_OwnLayer):
    """The logits and the indices of the k largest."""

    constants = ("k",)


class HearthBorder(_OwnLayer):
    """A constant pixel around the map."""

    constants = ("pad_top", "pad_left")
    _expected_attributes = [  # noqa: RUF012 (hls4ml's protocol)
        *[Attribute(name) for name in _SIZES],
        WeightAttribute("value"),
        TypeAttribute("value"),
    ]

    def initialize(self) -> None:
        super().initialize()
        self.add_weights_variable(name="value", var_name="v{index}")


FUNCTIONS = {
    HearthMaxPool: "hearth_max_pool",
    HearthGlobalSum: "hearth_global_sum",
    HearthTopK: "hearth_top_k",
    HearthBorder: "hearth_border",
}


class _Config(LayerConfigTemplate):  # type: ignore[misc]
    """The struct of constants that a C++ layer is parameterized with."""

    def __init__(self) -> None:
        super().__init__(tuple(FUNCTIONS))

    def format(self, node: Any) -> str:
        names = (*_SIZES, *type(node).constants)
        lines = [f"    static const unsigned {name} = {node.attributes[name]};" for name in names]
        if isinstance(node, HearthBorder):
            lines.append(f"    typedef {node.get_weights('value').type.name} value_t;")
        return "\n".join([f"struct config{node.index} {{", *lines, "};", ""])


class _Call(FunctionCallTemplate):  # type: ignore[misc]
    """The call of the C++ function."""

    def __init__(self) -> None:
        super().__init__(tuple(FUNCTIONS), include_header=[f"nnet_utils/{SOURCE.name}"])

    def format(self, node: Any) -> str:
        names = self._default_function_params(node)
        function = next(text for kind, text in FUNCTIONS.items() if isinstance(node, kind))
        arguments = [names["input"], names["output"], *[w.name for w in node.get_weights()]]
        types = f"{names['input_t']}, {names['output_t']}, {names['config']}"
        return f"nnet::{function}<{types}>({', '.join(arguments)});"


def _read_node(node: Any, input_names: list[str], input_shapes: Any, graph: Any) -> dict[str, Any]:
    """The ONNX node's attributes as hls4ml's front end wants them."""
    layer = {item.name: get_onnx_attribute(node, item.name) for item in node.attribute}
    if "values" in layer:
        layer["value_data"] = np.array(layer.pop("values"), np.float64)
    names = {"name": node.name, "class_name": node.op_type}
    return {**layer, **names, "inputs": input_names, "outputs": list(node.output)}


@functools.cache
def register() -> None:
    """Register all layers with hls4ml's Vitis backend, once per process."""
    backend = get_backend("Vitis")
    for kind in FUNCTIONS:
        register_onnx_layer_handler(kind.__name__, _read_node)
        layers.register_layer(kind.__name__, kind)
    backend.register_template(_Config)
    backend.register_template(_Call)
    backend.register_source(SOURCE)
