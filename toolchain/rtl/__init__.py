"""From a design to text: SystemVerilog, DSLX through XLS, ROM images."""
