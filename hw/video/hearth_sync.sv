// Brings bits into another clock: two flip-flops each. For bits of which at most one changes at a
// time (Gray code), or which mean something each by itself: a bit that changes at the clock's edge
// arrives in this cycle or in the next one, and its neighbours need not do the same.
// For proofs formal/hearth_sync.sv stands in its place.
module hearth_sync #(
  parameter int unsigned Width = 1
) (
  input  logic             clk,  // of the side that reads
  input  logic             rst,
  input  logic [Width-1:0] d_i,
  output logic [Width-1:0] q_o
);
  (* ASYNC_REG = "TRUE" *) logic [Width-1:0] first_q;
  (* ASYNC_REG = "TRUE" *) logic [Width-1:0] second_q;

  assign q_o = second_q;

  always_ff @(posedge clk) begin
    if (rst) {second_q, first_q} <= '0;
    else {second_q, first_q} <= {first_q, d_i};
  end
endmodule
