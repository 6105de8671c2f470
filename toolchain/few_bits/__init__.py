"""Weights of fewer than 8 bits: rounding against calibration data, codebooks, bits per layer."""
