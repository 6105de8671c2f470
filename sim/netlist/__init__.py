"""Post-synthesis simulation: a kernel as the gates that Yosys made of it, in the usual harness."""
