// Proof of memory/hearth_ram.sv: it is the memory that formal/hearth_ram.sv promises.
//
// A word that was written is what a read of its address returns one cycle later, whatever is
// written elsewhere meanwhile; the word read last stays while `read_enable` is low. Nothing is said
// of a word that is read in the cycle in which it is written.
//
// Strengthening: the word at `watched` in the memory is the one that was written last. The prover
// joins `words` to the memory itself (sim/formal/prove.py).
module hearth_ram_proof #(
  parameter int unsigned Width = 2,
  parameter int unsigned Words = 2,
  parameter int BlockWords = -1,
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input logic                   clk,
  input logic                   write_enable,
  input logic [AddressBits-1:0] write_address,
  input logic [      Width-1:0] write_data,
  input logic                   read_enable,
  input logic [AddressBits-1:0] read_address
);
  (* anyconst *) logic [AddressBits-1:0] watched;
  (* keep *) logic [Words-1:0][Width-1:0] words;  // the memory's content
  logic [Width-1:0] read_data;

  hearth_ram #(
    .Width(Width),
    .Words(Words),
    .BlockWords(BlockWords)
  ) dut (
    .clk,
    .write_enable,
    .write_address,
    .write_data,
    .read_enable,
    .read_address,
    .read_data
  );

  // Reference: the word written last, and the one that was read last.
  logic written_q = 1'b0;
  logic answered_q = 1'b0;
  logic [Width-1:0] word_q, answer_q;

  always_ff @(posedge clk) begin
    if (write_enable && write_address == watched) begin
      written_q <= 1'b1;
      word_q <= write_data;
    end
    if (read_enable) begin
      answered_q <= written_q && read_address == watched
                    && !(write_enable && write_address == watched);
      answer_q <= word_q;
    end
  end

  always_comb begin
    assume (32'(watched) < Words && 32'(write_address) < Words && 32'(read_address) < Words);
    assert (!answered_q || read_data == answer_q);
`ifndef HEARTH_PROPERTIES_ONLY
    assert (!written_q || words[watched] == word_q);  // strengthening
`endif
  end
endmodule
