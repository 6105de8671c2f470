// UART receiver: 8 data bits, no parity, one stop bit, least significant bit first.
//
// The line is sampled in the middle of each bit, Divisor cycles apart, so the sender's rate may
// differ from clock / Divisor by about 3 %. The start bit is sampled, too: a line that is high
// again by then was a glitch, and nothing is received. There is no `ready`: a byte is there for one
// cycle. `framing` is high for one cycle when the stop bit is missing; that byte is dropped.
module hearth_uart_rx #(
  parameter int unsigned Divisor = 25  // clock cycles per bit, at least 4
) (
  input  logic       clk,
  input  logic       rst,
  input  logic       line,
  output logic [7:0] m_data,
  output logic       m_valid,
  output logic       framing
);
  localparam int unsigned TimerBits = $clog2(Divisor);
  localparam logic [TimerBits-1:0] Bit = TimerBits'(Divisor - 1);
  localparam logic [TimerBits-1:0] HalfBit = TimerBits'(Divisor / 2 - 1);
  localparam logic [3:0] Samples = 4'd10;

  if (Divisor < 4) begin : gen_check
    $error("%m: Divisor is at least 4");
  end

  logic [2:0] line_q;             // two synchronizers and the bit before
  logic [TimerBits-1:0] timer_q;  // cycles to the next sample
  logic [3:0] left_q;             // samples still to take: start bit, data, stop bit
  logic sample, start, glitch;

  assign sample = (left_q != '0) && (timer_q == '0);
  assign start = (left_q == '0) && (line_q[2:1] == 2'b10);
  assign glitch = (left_q == Samples) && line_q[1];

  always_ff @(posedge clk) begin
    if (rst) begin
      line_q <= '1;
      left_q <= '0;
      timer_q <= '0;
      m_valid <= 1'b0;
      framing <= 1'b0;
    end else begin
      line_q <= {line_q[1:0], line};
      m_valid <= sample && (left_q == 4'd1) && line_q[1];
      framing <= sample && (left_q == 4'd1) && !line_q[1];
      if (start) begin
        left_q <= Samples;
        timer_q <= HalfBit;
      end else if (sample) begin
        left_q <= glitch ? '0 : left_q - 1'b1;
        timer_q <= Bit;
      end else if (left_q != '0) begin
        timer_q <= timer_q - 1'b1;
      end
    end
  end

  always_ff @(posedge clk) if (sample && left_q != 4'd1) m_data <= {line_q[1], m_data[7:1]};
endmodule
