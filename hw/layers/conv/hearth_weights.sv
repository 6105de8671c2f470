// Weights of a convolution behind one address, with one cycle of latency.
//
// One ROM holds them all; where the codes of an expand stage's two parts have different widths, the
// 1x1 part has a ROM of its own (CentreWords > 0) and `data` is {centre word, window word}: both
// are read at every address, and the lanes know which part a step belongs to (decode.x). On the
// load chain the centre's comes first.
module hearth_weights #(
  parameter int unsigned Width = 8,        // bits per word
  parameter int unsigned Words = 2,
  parameter File = "",
  parameter int unsigned CentreWidth = 0,
  parameter int unsigned CentreWords = 0,  // none: one ROM for all weights
  parameter CentreFile = "",
  parameter int unsigned AddressBits = 1,
  parameter int BlockWords = -1,           // as in hw/memory/hearth_rom.sv
  parameter int CentreBlockWords = -1
) (
  input  logic                         clk,
  input  logic [      AddressBits-1:0] address,
  output logic [CentreWidth+Width-1:0] data,
  input  hearth_load_pkg::load_t       load_i,
  output hearth_load_pkg::load_t       load_o
);
  localparam int unsigned OwnBits = (Words > 1) ? $clog2(Words) : 1;
  localparam int unsigned CentreBits = (CentreWords > 1) ? $clog2(CentreWords) : 1;

  if (AddressBits < OwnBits || AddressBits < CentreBits) begin : gen_short
    $error("%m: AddressBits cannot address %0d and %0d words", Words, CentreWords);
  end

  hearth_load_pkg::load_t load;

  if (CentreWords > 0) begin : gen_centre
    hearth_rom #(
      .Width(CentreWidth), .Words(CentreWords), .File(CentreFile),
      .BlockWords(CentreBlockWords)
    ) u_centre (
      .clk, .enable(1'b1), .address(address[CentreBits-1:0]),
      .data(data[CentreWidth+Width-1:Width]), .load_i, .load_o(load)
    );
  end else begin : gen_shared
    assign load = load_i;
  end

  hearth_rom #(
    .Width(Width), .Words(Words), .File(File), .BlockWords(BlockWords)
  ) u_window (
    .clk, .enable(1'b1), .address(address[OwnBits-1:0]), .data(data[Width-1:0]),
    .load_i(load), .load_o
  );
endmodule
