"""Already quantized ONNX files, in any of the forms that exporters write.

qoperator.py   operators on integers become quantizers around ordinary operators
normalise.py   every form of quantizer becomes one; what is left is an ordinary float network
network.py     that network, written as a file again
parameters.py  scales, zero points and bit widths: read, checked, refused
constants.py   weights and biases: the file's integers
trace.py       which quantizers lie between one layer and the next
segments.py    the integers of every edge that follow, and the tables where a quantizer repeats
weights.py     the integers of every convolution, found again behind simplify.py's rewrites
runnable.py    the file as ONNX Runtime can run it, the yardstick
kept.py        what the steps above hand on; no behaviour

adopt/network.py puts the result in the place of what quantize.py chose.
"""
