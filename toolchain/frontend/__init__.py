"""From an ONNX file to the float network (`Graph`): read, check, simplify, recognise."""
