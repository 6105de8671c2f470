// Bytes of a UART's line into a buffer, each with a mark of what got lost in front of it.
//
// Lost is a byte without its stop bit, and a byte for which the buffer had no room.
module hearth_link_bytes #(
  parameter int unsigned Divisor = 25,  // clock cycles per bit of the UART
  parameter int unsigned Depth = 2048   // bytes
) (
  input  logic       clk,
  input  logic       rst,
  input  logic       line,
  output logic [7:0] m_data,
  output logic       m_lost,   // bytes were lost just before this one
  output logic       m_valid,
  input  logic       m_ready
);
  logic [7:0] rx_data;
  logic rx_valid, rx_framing, rx_ready, lost_q;
  logic [8:0] stored_data;
  logic stored_valid, stored_ready;

  hearth_uart_rx #(.Divisor(Divisor)) u_rx (
    .clk, .rst, .line, .m_data(rx_data), .m_valid(rx_valid), .framing(rx_framing)
  );

  always_ff @(posedge clk) begin
    if (rst) lost_q <= 1'b0;
    else if (rx_framing || (rx_valid && !rx_ready)) lost_q <= 1'b1;
    else if (rx_valid) lost_q <= 1'b0;
  end

  hearth_fifo #(.Width(9), .Depth(Depth)) u_bytes (
    .clk, .rst,
    .s_data({lost_q, rx_data}), .s_valid(rx_valid), .s_ready(rx_ready),
    .m_data(stored_data), .m_valid(stored_valid), .m_ready(stored_ready)
  );
  // Block RAM is slow to answer: a register between it and the decoding of packets.
  hearth_fifo #(.Width(9), .Depth(2)) u_decode (
    .clk, .rst,
    .s_data(stored_data), .s_valid(stored_valid), .s_ready(stored_ready),
    .m_data({m_lost, m_data}), .m_valid, .m_ready
  );
endmodule
