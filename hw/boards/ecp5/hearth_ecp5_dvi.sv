// DVI on an ECP5: a PLL makes the clock of pairs of bits from the pixel clock, and the pins' own
// registers send two bits a cycle (ODDRX1F, Lattice FPGA-TN-02035).
//
// The pins are those of the positive wires; their buffers (LVCMOS33D) drive the negative ones, too.
module hearth_ecp5_dvi #(
  parameter int unsigned Reference = 1,  // dividers of the PLL (hearth_ecp5_clock.sv): five times
  parameter int unsigned Loop = 25,      // the pixel clock
  parameter int unsigned Output = 5
) (
  input  logic            pixel_clk,
  input  logic [2:0][9:0] tmds_i,
  output logic            locked_o,
  output logic [3:0]      pins_o     // blue, green, red, clock
);
  if (Loop != 5 * Reference * Output) $error("%m: the PLL does not make five times the clock");

  logic fast_clk;
  logic [3:0][1:0] pairs;

  hearth_ecp5_clock #(
    .Reference(Reference),
    .Loop(Loop),
    .Output(Output)
  ) u_clock (
    .clock_pin(pixel_clk),
    .clk(fast_clk),
    .locked(locked_o)
  );
  hearth_dvi u_dvi (
    .pixel_clk,
    .tmds_i,
    .fast_clk,
    .pairs_o(pairs)
  );

  for (genvar i = 0; i < 4; i++) begin : gen_pin
    ODDRX1F u_pin (
      .SCLK(fast_clk),
      .RST(1'b0),
      .D0(pairs[i][0]),
      .D1(pairs[i][1]),
      .Q(pins_o[i])
    );
  end
endmodule
