"""The same integer network through hls4ml and AMD's Vitis HLS: a second road to an FPGA, and an
independent second implementation of our arithmetic to check ourselves against.

selection.py      which layers: all, one Fire module, a range
lower.py          QGraph layers -> the operations hls4ml knows, with their precisions
channels_last.py  those operations as a channels-last ONNX model
extension.py      layers hls4ml lacks, registered through its extension interface
project.py        writes the hls4ml project, compiles it with g++ and runs it
export.py         what `hearth export-hls` does: project, simulation, comparison with golden

hls4ml is imported in extension.py and project.py only, and comes with `make setup-hls4ml`.
C synthesis needs Vitis HLS, which is not part of this: what is verified here is the C simulation.
"""
