"""Hearth: trained SqueezeNets as FPGA hardware that keeps every weight on chip.

    hearth.toolchain    the compiler (toolchain/)
    hearth.hw           hardware sources and layer kinds (hw/)
    hearth.sim          simulation (sim/)

One package holds the three, so that no name as general as `sim` stands in a user's environment.
Importing it keeps ONNX Runtime from reporting what is compiled to its makers: the pinned version
records sessions and sends that over the network unless this variable is set before it is imported.
Hearth works offline and tells nobody; who wants otherwise sets it to 0.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
