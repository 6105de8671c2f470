"""The virtual board: the complete board top in Verilator behind a pseudo-terminal."""
