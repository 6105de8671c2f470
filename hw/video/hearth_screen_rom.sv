// Table of constants, read from the hexadecimal file File, one word a line; a word comes one cycle
// after its address. Unlike those of hw/memory it is none of the network's, takes no new weights,
// and is not compared when a bitstream is read back.
module hearth_screen_rom #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  parameter File = "",
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  logic [AddressBits-1:0] address,
  output logic [      Width-1:0] data
);
  logic [Width-1:0] memory[Words];
  initial $readmemh(File, memory);

  always_ff @(posedge clk) data <= memory[address];
endmodule
