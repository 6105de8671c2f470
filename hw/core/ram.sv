// Memory with one write and one read port of one cycle latency; `read_enable` holds the last word.
//
// Reading and writing the same address in one cycle returns an undefined word: its users never do.
module ram #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  logic                   write_enable,
  input  logic [AddressBits-1:0] write_address,
  input  logic [      Width-1:0] write_data,
  input  logic                   read_enable,
  input  logic [AddressBits-1:0] read_address,
  output logic [      Width-1:0] read_data
);
  // Yosys then adds no logic for a read and a write that meet.
  (* no_rw_check *) logic [Width-1:0] memory[Words];

  always_ff @(posedge clk) begin
    if (write_enable) memory[write_address] <= write_data;
    if (read_enable) read_data <= memory[read_address];
  end
endmodule
