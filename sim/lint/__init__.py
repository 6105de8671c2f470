"""Lint over all RTL of a build folder (`python -m hearth.sim.lint BUILD`)."""
