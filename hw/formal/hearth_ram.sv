// What a proof needs to know of memory/hearth_ram.sv, in the state of a single word.
//
// The word at `watched`, an address that the prover chooses once and for all, is kept faithfully. A
// read of any other address, or of an address that is written in the same cycle, returns anything.
// What is proved with this memory holds for every word, because `watched` may be any address, and
// costs the same for 2 words as for 4096. hearth_ram_proof.sv shows that memory/hearth_ram.sv does
// what is promised here.
module hearth_ram #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  parameter int BlockWords = -1,  // where they lie makes no difference
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
  (* anyconst *) logic [AddressBits-1:0] watched;
  (* anyseq *) logic [Width-1:0] anything;
  logic [Width-1:0] word_q;
  logic known;

  assign known = read_address == watched && !(write_enable && write_address == read_address);

  always_ff @(posedge clk) begin
    if (write_enable && write_address == watched) word_q <= write_data;
    if (read_enable) read_data <= known ? word_q : anything;
  end
endmodule
