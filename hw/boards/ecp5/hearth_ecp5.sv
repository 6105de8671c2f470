// An ECP5 board: clock and reset, UART and LEDs around hearth_board. The generated hearth_top sets
// the parameters and has the board's pins as ports.
module hearth_ecp5 #(
  parameter int unsigned Reference = 1,  // dividers of the PLL (hearth_ecp5_clock.sv)
  parameter int unsigned Loop = 24,
  parameter int unsigned Output = 8,
  parameter int unsigned Leds = 8,              // 4 or more; those above 3 stay dark
  parameter logic [Leds-1:0] LedsInverted = '0  // lit by a 0
) (
  input  logic            clock_pin,
  input  logic            uart_rx_pin,
  output logic            uart_tx_pin,
  output logic [Leds-1:0] led_pins
);
  if (Leds < 4) $error("%m: Leds is at least 4");

  logic clk, locked, rst;
  logic [3:0] leds;

  hearth_ecp5_clock #(
    .Reference(Reference),
    .Loop(Loop),
    .Output(Output)
  ) u_clock (
    .clock_pin,
    .clk,
    .locked
  );
  hearth_reset u_reset (
    .clk,
    .locked,
    .rst
  );

  hearth_board u_board (
    .clk,
    .rst,
    .uart_rx_line(uart_rx_pin),
    .uart_tx_line(uart_tx_pin),
    .leds
  );

  assign led_pins = LedsInverted ^ Leds'(leds);
endmodule
