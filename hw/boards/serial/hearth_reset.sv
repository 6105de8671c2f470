// A board's reset: it ends 2^15 cycles after the PLL has locked, and returns when the lock is lost.
// Two registers, as a flow may copy the last one to where it is read
// (toolchain/targets/ecp5/resets.py).
module hearth_reset (
  input  logic clk,
  input  logic locked,  // of the PLL: asynchronous
  output logic rst
);
  logic [1:0] locked_q;
  logic [15:0] awake_q;
  logic asleep_q;
  initial awake_q = '0;
  always_ff @(posedge clk) begin
    locked_q <= {locked_q[0], locked};
    if (!locked_q[1]) awake_q <= '0;
    else if (!awake_q[15]) awake_q <= awake_q + 1'b1;
    asleep_q <= !awake_q[15];
    rst <= asleep_q;
  end
endmodule
