// Whether a beat of a stream moves in this cycle.
module hearth_moves (
  input  logic valid,
  input  logic ready,
  output logic moves
);
  assign moves = valid && ready;
endmodule
