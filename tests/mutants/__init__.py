"""Mutation check: single faults put into Hearth by hand, each of which a bench must catch.

    python -m tests.mutants [NAME | BENCH ...]        (make mutants)

A mutant (kinds.py) changes one place: a line of a DSLX, SystemVerilog or Python source, or one word
of a ROM. It names the bench (benches.py) that must catch it: simulation of a small network with a
layer of every kind, the proofs (sim/formal), or the tests of one area, run in a copy of the
repository. The other files are lists of mutants, one per area; __main__.py runs them and prints a
table. It fails if a mutant survives, or if its place is no longer found in the source.
"""

from tests.mutants import (
    axi,
    bits,
    compiler,
    ecp5,
    few_bits,
    graphs,
    host,
    kernels,
    link,
    network,
    packing,
    pictures,
    quantized,
    skipping,
    stream,
    video,
    xc7,
)
from tests.mutants.kinds import Mutant, RomMutant

MUTANTS: tuple[Mutant | RomMutant, ...] = (
    *network.MUTANTS,
    *kernels.MUTANTS,
    *graphs.MUTANTS,
    *skipping.MUTANTS,
    *packing.MUTANTS,
    *stream.MUTANTS,
    *compiler.MUTANTS,
    *quantized.MUTANTS,
    *link.MUTANTS,
    *axi.MUTANTS,
    *video.MUTANTS,
    *bits.MUTANTS,
    *xc7.MUTANTS,
    *ecp5.MUTANTS,
    *few_bits.MUTANTS,
    *host.MUTANTS,
    *pictures.MUTANTS,
)
