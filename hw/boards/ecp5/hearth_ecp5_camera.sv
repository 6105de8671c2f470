// What an ECP5 board with a camera has around the network, screen or not: clock and reset as in
// hearth_ecp5.sv, and the pins by which the board drives the camera. Its clock is the oscillator's,
// its two wires of registers are open drain, and it is never in reset.
module hearth_ecp5_camera #(
  parameter int unsigned Reference = 1,  // dividers of the PLL (hearth_ecp5_clock.sv)
  parameter int unsigned Loop = 24,
  parameter int unsigned Output = 8
) (
  input  logic clock_pin,
  output logic clk,
  output logic rst,
  input  logic scl_low_i,
  input  logic sda_low_i,
  output logic cam_xclk_pin,
  inout  wire  cam_sioc_pin,
  inout  wire  cam_siod_pin,
  output logic cam_reset_pin,  // low: in reset
  output logic cam_pwdn_pin    // high: asleep
);
  logic locked;

  hearth_ecp5_clock #(.Reference(Reference), .Loop(Loop), .Output(Output)) u_clock (
    .clock_pin, .clk, .locked
  );
  hearth_reset u_reset (.clk, .locked, .rst);

  assign cam_xclk_pin = clock_pin;
  assign cam_sioc_pin = scl_low_i ? 1'b0 : 1'bz;
  assign cam_siod_pin = sda_low_i ? 1'b0 : 1'bz;
  assign {cam_reset_pin, cam_pwdn_pin} = 2'b10;
endmodule
