// The network `hearth_net` between a camera and a link to a host, without any part of a board:
// hearth_board.sv with hearth_camera.sv in front, and hearth_frame_arbiter.sv between the two.
//
//   pins -- hearth_camera --+                      +-- camera_word_o
//                           +-- arbiter -- network +
//   UART -- hearth_link ----+                      +-- hearth_link -- UART
//
// The camera's registers are written once after reset (hearth_sccb.sv). For a screen there are the
// camera's pixels as they come (tap_*), and the words of its frames' results.
//
// New weights from the link (HEARTH_LIVE) go into memories that are not read, and are in use from
// one cycle to the next; a frame of the camera that is inside then does not count. So that none
// begins while the news travel from ROM to ROM, or while more bytes may come, the camera waits for
// eight pauses of a packet after the last byte of weights.
module hearth_video_board (
  input  logic        clk,
  input  logic        rst,
  input  logic        uart_rx_line,
  output logic        uart_tx_line,
  output logic [3:0]  leds,               // as of hearth_board.sv
  input  logic        cam_pclk,
  input  logic        cam_vsync,
  input  logic        cam_href,
  input  logic [7:0]  cam_data,
  output logic        scl_low_o,
  output logic        sda_low_o,
  output logic        written_o,          // the camera's registers are; no frame counts before
  output logic        tap_valid_o,        // a pixel of the camera moves
  output logic        tap_first_o,
  output logic [23:0] tap_pixel_o,
  output logic        camera_word_valid_o,  // a word of a result of the camera's moves
  output logic [31:0] camera_word_o,
  output logic        camera_word_last_o,
  output logic        camera_counts_o,    // with the last: the frame was whole
  output logic [1:0]  left_out_o          // one more frame was: by the arbiter, by the camera
);
  localparam int unsigned Width = hearth_board_pkg::Width;
  localparam int unsigned Height = hearth_board_pkg::Height;
  localparam int unsigned Classes = hearth_board_pkg::Classes;
  localparam int unsigned Top = hearth_board_pkg::Top;
  localparam int unsigned Kernels = hearth_board_pkg::Kernels;
  if (hearth_board_pkg::Colours != 3) $error("%m: a camera sends three colours");

  logic [23:0] link_pixel, camera_pixel, pixel;
  logic link_valid, link_ready, camera_valid, camera_ready, camera_first, camera_broken;
  logic pixel_valid, pixel_ready, result_valid, result_ready, word_valid, word_ready;
  logic [31:0] result;
  logic [Kernels-1:0] busy, starved, blocked;
  logic active, error;
  hearth_load_pkg::load_t load;
  logic [7:0] unused_camera;
  logic [25:0] life_q;

  always_ff @(posedge clk) life_q <= rst ? '0 : life_q + 1'b1;
  assign leds = {1'b1, error, active, life_q[25]};

  hearth_link #(
    .Width(Width), .Height(Height), .Classes(Classes), .Top(Top),
    .Kernels(Kernels), .Divisor(hearth_board_pkg::Divisor), .ClockKhz(hearth_board_pkg::ClockKhz),
    .Timeout(hearth_board_pkg::Timeout), .ImageBytes(hearth_board_pkg::ImageBytes),
    .IdFile(hearth_board_pkg::IdFile)
  ) u_link (
    .clk, .rst, .uart_rx_line, .uart_tx_line,
    .pixel_data(link_pixel), .pixel_valid(link_valid), .pixel_ready(link_ready),
    .result_data(result), .result_valid(word_valid), .result_ready(word_ready),
    .busy, .starved, .blocked, .active, .error, .load, .hardware_id(hearth_board_pkg::HardwareId)
  );

  hearth_camera #(
    .SourceWidth(hearth_board_pkg::SourceWidth), .SourceHeight(hearth_board_pkg::SourceHeight),
    .ScaledWidth(hearth_board_pkg::ScaledWidth), .ScaledHeight(hearth_board_pkg::ScaledHeight),
    .Width(Width), .Height(Height)
  ) u_camera (
    .clk, .rst, .cam_pclk, .cam_vsync, .cam_href, .cam_data, .m_axis_tdata(camera_pixel),
    .m_axis_tvalid(camera_valid), .m_axis_tready(camera_ready), .m_axis_tuser(camera_first),
    .m_axis_tlast(unused_camera[0]), .tap_valid_o, .tap_first_o, .tap_pixel_o,
    .faults_o(unused_camera[5:1]), .done_o(unused_camera[6]), .damaged_o(unused_camera[7]),
    .broken_o(camera_broken), .left_out_o(left_out_o[0])
  );

  hearth_sccb #(
    .Quarter(hearth_board_pkg::CameraQuarter),
    .Device(8'(hearth_board_pkg::CameraDevice)),
    .RegisterBytes(hearth_board_pkg::CameraRegisterBytes),
    .Entries(hearth_board_pkg::CameraEntries),
    .Table(hearth_board_pkg::CameraFile)
  ) u_registers (
    .clk, .rst, .scl_low_o, .sda_low_o, .done_o(written_o)
  );

  // ---- one network for both
  logic void_q;
`ifdef HEARTH_LIVE
  localparam int unsigned Quiet = 8 * hearth_board_pkg::Timeout;
  localparam int unsigned QuietBits = $clog2(Quiet + 1);
  logic bank_q;
  logic [QuietBits-1:0] quiet_q;
  always_ff @(posedge clk) begin
    bank_q <= load.bank;
    void_q <= quiet_q != '0;
    if (load.start || load.valid || load.bank != bank_q) quiet_q <= QuietBits'(Quiet);
    else if (rst) quiet_q <= '0;
    else if (quiet_q != '0) quiet_q <= quiet_q - 1'b1;
  end
`else
  logic unused_load;
  assign unused_load = ^load;  // the weights are fixed
  assign void_q = 1'b0;
`endif

  hearth_frame_arbiter #(.Pixels(Width * Height), .Words(Classes + Top)) u_arbiter (
    .clk, .rst, .link_pixel, .link_valid, .link_ready, .camera_pixel, .camera_valid, .camera_first,
    .camera_ready, .spoilt_i(camera_broken || !written_o), .void_i(void_q), .m_data(pixel),
    .m_valid(pixel_valid), .m_ready(pixel_ready), .result_valid, .result_ready,
    .link_word_valid(word_valid), .link_word_ready(word_ready),
    .camera_word_valid(camera_word_valid_o), .camera_word_last(camera_word_last_o),
    .camera_counts(camera_counts_o), .left_out_o(left_out_o[1])
  );
  assign camera_word_o = result;

  hearth_net u_net (
    .clk, .rst, .busy, .starved, .blocked,
`ifdef HEARTH_LIVE
    .load,
`endif
    .s_data(pixel), .s_valid(pixel_valid), .s_ready(pixel_ready),
    .m_data(result), .m_valid(result_valid), .m_ready(result_ready)
  );
endmodule
