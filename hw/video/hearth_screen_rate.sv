// Frames in each second, as four decimal digits, the lowest in the lowest bits: 9999 stands for all
// above. They change once a second, of ClockHz cycles.
module hearth_screen_rate #(
  parameter int unsigned ClockHz = 60_000_000
) (
  input  logic            clk,
  input  logic            rst,
  input  logic            frame_i,  // in this cycle one more frame is over
  output logic [3:0][3:0] digits_o
);
  localparam int unsigned CountBits = (ClockHz > 1) ? $clog2(ClockHz) : 1;

  logic [CountBits-1:0] count_q;
  logic [3:0][3:0] digits_q, after;
  logic over, carry;

  assign over = count_q == CountBits'(ClockHz - 1);

  // One more, digit by digit.
  always_comb begin
    after = digits_q;
    carry = frame_i && digits_q != {4{4'd9}};
    for (int i = 0; i < 4; i++) begin
      if (carry) after[i] = (digits_q[i] == 4'd9) ? 4'd0 : digits_q[i] + 1'b1;
      carry = carry && digits_q[i] == 4'd9;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) {count_q, digits_q, digits_o} <= '0;
    else begin
      count_q <= over ? '0 : count_q + 1'b1;
      digits_q <= over ? '0 : after;
      if (over) digits_o <= after;
    end
  end
endmodule
