"""Hearth: trained SqueezeNets as FPGA hardware that keeps every weight on chip.

    import hearth

    build = hearth.compile("net.onnx", calibration="photos", lanes=256)
    values = build.golden("cat.jpg")             # every edge of the integer network
    result = build.simulate("cat.jpg")           # the generated hardware, held against it
    answers = hearth.Board("/dev/ttyUSB0", build).classify("cat.jpg")

What stands in __all__ is the interface for users (docs/guide/python_api.md); it is loaded when it
is first asked for, as every import of the compiler passes through here. The rest of the package:

    hearth.toolchain    the compiler (toolchain/)
    hearth.hw           hardware sources and layer kinds (hw/)
    hearth.sim          simulation (sim/)

One package holds the three, so that no name as general as `sim` stands in a user's environment.
Importing it keeps ONNX Runtime from reporting what is compiled to its makers: the pinned version
records sessions and sends that over the network unless this variable is set before it is imported.
Hearth works offline and tells nobody; who wants otherwise sets it to 0.
"""

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hearth.api import Build, Simulation, Stream, Wave, compile, load
    from hearth.board import Board
    from hearth.classification import Classification, Clip
    from hearth.toolchain.support.errors import HearthError

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Board",
    "Build",
    "Classification",
    "Clip",
    "HearthError",
    "Simulation",
    "Stream",
    "Wave",
    "compile",
    "load",
]

if not TYPE_CHECKING:  # a type checker would believe every name to be here
    _HOMES = {
        "Board": "hearth.board",
        "Build": "hearth.api",
        "Classification": "hearth.classification",
        "Clip": "hearth.classification",
        "HearthError": "hearth.toolchain.support.errors",
        "Simulation": "hearth.api",
        "Stream": "hearth.api",
        "Wave": "hearth.api",
        "compile": "hearth.api",
        "load": "hearth.api",
    }

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module 'hearth' has no attribute '{name}'")
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
