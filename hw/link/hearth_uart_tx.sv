// UART sender: 8 data bits, no parity, one stop bit, least significant bit first.
module hearth_uart_tx #(
  parameter int unsigned Divisor = 25  // clock cycles per bit
) (
  input  logic       clk,
  input  logic       rst,
  input  logic [7:0] s_data,
  input  logic       s_valid,
  output logic       s_ready,
  output logic       line
);
  localparam int unsigned TimerBits = $clog2(Divisor);

  logic [8:0] shift_q;            // bits still to send, above the one on the line
  logic [3:0] left_q;             // bit times left
  logic [TimerBits-1:0] timer_q;

  assign s_ready = left_q == '0;

  always_ff @(posedge clk) begin
    if (rst) begin
      line <= 1'b1;
      left_q <= '0;
      timer_q <= '0;
      shift_q <= '1;
    end else if (s_ready) begin
      line <= !s_valid;
      timer_q <= TimerBits'(Divisor - 1);
      shift_q <= {1'b1, s_data};
      if (s_valid) left_q <= 4'd10;
    end else if (timer_q != '0) begin
      timer_q <= timer_q - 1'b1;
    end else begin
      {shift_q, line} <= {1'b1, shift_q};
      left_q <= left_q - 1'b1;
      timer_q <= TimerBits'(Divisor - 1);
    end
  end
endmodule
