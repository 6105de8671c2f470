"""Compiler passes, one per file: pure functions from one form of the network to the next."""
