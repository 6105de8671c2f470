// The 7 series' global clock buffer, for Verilator's linter alone (AMD UG953). Synthesis has the
// block itself.
module BUFG (
  input  logic I,
  output logic O
);
  assign O = I;
endmodule
