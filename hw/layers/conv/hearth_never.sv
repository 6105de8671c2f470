// Says so in simulation when what must never happen does; nothing in synthesis. Its instance's name
// says what. Before the first reset registers hold anything, and nothing is meant by that.
// Instances are left out of synthesis, too: Yosys does not map a module without cells in a kept
// hierarchy.
module hearth_never (
  input logic clk,
  input logic rst,
  input logic happens
);
`ifndef SYNTHESIS
  logic was_reset;

  initial was_reset = 1'b0;

  always_ff @(posedge clk) begin
    was_reset <= was_reset || rst;
    if (was_reset && !rst && happens) $error("%m");
  end
`endif
endmodule
