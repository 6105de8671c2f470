// Clock of a 7-series board: its PLL, whose loop is closed inside it, and a global buffer.
//
//   f(detector) = f(in) / Reference
//   f(VCO)      = f(detector) * Loop
//   f(clk)      = f(VCO) / Output
//
// toolchain/targets/xc7/pll.py chooses the three within AMD's data sheet (DS181).
module hearth_xc7_clock #(
  parameter real PeriodNs = 10.0,        // of clock_pin
  parameter int unsigned Reference = 1,  // divider in front of the phase detector
  parameter int unsigned Loop = 12,      // multiplier of the loop
  parameter int unsigned Output = 12     // divider of the design's clock
) (
  input  logic clock_pin,
  output logic clk,
  output logic locked
);
  if (Reference < 1 || Reference > 56 || Loop < 2 || Loop > 64 || Output < 1 || Output > 128)
    $error("%m: the PLL divides by 1 to 56, multiplies by 2 to 64 and divides by 1 to 128");

  logic loop, fast;
  PLLE2_ADV #(
    .BANDWIDTH("OPTIMIZED"),
    .COMPENSATION("INTERNAL"),
    .CLKIN1_PERIOD(PeriodNs),
    .DIVCLK_DIVIDE(Reference),
    .CLKFBOUT_MULT(Loop),
    .CLKFBOUT_PHASE(0.0),
    .CLKOUT0_DIVIDE(Output),
    .CLKOUT0_DUTY_CYCLE(0.5),
    .CLKOUT0_PHASE(0.0),
    .STARTUP_WAIT("FALSE")
  ) u_pll (
    .CLKIN1(clock_pin),
    .CLKIN2(1'b0),
    .CLKINSEL(1'b1),
    .CLKFBIN(loop),
    .CLKFBOUT(loop),
    .CLKOUT0(fast),
    .LOCKED(locked),
    .PWRDWN(1'b0),
    .RST(1'b0),
    .DADDR(7'b0),
    .DCLK(1'b0),
    .DEN(1'b0),
    .DI(16'b0),
    .DWE(1'b0)
  );
  BUFG u_buffer (
    .I(fast),
    .O(clk)
  );
endmodule
