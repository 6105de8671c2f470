// The network `hearth_net` and its link to a host, without any part of a board: clock, reset, UART,
// LEDs.
//
// Sizes and numbers come from the generated package hearth_board_pkg. The virtual board simulates
// this module; on a board hearth_ecp5.sv stands around it. With HEARTH_LIVE defined new weights
// from the link pass every ROM of the network; without it the weights are fixed.
module hearth_board (
  input  logic       clk,
  input  logic       rst,
  input  logic       uart_rx_line,
  output logic       uart_tx_line,
  output logic [3:0] leds  // configured, error, a frame is on its way, life
);
  logic [8*hearth_board_pkg::Colours-1:0] pixel_data;
  logic [31:0] result_data;
  logic pixel_valid, pixel_ready, result_valid, result_ready;
  logic [hearth_board_pkg::Kernels-1:0] busy, starved, blocked;
  logic active, error;
  hearth_load_pkg::load_t load;
  logic [25:0] life_q;

  always_ff @(posedge clk) life_q <= rst ? '0 : life_q + 1'b1;
  assign leds = {1'b1, error, active, life_q[25]};

  hearth_link #(
    .Width(hearth_board_pkg::Width),
    .Height(hearth_board_pkg::Height),
    .Colours(hearth_board_pkg::Colours),
    .Classes(hearth_board_pkg::Classes),
    .Top(hearth_board_pkg::Top),
    .Kernels(hearth_board_pkg::Kernels),
    .Divisor(hearth_board_pkg::Divisor),
    .ClockKhz(hearth_board_pkg::ClockKhz),
    .Timeout(hearth_board_pkg::Timeout),
    .ImageBytes(hearth_board_pkg::ImageBytes),
    .IdFile(hearth_board_pkg::IdFile)
  ) u_link (
    .clk,
    .rst,
    .uart_rx_line,
    .uart_tx_line,
    .pixel_data,
    .pixel_valid,
    .pixel_ready,
    .result_data,
    .result_valid,
    .result_ready,
    .busy,
    .starved,
    .blocked,
    .active,
    .error,
    .load,
    .hardware_id(hearth_board_pkg::HardwareId)
  );

  hearth_net u_net (
    .clk,
    .rst,
    .busy,
    .starved,
    .blocked,
`ifdef HEARTH_LIVE
    .load,
`endif
    .s_data(pixel_data),
    .s_valid(pixel_valid),
    .s_ready(pixel_ready),
    .m_data(result_data),
    .m_valid(result_valid),
    .m_ready(result_ready)
  );

`ifndef HEARTH_LIVE
  logic unused;
  assign unused = ^load;  // the weights are fixed
`endif
endmodule
