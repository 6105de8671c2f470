// An ECP5 board with a camera: UART, LEDs and the camera (hearth_ecp5_camera.sv) around
// hearth_video_board.
module hearth_ecp5_video #(
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
  output logic            cam_pwdn_pin
);
  if (Leds < 4) $error("%m: Leds is at least 4");

  logic clk, rst, scl_low, sda_low;
  logic [3:0] leds;
  logic [63:0] unused_screen;

  hearth_ecp5_camera #(.Reference(Reference), .Loop(Loop), .Output(Output)) u_camera (
    .clock_pin, .clk, .rst, .scl_low_i(scl_low), .sda_low_i(sda_low), .cam_xclk_pin, .cam_sioc_pin,
    .cam_siod_pin, .cam_reset_pin, .cam_pwdn_pin
  );

  hearth_video_board u_board (
    .clk, .rst, .uart_rx_line(uart_rx_pin), .uart_tx_line(uart_tx_pin), .leds,
    .cam_pclk(cam_pclk_pin), .cam_vsync(cam_vsync_pin), .cam_href(cam_href_pin),
    .cam_data(cam_data_pins), .scl_low_o(scl_low), .sda_low_o(sda_low),
    .written_o(unused_screen[63]),
    .tap_valid_o(unused_screen[0]), .tap_first_o(unused_screen[1]),
    .tap_pixel_o(unused_screen[25:2]), .camera_word_valid_o(unused_screen[26]),
    .camera_word_o(unused_screen[58:27]), .camera_word_last_o(unused_screen[59]),
    .camera_counts_o(unused_screen[60]), .left_out_o(unused_screen[62:61])
  );

  assign led_pins = LedsInverted ^ Leds'(leds);
endmodule
