"""The embedded default model: how it was trained, and the trained file itself (`default/`)."""

import hearth  # noqa: F401  before ONNX Runtime: keeps its telemetry off
