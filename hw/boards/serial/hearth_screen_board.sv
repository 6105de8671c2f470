// hearth_video_board.sv and, at its taps, hearth_screen.sv, without any part of a board: from the
// camera's pins to the symbols of DVI. The screen shows results of the camera's whole frames alone.
module hearth_screen_board (
  input  logic            clk,
  input  logic            rst,
  input  logic            uart_rx_line,
  output logic            uart_tx_line,
  output logic [3:0]      leds,  // these down to left_out_o as in hearth_video_board.sv
  input  logic            cam_pclk,
  input  logic            cam_vsync,
  input  logic            cam_href,
  input  logic [7:0]      cam_data,
  output logic            scl_low_o,
  output logic            sda_low_o,
  output logic            written_o,
  output logic            tap_valid_o,
  output logic            tap_first_o,
  output logic            camera_word_valid_o,
  output logic [31:0]     camera_word_o,
  output logic            camera_word_last_o,
  output logic            camera_counts_o,
  output logic [1:0]      left_out_o,
  input  logic            pixel_clk,            // these three as in hearth_screen.sv
  input  logic            pixel_rst,
  output logic [2:0][9:0] tmds_o
);
  logic [23:0] tap_pixel;

  hearth_video_board u_board (
    .clk, .rst, .uart_rx_line, .uart_tx_line, .leds, .cam_pclk, .cam_vsync, .cam_href, .cam_data,
    .scl_low_o, .sda_low_o, .written_o, .tap_valid_o, .tap_first_o, .tap_pixel_o(tap_pixel),
    .camera_word_valid_o, .camera_word_o, .camera_word_last_o, .camera_counts_o, .left_out_o
  );

  hearth_screen #(
    .Width(hearth_board_pkg::ScreenWidth),
    .HFront(hearth_board_pkg::ScreenHFront),
    .HSync(hearth_board_pkg::ScreenHSync),
    .HBack(hearth_board_pkg::ScreenHBack),
    .Height(hearth_board_pkg::ScreenHeight),
    .VFront(hearth_board_pkg::ScreenVFront),
    .VSync(hearth_board_pkg::ScreenVSync),
    .VBack(hearth_board_pkg::ScreenVBack),
    .ShrinkBits(hearth_board_pkg::ScreenShrinkBits),
    .ZoomBits(hearth_board_pkg::ScreenZoomBits),
    .Left(hearth_board_pkg::ScreenLeft),
    .Top(hearth_board_pkg::ScreenTop),
    .Right(hearth_board_pkg::ScreenRight),
    .Bottom(hearth_board_pkg::ScreenBottom),
    .Line(hearth_board_pkg::ScreenLine),
    .Classes(hearth_board_pkg::ScreenClasses),
    .Ranked(hearth_board_pkg::ScreenRanked),
    .Shown(hearth_board_pkg::ScreenShown),
    .LogitShift(hearth_board_pkg::ScreenLogitShift),
    .LetterBits(hearth_board_pkg::ScreenLetterBits),
    .PanelBits(hearth_board_pkg::ScreenPanelBits),
    .TextBits(hearth_board_pkg::ScreenTextBits),
    .ClockHz(hearth_board_pkg::ScreenClockHz)
  ) u_screen (
    .clk, .rst, .tap_valid_i(tap_valid_o), .tap_first_i(tap_first_o), .tap_pixel_i(tap_pixel),
    .result_valid_i(camera_word_valid_o), .result_i(camera_word_o),
    .result_counts_i(camera_counts_o), .pixel_clk, .pixel_rst, .tmds_o
  );
endmodule
