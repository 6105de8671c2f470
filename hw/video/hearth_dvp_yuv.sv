// One pixel of Y, U and V (full range, ITU-R BT.601) as 8-bit colours, red in the lowest byte. Two
// cycles; everything stands still while go_i is low.
//
//   red   = clip((256 Y                 + 359 (V - 128) + 128) >> 8)
//   green = clip((256 Y -  88 (U - 128) - 183 (V - 128) + 128) >> 8)
//   blue  = clip((256 Y + 454 (U - 128)                 + 128) >> 8)
module hearth_dvp_yuv (
  input  logic        clk,
  input  logic        go_i,
  input  logic [7:0]  y_i,
  input  logic [7:0]  u_i,
  input  logic [7:0]  v_i,
  output logic [23:0] rgb_o
);
  typedef logic signed [18:0] sum_t;

  logic signed [8:0] u, v;
  sum_t grey, red_q, green_q, blue_q;

  assign u = $signed({1'b0, u_i}) - 9'sd128;
  assign v = $signed({1'b0, v_i}) - 9'sd128;
  assign grey = sum_t'({y_i, 8'd128});

  function automatic logic [7:0] clipped(input sum_t sum);
    if (sum < 0) clipped = 8'd0;
    else clipped = (sum > sum_t'(65535)) ? 8'd255 : sum[15:8];
  endfunction

  always_ff @(posedge clk) begin
    if (go_i) begin
      red_q <= grey + sum_t'(v) * 19'sd359;
      green_q <= grey - sum_t'(u) * 19'sd88 - sum_t'(v) * 19'sd183;
      blue_q <= grey + sum_t'(u) * 19'sd454;
      rgb_o <= {clipped(blue_q), clipped(green_q), clipped(red_q)};
    end
  end
endmodule
