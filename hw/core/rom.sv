// Read-only memory with one cycle of latency; `enable` holds the last word.
//
// Content comes from the hexadecimal file File, one word a line, read when simulation starts or when
// the circuit is synthesized. File is a path relative to the directory the tool runs in.
module rom #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  parameter File = "",
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  logic                   enable,
  input  logic [AddressBits-1:0] address,
  output logic [      Width-1:0] data
);
  // In block RAM even when small, so that a finished configuration can be given other contents.
  (* rom_style = "block" *) logic [Width-1:0] memory[Words];
  initial $readmemh(File, memory);

  always_ff @(posedge clk) if (enable) data <= memory[address];
endmodule
