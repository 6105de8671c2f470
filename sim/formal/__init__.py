"""Proofs for all time of the blocks that carry the stream convention (docs/design/proofs.md).

    python -m hearth.sim.formal [BLOCK ...]        (make prove)

proofs.py lists what is proved and for which parameters, prove.py has Yosys prove one, __main__.py
runs them and prints a table. The properties are in hw/formal, one module per block.
"""
