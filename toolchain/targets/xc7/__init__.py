"""7-series parts by open tools: Yosys, nextpnr and Project X-Ray."""
