"""An ONNX file, opened with care: what is live in it, checked, constants computed."""
