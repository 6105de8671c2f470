// An ECP5 board with a camera and a screen: hearth_ecp5_video.sv with hearth_screen_board in the
// middle. The screen's pixel clock is the oscillator of 25 MHz; it is at the board's DVI socket.
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
  output logic            cam_reset_pin,
  output logic            cam_pwdn_pin,
  output logic [3:0]      dvi_pins  // as of hearth_ecp5_dvi.sv
);
  if (Leds < 4) $error("%m: Leds is at least 4");

  logic clk, rst, scl_low, sda_low, dvi_locked, pixel_rst;
  logic [3:0] leds;
  logic [2:0][9:0] tmds;
  logic [39:0] unused_watched;

  hearth_ecp5_camera #(.Reference(Reference), .Loop(Loop), .Output(Output)) u_camera (
    .clock_pin, .clk, .rst, .scl_low_i(scl_low), .sda_low_i(sda_low), .cam_xclk_pin, .cam_sioc_pin,
    .cam_siod_pin, .cam_reset_pin, .cam_pwdn_pin
  );
  hearth_reset u_pixel_reset (.clk(clock_pin), .locked(dvi_locked), .rst(pixel_rst));

  hearth_screen_board u_board (
    .clk, .rst, .uart_rx_line(uart_rx_pin), .uart_tx_line(uart_tx_pin), .leds,
    .cam_pclk(cam_pclk_pin), .cam_vsync(cam_vsync_pin), .cam_href(cam_href_pin),
    .cam_data(cam_data_pins), .scl_low_o(scl_low), .sda_low_o(sda_low),
    .written_o(unused_watched[39]), .tap_valid_o(unused_watched[0]),
    .tap_first_o(unused_watched[1]), .camera_word_valid_o(unused_watched[2]),
    .camera_word_o(unused_watched[34:3]), .camera_word_last_o(unused_watched[35]),
    .camera_counts_o(unused_watched[38]), .left_out_o(unused_watched[37:36]),
    .pixel_clk(clock_pin), .pixel_rst, .tmds_o(tmds)
  );
  hearth_ecp5_dvi u_dvi (
    .pixel_clk(clock_pin), .tmds_i(tmds), .locked_o(dvi_locked), .pins_o(dvi_pins)
  );

  assign led_pins = LedsInverted ^ Leds'(leds);
endmodule
