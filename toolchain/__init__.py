"""The compiler. Importing it keeps ONNX Runtime from reporting what is compiled to its makers.

The pinned ONNX Runtime records sessions and sends that over the network unless this variable is set
before it is imported. Hearth works offline and tells nobody; who wants otherwise sets it to 0.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
