"""Simulation: harness, build, run, and the comparison with the golden model (sim/README.md)."""
