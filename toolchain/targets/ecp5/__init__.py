"""From a compiled network to a configuration file for an FPGA board, with open tools only."""
