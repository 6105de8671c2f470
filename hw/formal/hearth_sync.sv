// What proofs take for video/hearth_sync.sv: every bit by itself comes in time or a step of time
// late, as the solver likes, so that a word of which several bits change arrives as any mixture.
module hearth_sync #(
  parameter int unsigned Width = 1
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [Width-1:0] d_i,
  output logic [Width-1:0] q_o
);
  (* gclk *) logic time_step;
  (* anyseq *) logic [Width-1:0] late;
  logic [Width-1:0] first_q, second_q, was_q;

  assign q_o = second_q;

  always_ff @(posedge time_step) was_q <= d_i;

  always_ff @(posedge clk) begin
    if (rst) {second_q, first_q} <= '0;
    else {second_q, first_q} <= {first_q, (d_i & ~late) | (was_q & late)};
  end
endmodule
