// Ports of the ECP5's output register of two bits a cycle, for Verilator's linter alone (Lattice
// FPGA-TN-02035). Synthesis has the block itself.
module ODDRX1F (
  input  logic SCLK,
  input  logic RST,
  input  logic D0,
  input  logic D1,
  output logic Q
);
  assign Q = (SCLK ? D0 : D1) && !RST;
endmodule
