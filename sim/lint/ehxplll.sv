// Ports and parameters of the ECP5's PLL, for Verilator's linter alone (Lattice FPGA-TN-02200): what a
// board's clock is made of, without its function. Synthesis has the block itself.
module EHXPLLL #(
  parameter PLLRST_ENA = "DISABLED",
  parameter INTFB_WAKE = "DISABLED",
  parameter STDBY_ENABLE = "DISABLED",
  parameter DPHASE_SOURCE = "DISABLED",
  parameter OUTDIVIDER_MUXA = "DIVA",
  parameter OUTDIVIDER_MUXB = "DIVB",
  parameter OUTDIVIDER_MUXC = "DIVC",
  parameter OUTDIVIDER_MUXD = "DIVD",
  parameter int unsigned CLKI_DIV = 1,
  parameter int unsigned CLKFB_DIV = 1,
  parameter CLKOP_ENABLE = "ENABLED",
  parameter int unsigned CLKOP_DIV = 8,
  parameter int unsigned CLKOP_CPHASE = 0,
  parameter int unsigned CLKOP_FPHASE = 0,
  parameter CLKOS_ENABLE = "DISABLED",
  parameter int unsigned CLKOS_DIV = 8,
  parameter int unsigned CLKOS_CPHASE = 0,
  parameter int unsigned CLKOS_FPHASE = 0,
  parameter FEEDBK_PATH = "CLKOP"
) (
  input  logic RST,
  input  logic STDBY,
  input  logic CLKI,
  output logic CLKOP,
  output logic CLKOS,
  input  logic CLKFB,
  output logic CLKINTFB,
  input  logic PHASESEL0,
  input  logic PHASESEL1,
  input  logic PHASEDIR,
  input  logic PHASESTEP,
  input  logic PHASELOADREG,
  input  logic PLLWAKESYNC,
  input  logic ENCLKOP,
  input  logic ENCLKOS,
  output logic LOCK
);
  assign {CLKOP, CLKOS, CLKINTFB, LOCK} = {CLKI, CLKI, CLKI, !RST};
endmodule
