// Ports and parameters of the 7 series' PLL that a board's clock uses, for Verilator's linter alone
// (AMD UG953): without its function. Synthesis has the block itself.
module PLLE2_ADV #(
  parameter BANDWIDTH = "OPTIMIZED",
  parameter COMPENSATION = "ZHOLD",
  parameter real CLKIN1_PERIOD = 0.0,
  parameter int unsigned DIVCLK_DIVIDE = 1,
  parameter int unsigned CLKFBOUT_MULT = 5,
  parameter real CLKFBOUT_PHASE = 0.0,
  parameter int unsigned CLKOUT0_DIVIDE = 1,
  parameter real CLKOUT0_DUTY_CYCLE = 0.5,
  parameter real CLKOUT0_PHASE = 0.0,
  parameter STARTUP_WAIT = "FALSE"
) (
  input  logic        CLKIN1,
  input  logic        CLKIN2,
  input  logic        CLKINSEL,
  input  logic        CLKFBIN,
  output logic        CLKFBOUT,
  output logic        CLKOUT0,
  output logic        LOCKED,
  input  logic        PWRDWN,
  input  logic        RST,
  input  logic [6:0]  DADDR,
  input  logic        DCLK,
  input  logic        DEN,
  input  logic [15:0] DI,
  input  logic        DWE
);
  assign {CLKFBOUT, CLKOUT0, LOCKED} = {CLKIN1, CLKIN1, !RST};
endmodule
