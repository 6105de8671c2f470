"""From an already quantized file's own integers to the integer network (`QGraph`)."""
