"""The three forms a network passes through, and nothing that computes.

    Graph   float weights, the layers of the ONNX file after simplification
    QGraph  integers only: the single truth that the golden model and the hardware share
    Design  a QGraph with a folding (lanes per kernel) and FIFO depths: what is emitted as hardware

All three forms are tuples of layers in topological order: a layer reads edges that the input or
layers before it make, and an edge's name is the wire. Instances are frozen and checked when built,
so an ill-formed network cannot exist. What a layer kind computes lives in hw/layers/<kind>;
layer.py holds only the interface that all kinds share.
"""

from __future__ import annotations

from hearth.toolchain.ir.coding import Coding
from hearth.toolchain.ir.design import SHALLOW, Design
from hearth.toolchain.ir.edge import COLOUR_ORDERS, Array, Edge, Pads, Pair, Preprocessing
from hearth.toolchain.ir.graph import (
    FloatAdd,
    FloatConcat,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatLayer,
    FloatMaxPool,
    FloatMean,
    FloatMul,
    FloatTable,
    FloatUpsample,
    Graph,
    convolutions,
    main_part,
)
from hearth.toolchain.ir.kernel import (
    ONE_STAGE,
    Fold,
    HlsJob,
    Kernel,
    Memory,
    Products,
    Rom,
    Schedule,
    Spread,
    Sums,
    Timing,
)
from hearth.toolchain.ir.layer import Layer, Stage, Weighted
from hearth.toolchain.ir.operation import Operation
from hearth.toolchain.ir.packing import Block, Factors, Packing, packing
from hearth.toolchain.ir.qgraph import Output, QGraph
from hearth.toolchain.ir.scaling import Scaling
from hearth.toolchain.ir.window import Windows, extent, inside

__all__ = [
    "COLOUR_ORDERS",
    "ONE_STAGE",
    "SHALLOW",
    "Array",
    "Block",
    "Coding",
    "Design",
    "Edge",
    "Factors",
    "FloatAdd",
    "FloatConcat",
    "FloatConv",
    "FloatExpand",
    "FloatGlobalPool",
    "FloatLayer",
    "FloatMaxPool",
    "FloatMean",
    "FloatMul",
    "FloatTable",
    "FloatUpsample",
    "Fold",
    "Graph",
    "HlsJob",
    "Kernel",
    "Layer",
    "Memory",
    "Operation",
    "Output",
    "Packing",
    "Pads",
    "Pair",
    "Preprocessing",
    "Products",
    "QGraph",
    "Rom",
    "Scaling",
    "Schedule",
    "Spread",
    "Stage",
    "Sums",
    "Timing",
    "Weighted",
    "Windows",
    "convolutions",
    "extent",
    "inside",
    "main_part",
    "packing",
]
