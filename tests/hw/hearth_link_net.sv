// The link to a host around tests/hw/axi_net.sv, for tests/hw/test_link.py: its lines, what a network tells of
// its kernels, and a way to hold the network up.
module hearth_link_net #(
  parameter int unsigned Colours = 3
) (
  input  logic       clk,
  input  logic       rst,
  input  logic       uart_rx_line,
  output logic       uart_tx_line,
  input  logic       hold_up,       // the network takes no pixel
  input  logic [1:0] busy,
  input  logic [1:0] starved,
  input  logic [1:0] blocked,
  output logic       pixel_moves,
  output logic       result_waits,
  output logic [9:0] load,          // new weights: start, valid, byte
  output logic       bank,
  output logic       active,
  output logic       error
);
  logic [8*Colours-1:0] pixel_data;
  logic [31:0] result_data;
  logic pixel_valid, pixel_ready, result_valid, result_ready, net_ready;

  assign pixel_ready = net_ready && !hold_up;
  assign pixel_moves = pixel_valid && pixel_ready;
  assign result_waits = result_valid;

  hearth_link #(
    .Width(6), .Height(4), .Colours(Colours), .Classes(3), .Top(2), .Kernels(2), .Divisor(8),
    .ClockKhz(1234), .Timeout(20000), .ImageBytes(16), .IdFile("id.hex")
  ) u_link (
    .clk, .rst, .uart_rx_line, .uart_tx_line, .pixel_data, .pixel_valid, .pixel_ready,
    .result_data, .result_valid, .result_ready, .busy, .starved, .blocked,
    .hardware_id(64'hFEDC_BA98_7654_3210), .load({bank, load}), .active, .error
  );
  hearth_net #(.Bits(8 * Colours)) u_net (
    .clk, .rst,
    .s_data(pixel_data), .s_valid(pixel_valid && !hold_up), .s_ready(net_ready),
    .m_data(result_data), .m_valid(result_valid), .m_ready(result_ready)
  );
endmodule
