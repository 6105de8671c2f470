// Clock of an ECP5 board: its PLL.
//
//   f(detector) = f(in) / Reference
//   f(VCO)      = f(detector) * Loop
//   f(clk)      = f(VCO) / Output        CLKOS
//   f(VCO) / Loop = f(detector)          CLKOP, which closes the loop (CLKFB) and nothing else
//
// toolchain/targets/ecp5/pll.py chooses the three within Lattice's data sheet (FPGA-DS-02012).
module hearth_ecp5_clock #(
  parameter int unsigned Reference = 1,  // divider in front of the phase detector
  parameter int unsigned Loop = 24,      // divider of the loop
  parameter int unsigned Output = 8      // divider of the design's clock
) (
  input  logic clock_pin,
  output logic clk,
  output logic locked
);
  if (Reference < 1 || Loop < 1 || Output < 1 || Reference > 128 || Loop > 128 || Output > 128)
    $error("%m: dividers of the PLL are 1 to 128");

  logic loop, unused;
  EHXPLLL #(
    .PLLRST_ENA("DISABLED"),
    .INTFB_WAKE("DISABLED"),
    .STDBY_ENABLE("DISABLED"),
    .DPHASE_SOURCE("DISABLED"),
    .OUTDIVIDER_MUXA("DIVA"),
    .OUTDIVIDER_MUXB("DIVB"),
    .OUTDIVIDER_MUXC("DIVC"),
    .OUTDIVIDER_MUXD("DIVD"),
    .CLKI_DIV(Reference),
    .CLKFB_DIV(1),
    .CLKOP_ENABLE("ENABLED"),
    .CLKOP_DIV(Loop),
    .CLKOP_CPHASE(Loop / 2),
    .CLKOP_FPHASE(0),
    .CLKOS_ENABLE("ENABLED"),
    .CLKOS_DIV(Output),
    .CLKOS_CPHASE(Output / 2),
    .CLKOS_FPHASE(0),
    .FEEDBK_PATH("CLKOP")
  ) u_pll (
    .RST(1'b0),
    .STDBY(1'b0),
    .CLKI(clock_pin),
    .CLKOP(loop),
    .CLKOS(clk),
    .CLKFB(loop),
    .CLKINTFB(unused),
    .PHASESEL0(1'b0),
    .PHASESEL1(1'b0),
    .PHASEDIR(1'b1),
    .PHASESTEP(1'b1),
    .PHASELOADREG(1'b1),
    .PLLWAKESYNC(1'b0),
    .ENCLKOP(1'b0),
    .ENCLKOS(1'b0),
    .LOCK(locked)
  );
endmodule
