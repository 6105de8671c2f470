// An ECP5 board with a camera and a screen: hearth_ecp5_video.sv, and hearth_screen, whose pixel
// clock is the oscillator of 25 MHz, at the board's DVI socket. The screen shows results of the
// camera's whole frames alone.
module hearth_ecp5_screen #(
  parameter int unsigned Reference = 1,  // these five as in hearth_ecp5.sv
  parameter int unsigned Loop = 24,
  parameter int unsigned Output = 8,
  parameter int unsigned Leds = 8,
  parameter logic [Leds-1:0] LedsInverted = '0
) (
  input  logic            clock_pin,
  input  logic            uart_rx_pin,
  output logic            uart_tx_pin,
  output logic [Leds-1:0] led_pins,
  input  logic            cam_pclk_pin,
  output logic            cam_xclk_pin,
  input  logic            cam_vsync_pin,
  input  logic            cam_href_pin,
  input  logic [7:0]      cam_data_pins,
  inout  wire             cam_sioc_pin,
  inout  wire             cam_siod_pin,
  output logic            cam_reset_pin,  // low: in reset
  output logic            cam_pwdn_pin,   // high: asleep
  output logic [3:0]      dvi_pins        // as of hearth_ecp5_dvi.sv
);
  if (Leds < 4) $error("%m: Leds is at least 4");

  logic clk, locked, rst, scl_low, sda_low;
  logic [3:0] leds;
  logic tap_valid, tap_first, word_valid, counts, dvi_locked, pixel_rst;
  logic [23:0] tap_pixel;
  logic [31:0] word;
  logic [2:0][9:0] tmds;
  logic [3:0] unused_board;

  hearth_ecp5_clock #(.Reference(Reference), .Loop(Loop), .Output(Output)) u_clock (
    .clock_pin, .clk, .locked
  );
  hearth_reset u_reset (.clk, .locked, .rst);

  assign cam_xclk_pin = clock_pin;
  assign cam_sioc_pin = scl_low ? 1'b0 : 1'bz;
  assign cam_siod_pin = sda_low ? 1'b0 : 1'bz;
  assign {cam_reset_pin, cam_pwdn_pin} = 2'b10;

  hearth_video_board u_board (
    .clk, .rst, .uart_rx_line(uart_rx_pin), .uart_tx_line(uart_tx_pin), .leds,
    .cam_pclk(cam_pclk_pin), .cam_vsync(cam_vsync_pin), .cam_href(cam_href_pin),
    .cam_data(cam_data_pins), .scl_low_o(scl_low), .sda_low_o(sda_low),
    .written_o(unused_board[0]), .tap_valid_o(tap_valid), .tap_first_o(tap_first),
    .tap_pixel_o(tap_pixel), .camera_word_valid_o(word_valid), .camera_word_o(word),
    .camera_word_last_o(unused_board[1]), .camera_counts_o(counts),
    .left_out_o(unused_board[3:2])
  );

  hearth_reset u_pixel_reset (.clk(clock_pin), .locked(dvi_locked), .rst(pixel_rst));

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
    .clk, .rst, .tap_valid_i(tap_valid), .tap_first_i(tap_first), .tap_pixel_i(tap_pixel),
    .result_valid_i(word_valid), .result_i(word), .result_counts_i(counts),
    .pixel_clk(clock_pin), .pixel_rst, .tmds_o(tmds)
  );
  hearth_ecp5_dvi u_dvi (
    .pixel_clk(clock_pin), .tmds_i(tmds), .locked_o(dvi_locked), .pins_o(dvi_pins)
  );

  assign led_pins = LedsInverted ^ Leds'(leds);
endmodule
