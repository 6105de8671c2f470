"""Compiler passes: pure functions from one form of the network to the next, one file each."""
