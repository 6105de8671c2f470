// One ROM's place in the load chain: takes the bytes that are the ROM's and passes the later ones
// on.
//
//   load   hearth_load_pkg::load_t  a register per ROM; no handshake, a byte may come any cycle
//
// `start` empties every place in the chain. Then each ROM in turn takes Words words, lowest byte
// first, each padded to whole bytes, and writes them to the bank that is not read. So the chain
// needs no addresses: an update is all ROM images one after another. `bank` says which bank is
// read; it travels down the chain, a cycle per ROM, and must change only while the network is
// empty.
module hearth_rom_loader #(
  parameter int unsigned Width = 8,
  parameter int unsigned Words = 2,
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  hearth_load_pkg::load_t load_i,
  output hearth_load_pkg::load_t load_o,
  output logic                   bank,
  output logic                   write_enable,
  output logic [AddressBits-1:0] write_address,
  output logic [      Width-1:0] write_data
);
  localparam int unsigned Bytes = (Width + 7) / 8;
  localparam int unsigned ByteBits = (Bytes > 1) ? $clog2(Bytes) : 1;

  logic take, word_done;
  logic [8*Bytes-1:0] word_q;
  logic [ByteBits-1:0] byte_q;
  logic [AddressBits-1:0] address_q;  // of the word that is being received
  logic full_q;                       // every word has been received

  assign take = load_i.valid && !full_q;
  assign word_done = take && byte_q == ByteBits'(Bytes - 1);
  assign write_data = word_q[Width-1:0];

  // No reset reaches the chain: an FPGA's flip-flops start with what is written here.
  initial {bank, load_o, write_enable} = '0;
  always_ff @(posedge clk) begin
    bank <= load_i.bank;
    load_o <= {load_i.bank, load_i.start, load_i.valid && full_q, load_i.value};
    write_enable <= word_done;
    write_address <= address_q;
    if (take) begin
      word_q <= (8 * Bytes)'({load_i.value, word_q} >> 8);
      byte_q <= word_done ? '0 : byte_q + 1'b1;
    end
    if (word_done) begin
      address_q <= address_q + 1'b1;
      full_q <= address_q == AddressBits'(Words - 1);
    end
    if (load_i.start) begin
      byte_q <= '0;
      address_q <= '0;
      full_q <= 1'b0;
    end
  end
endmodule
