// Memory that is written in one clock and read in another, in block RAM; a word comes one cycle
// after its address.
//
// A word that is read while it is written is the old one, the new one or a mixture of their bits.
module hearth_two_clock_ram #(
  parameter int unsigned Width = 16,  // bits per word
  parameter int unsigned Words = 64,
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   write_clk,
  input  logic                   write_enable,
  input  logic [AddressBits-1:0] write_address,
  input  logic [      Width-1:0] write_data,
  input  logic                   read_clk,
  input  logic [AddressBits-1:0] read_address,
  output logic [      Width-1:0] read_data
);
  (* ram_style = "block", no_rw_check *) logic [Width-1:0] memory[Words];

  always_ff @(posedge write_clk) if (write_enable) memory[write_address] <= write_data;
  always_ff @(posedge read_clk) read_data <= memory[read_address];
endmodule
